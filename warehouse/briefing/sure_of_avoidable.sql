with

thresholds as (

    select unnest(rules.sensitivity_thresholds) as match_threshold
    from intermediate.rule_parameters as rules

),

avoidable as (

    select
        counted.event_id,
        any_value(counted.auditor_days) as auditor_days,
        max(pairs.pair_probability) as pair_probability
    from marts.audits_in_totals as counted
    inner join marts.audit_pairs as pairs on counted.event_id = pairs.event_id_b
    where
        counted.is_avoidable
        and pairs.avoidable_if_shared
        and ($country::varchar is null or counted.country_code = $country)
        and ($from_date::date is null or counted.visit_start >= $from_date)
        and ($to_date::date is null or counted.visit_start <= $to_date)
    group by counted.event_id

)

select
    thresholds.match_threshold,
    count(avoidable.event_id) as avoidable_audit_count,
    sum(avoidable.auditor_days) as auditor_days_central
from thresholds
left join avoidable on thresholds.match_threshold <= avoidable.pair_probability
group by thresholds.match_threshold
order by thresholds.match_threshold
