select coalesce(max(delivered_at)::date, date '1970-01-01') as as_of_date
from staging.loads
