select
    source_name,
    feed,
    newest_period,
    expected_period,
    due_date,
    is_late
from landing.feeds
