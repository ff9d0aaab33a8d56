select
    site_id,
    source_count,
    weakest_link_probability
from marts.sites
where
    record_count > 1
    and ($country::varchar is null or country_code = $country)
order by weakest_link_probability, site_id
