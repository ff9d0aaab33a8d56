select
    target,
    check_name,
    severity,
    source_name,
    load_id,
    is_passed,
    observed_value,
    expected_value,
    note,
    checked_by
from landing.check_results
