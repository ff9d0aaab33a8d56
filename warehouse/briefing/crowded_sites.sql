select
    sites.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    count(*) as record_count,
    count(distinct records.source_name) as source_count,
    count(distinct lower(records.site_name)) as name_count,
    any_value(sites.weakest_link_probability) as weakest_link_probability,
    any_value(sites.visibility) as visibility
from marts.site_records_at_sites as records
inner join marts.sites as sites on records.site_id = sites.site_id
-- A record that only a case brought in would give the case away: marts.sites does not count it either.
where
    records.visibility is distinct from 'restricted_case'
    and ($country::varchar is null or sites.country_code = $country)
group by sites.site_id, sites.site_name, sites.is_identity_open, sites.country_code
having count(distinct lower(records.site_name)) > 3 or count(*) > 2 * count(distinct records.source_name)
order by name_count desc, record_count desc, sites.site_id asc
limit 15
