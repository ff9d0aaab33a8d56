with

-- The same id in another file, or twice under one source.
refused as (

    select
        record_id,
        load_id,
        line_number,
        source_name,
        visibility
    from staging.audit_deliveries
    where is_refused
    union all by name
    select
        record_id,
        load_id,
        line_number,
        source_name,
        visibility
    from intermediate.repeated_ids
    where is_refused

)

select
    record_id,
    load_id,
    line_number,
    source_name,
    'native_id_used_again' as reason,
    visibility
from refused
