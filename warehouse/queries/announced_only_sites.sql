select
    sites.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    count(*) as audit_count,
    max(events.visit_start) as last_visit_start
from marts.audit_events as events
inner join marts.sites as sites on events.site_id = sites.site_id
where
    events.counts_as_audit
    and events.notice is not null
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or events.visit_start >= $from_date)
    and ($to_date::date is null or events.visit_start <= $to_date)
group by sites.site_id, sites.site_name, sites.is_identity_open, sites.country_code
having bool_and(events.notice = 'announced')
order by audit_count desc, sites.site_id asc
