select
    load_id,
    rejection_number,
    source_name,
    feed,
    file_name,
    sheet_name,
    line_number,
    column_name,
    value,
    reason,
    advice,
    visibility
from staging.rejected_rows
