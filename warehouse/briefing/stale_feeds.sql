select
    source_title,
    feed,
    last_landed_file_name,
    stale_reason,
    rows_refused_count
from marts.source_freshness
where is_stale
order by source_title, feed
