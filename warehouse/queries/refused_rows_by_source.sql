select
    source_name,
    feed,
    column_name,
    reason,
    count(*) as refused_row_count,
    min(file_name || ', line ' || line_number) as first_place,
    min(advice) as advice
from marts.rejected_rows
group by source_name, feed, column_name, reason
order by refused_row_count desc, source_name asc, feed asc, column_name asc, reason asc
