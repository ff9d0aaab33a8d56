select
    source_title,
    source_name,
    feed,
    schedule,
    last_landed_at::date as last_landed_on,
    due_date,
    stale_reason,
    refused_file_count,
    case
        when last_landed_at is null and refused_file_count = 0 then 'never'
        -- A pack tells that others delivered, not which feeds, nor when they were due.
        when feed = 'none' then 'not_told'
        when refused_file_count > 0 then 'refused'
        when is_late then 'late'
        else 'in_time'
    end as delivery_state
from marts.source_freshness
order by source_title, source_name, feed
