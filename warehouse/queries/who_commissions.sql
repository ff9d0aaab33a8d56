select
    coalesce(events.commissioner_type, 'unknown') as commissioner_type,
    count(*) as audit_count,
    count_if(events.is_avoidable)::bigint as avoidable_audit_count,
    100.0 * count(*) / sum(count(*)) over () as share_pct
from marts.audit_events as events
inner join marts.sites as sites on events.site_id = sites.site_id
where
    events.counts_as_audit
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or events.visit_start >= $from_date)
    and ($to_date::date is null or events.visit_start <= $to_date)
group by coalesce(events.commissioner_type, 'unknown')
order by audit_count desc, commissioner_type asc
