-- One row per value by which sites can be narrowed, with the number of sites that it leaves.
select
    'country' as facet,
    country_code as value,
    count(*) as site_count
from marts.sites
where country_code is not null and record_count > 0
group by country_code
union all
select
    'scheme' as facet,
    scheme as value,
    count(distinct site_id) as site_count
from marts.audit_events
where scheme is not null
group by scheme
union all
select
    'orderer' as facet,
    commissioner as value,
    count(distinct site_id) as site_count
from marts.audit_events
where commissioner is not null
group by commissioner
union all
select
    'class' as facet,
    pair_class as value,
    count(distinct site_id) as site_count
from marts.audit_pairs
group by pair_class
order by facet, site_count desc, value
