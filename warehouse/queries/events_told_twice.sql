select
    one.source_name as source_name_a,
    other.source_name as source_name_b,
    other.rule_id,
    count(distinct one.event_id) as event_count,
    count_if(events.conflicting_columns is not null)::bigint as conflicting_event_count
from marts.audit_event_records as one
inner join marts.audit_event_records as other
    on one.event_id = other.event_id and one.record_id <> other.record_id and not other.is_best_dated
inner join marts.audit_events as events on one.event_id = events.event_id
inner join marts.sites as sites on events.site_id = sites.site_id
where
    one.is_best_dated
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or events.visit_start >= $from_date)
    and ($to_date::date is null or events.visit_start <= $to_date)
group by all
order by event_count desc, source_name_a asc, source_name_b asc, other.rule_id asc
