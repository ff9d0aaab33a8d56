-- The site: how the most open of the shown records calls it.
select
    site_name,
    site_name_native,
    site_address,
    city_name,
    region_name,
    postal_code,
    country_code,
    is_closed,
    record_count
from marts.sites
where site_id = $site
