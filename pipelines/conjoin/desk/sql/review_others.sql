-- One row per other record of the two sites, the nearest in source and name first.
select
    site_id,
    record_id,
    source_name,
    site_name,
    site_address,
    city_name
from marts.site_records_at_sites
where site_id in ($site_left, $site_right) and record_id not in ($left, $right)
order by site_id, source_name, record_id
