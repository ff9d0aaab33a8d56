with

parameters as (

    select * from intermediate.rule_parameters

),

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur.
deliveries as (

    select
        audit_records.record_id,
        audit_records.load_id,
        loads.load_rank,
        audit_records.source_name,
        audit_records.line_number,
        audit_records.visibility,
        audit_records.visit_start,
        audit_records.issued_date,
        audit_records.uploaded_date,
        if(
            audit_records.audit_status = 'done',
            coalesce(audit_records.visit_start, audit_records.issued_date, audit_records.uploaded_date),
            null
        ) as done_date
    from landing.audit_records as audit_records
    inner join loads on audit_records.load_id = loads.load_id
    where loads.source_load_count > 1

),

recurring as (

    select
        deliveries.record_id,
        arg_min(
            {
                'visit_start': deliveries.visit_start,
                'issued_date': deliveries.issued_date,
                'uploaded_date': deliveries.uploaded_date,
                'done_date': deliveries.done_date
            },
            deliveries.load_rank
        ) filter (deliveries.done_date is not null) as first_done,
        arg_max(deliveries.visibility, visibilities.rank) as visibility
    from deliveries
    left join vocabulary.visibility as visibilities on deliveries.visibility = visibilities.code
    group by deliveries.record_id
    having count(*) > 1

),

judged as (

    select
        -- What becomes of a row rests on the other files that hold it: the first says which audit its id names.
        deliveries.* replace (recurring.visibility as visibility),
        recurring.first_done.done_date as first_done_date,
        -- Days of one kind are compared: a visit day that comes after the upload was told is news of the same audit.
        coalesce(
            deliveries.done_date is not null
            and abs(coalesce(
                deliveries.visit_start - recurring.first_done.visit_start,
                deliveries.issued_date - recurring.first_done.issued_date,
                deliveries.uploaded_date - recurring.first_done.uploaded_date,
                deliveries.done_date - recurring.first_done.done_date
            )) > parameters.native_id_days, false
        ) as is_refused
    from deliveries
    cross join parameters
    inner join recurring on deliveries.record_id = recurring.record_id

)

select
    record_id,
    load_id,
    load_rank,
    source_name,
    line_number,
    visibility,
    done_date,
    first_done_date,
    is_refused,
    not is_refused and load_rank = max(load_rank) filter (not is_refused) over (partition by record_id) as is_latest,
    arg_max(load_id, load_rank) filter (not is_refused) over (partition by record_id) as latest_load_id
from judged
