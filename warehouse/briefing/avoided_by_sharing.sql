select
    count(*) as audit_count,
    count_if(events.avoided_count > 0)::bigint as shared_audit_count,
    coalesce(sum(events.avoided_count), 0)::bigint as avoided_count
from marts.audits_in_totals as counted
inner join marts.audit_events as events on counted.event_id = events.event_id
where
    ($country::varchar is null or counted.country_code = $country)
    and ($from_date::date is null or counted.visit_start >= $from_date)
    and ($to_date::date is null or counted.visit_start <= $to_date)
