select
    country_code,
    sum(record_count)::bigint as record_count,
    count(*) as site_count,
    coalesce(sum(record_count) filter (where source_count > 1), 0)::bigint as record_joined_count
from marts.sites
where $country::varchar is null or country_code = $country
group by country_code
order by record_count desc, country_code asc nulls last
