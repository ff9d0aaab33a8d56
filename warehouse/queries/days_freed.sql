select
    sites.country_code,
    count(*) as avoidable_audit_count,
    count_if(events.avoidable_now)::bigint as avoidable_now_count,
    sum(events.auditor_days_low) as auditor_days_low,
    sum(events.auditor_days) as auditor_days_central,
    sum(events.auditor_days_high) as auditor_days_high,
    100.0 * count_if(events.days_estimated) / count(*) as days_estimated_pct
from marts.audit_events as events
inner join marts.sites as sites on events.site_id = sites.site_id
where
    events.is_avoidable
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or events.visit_start >= $from_date)
    and ($to_date::date is null or events.visit_start <= $to_date)
group by sites.country_code
order by auditor_days_central desc nulls last, sites.country_code asc
