select
    'file' as what,
    source_name,
    feed,
    null::varchar as column_name,
    refusal as reason,
    nullif(rows_read_count, 0) as refused_row_count,
    file_name || ', delivered ' || strftime(delivered_at, '%Y-%m-%d') as first_place,
    'deliver it again corrected, or take it back with conjoin withdraw' as advice
from marts.refused_files
union all by name
select
    'rows' as what,
    source_name,
    feed,
    column_name,
    reason,
    count(*) as refused_row_count,
    min(file_name || ', line ' || line_number) as first_place,
    min(advice) as advice
from marts.rejected_rows
group by source_name, feed, column_name, reason
order by what asc, refused_row_count desc nulls last, source_name asc, feed asc, column_name asc, reason asc
