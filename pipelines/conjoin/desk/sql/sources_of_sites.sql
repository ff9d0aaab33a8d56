-- One row per site and source that delivered a record of it.
select distinct
    site_id,
    source_name
from marts.site_records_at_sites
where list_contains($sites::varchar[], site_id)
