-- One row per site of the list.
select
    site_id,
    site_name,
    site_address,
    city_name,
    country_code
from marts.sites
where list_contains($sites::varchar[], site_id)
