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
        record_id,
        arg_min(done_date, load_rank) as first_done_date
    from deliveries
    group by record_id
    having count(*) > 1

),

judged as (

    select
        deliveries.*,
        recurring.first_done_date,
        coalesce(abs(deliveries.done_date - recurring.first_done_date) > parameters.native_id_days, false) as is_refused
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
