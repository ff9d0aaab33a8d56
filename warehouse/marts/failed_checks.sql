select
    target,
    check_name,
    severity,
    source_name,
    load_id,
    observed_value,
    expected_value,
    note,
    checked_by
from staging.check_results
where not is_passed
