select
    record_id,
    company_name,
    initiative,
    affiliated_from,
    affiliated_to,
    source_name,
    visibility
from staging.affiliations
