-- One row per record of the two.
select
    record_id,
    site_id,
    source_name,
    site_name,
    site_name_native,
    site_address,
    city_name,
    region_name,
    postal_code,
    country_code,
    latitude,
    longitude,
    worker_count_min,
    worker_count_max,
    parent_name,
    facility_type,
    as_of_date,
    visibility
from marts.site_records_at_sites
where record_id in ($left, $right)
