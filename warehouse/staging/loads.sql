select
    load_id,
    source_name,
    feed,
    file_name,
    content_hash,
    byte_count,
    period,
    delivered_at,
    load_status,
    is_current,
    refusal,
    rows_read_count,
    rows_accepted_count,
    rows_refused_count,
    rows_repeated_count,
    rows_skipped_count,
    row_number() over (order by period nulls first, delivered_at, load_id) as load_rank
from landing.loads
