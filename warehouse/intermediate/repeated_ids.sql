with

parameters as (

    select * from intermediate.rule_parameters

),

loads as (

    select * from staging.loads

),

records as (

    select
        audit_records.*,
        visibilities.rank as visibility_rank
    from staging.audit_records as audit_records
    left join vocabulary.visibility as visibilities on audit_records.visibility = visibilities.code

),

done as (

    select
        record_id,
        source_name,
        load_id,
        line_number,
        visibility_rank,
        audit_id_source,
        visit_start,
        issued_date,
        uploaded_date,
        coalesce(visit_start, issued_date, uploaded_date) as done_date
    from records
    where audit_status = 'done' and audit_id_source is not null

),

repeated as (

    select
        source_name,
        audit_id_source,
        max(visibility_rank) as visibility_rank
    from done
    group by source_name, audit_id_source
    having count(*) > 1

),

in_order as (

    select
        done.* replace (repeated.visibility_rank as visibility_rank),
        loads.load_rank,
        first_value(done.visit_start) over first_first as first_visit,
        first_value(done.issued_date) over first_first as first_issue,
        first_value(done.uploaded_date) over first_first as first_upload,
        first_value(done.done_date) over first_first as first_done_date
    from done
    inner join repeated
        on done.source_name = repeated.source_name and done.audit_id_source = repeated.audit_id_source
    inner join loads on done.load_id = loads.load_id
    window
        first_first as (
            partition by done.source_name, done.audit_id_source
            order by done.done_date is null, loads.load_rank, done.done_date, done.record_id
            rows between unbounded preceding and unbounded following
        )

),

judged as (

    select
        in_order.*,
        -- Days of one kind are compared: a visit day that comes after the upload was told is news of the same audit.
        coalesce(
            abs(coalesce(
                in_order.visit_start - in_order.first_visit,
                in_order.issued_date - in_order.first_issue,
                in_order.uploaded_date - in_order.first_upload,
                in_order.done_date - in_order.first_done_date
            )) > parameters.native_id_days, false
        ) as is_refused
    from in_order
    cross join parameters

),

newest as (

    select
        source_name,
        audit_id_source,
        max(load_rank) as load_rank,
        arg_max(record_id, { 'load_rank': load_rank, 'record_id': record_id }) as record_id
    from judged
    where not is_refused
    group by source_name, audit_id_source

)

select
    judged.record_id,
    judged.source_name,
    judged.load_id,
    judged.line_number,
    -- What becomes of a row rests on all rows of its id: the first says which audit it names.
    visibilities.code as visibility,
    judged.visibility_rank,
    judged.is_refused,
    -- An older file's row of the same id says what the newest one says again.
    if(not judged.is_refused and judged.load_rank < newest.load_rank, newest.record_id, null) as current_record_id
from judged
inner join newest on judged.source_name = newest.source_name and judged.audit_id_source = newest.audit_id_source
left join vocabulary.visibility as visibilities on judged.visibility_rank = visibilities.rank
