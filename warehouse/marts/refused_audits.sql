select
    record_id,
    load_id,
    line_number,
    source_name,
    'native_id_used_again' as reason
from staging.audit_deliveries
where is_refused
union all by name
select
    record_id,
    load_id,
    line_number,
    source_name,
    'native_id_used_again' as reason
from intermediate.repeated_ids
where is_refused
