with

thresholds as (

    select unnest([0.0, 0.8, 0.9, 0.95]::double[]) as match_threshold

),

avoidable as (

    select
        pairs.event_id_b,
        max(pairs.pair_probability) as pair_probability
    from marts.audit_pairs as pairs
    inner join marts.audit_events as events on pairs.event_id_b = events.event_id
    inner join marts.sites as sites on pairs.site_id = sites.site_id
    where
        pairs.avoidable_if_shared
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)
    group by pairs.event_id_b

)

select
    thresholds.match_threshold,
    count(avoidable.event_id_b) as avoidable_audit_count,
    sum(events.auditor_days_low) as auditor_days_low,
    sum(events.auditor_days) as auditor_days_central,
    sum(events.auditor_days_high) as auditor_days_high
from thresholds
left join avoidable on thresholds.match_threshold <= avoidable.pair_probability
left join marts.audit_events as events on avoidable.event_id_b = events.event_id
group by thresholds.match_threshold
order by thresholds.match_threshold
