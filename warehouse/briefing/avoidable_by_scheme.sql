select
    events.scheme,
    count(*) as audit_count,
    count(distinct counted.site_id) as site_count,
    count_if(counted.is_avoidable)::bigint as avoidable_count,
    count_if(counted.avoidable_now)::bigint as avoidable_now_count,
    sum(counted.auditor_days_low) filter (where counted.is_avoidable) as days_low,
    sum(counted.auditor_days) filter (where counted.is_avoidable) as days_central,
    sum(counted.auditor_days_high) filter (where counted.is_avoidable) as days_high
from marts.audits_in_totals as counted
inner join marts.audit_events as events on counted.event_id = events.event_id
where
    ($country::varchar is null or counted.country_code = $country)
    and ($from_date::date is null or counted.visit_start >= $from_date)
    and ($to_date::date is null or counted.visit_start <= $to_date)
    and ($organisations is null or list_contains($organisations, lower(trim(counted.commissioner))))
group by events.scheme
order by avoidable_count desc, audit_count desc, events.scheme asc
