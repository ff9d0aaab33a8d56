-- One row per record of the two sites. (Two comparisons, since a list of two costs DuckDB twice as much.)
select
    site_id,
    record_id,
    source_name,
    site_name,
    site_address,
    city_name
from marts.site_records_at_sites
where site_id = $site_left or site_id = $site_right
order by site_id, source_name, record_id
