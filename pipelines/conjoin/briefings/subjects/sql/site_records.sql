-- One row per record of the site.
select
    record_id,
    source_name,
    site_name,
    site_name_native,
    site_address,
    city_name,
    postal_code,
    country_code,
    latitude,
    longitude,
    match_method,
    match_probability,
    as_of_date,
    visibility
from marts.site_records_at_sites
where
    site_id = $site
    and not list_contains($closed::varchar[], visibility)
order by source_name, record_id
