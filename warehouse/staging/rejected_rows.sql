select
    load_id,
    source_name,
    feed,
    file_name,
    sheet_name,
    line_number,
    column_name,
    value,
    reason,
    advice,
    visibility,
    row_number() over (
        partition by load_id order by sheet_name, line_number, column_name, reason, value, advice
    ) as rejection_number
from landing.rejected_rows
