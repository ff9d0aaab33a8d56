select max(delivered_at)::date as as_of_date
from staging.loads
