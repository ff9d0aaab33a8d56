select
    sites.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    count(*) as audit_count,
    count(distinct lower(events.commissioner)) as commissioner_count,
    count_if(events.is_avoidable)::bigint as avoidable_audit_count,
    sum(events.auditor_days) as auditor_days,
    max(events.visit_start) as last_visit_start
from marts.audit_events as events
inner join marts.sites as sites on events.site_id = sites.site_id
where
    events.counts_as_audit
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or events.visit_start >= $from_date)
    and ($to_date::date is null or events.visit_start <= $to_date)
group by sites.site_id, sites.site_name, sites.is_identity_open, sites.country_code
order by audit_count desc, auditor_days desc nulls last, sites.site_id asc
