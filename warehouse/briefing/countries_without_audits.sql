select
    country_code,
    count(*) as site_count,
    sum(buyer_count)::bigint as buyer_link_count
from marts.sites
where $country::varchar is null or country_code = $country
group by country_code
having sum(audit_count) = 0
order by site_count desc, country_code asc nulls last
