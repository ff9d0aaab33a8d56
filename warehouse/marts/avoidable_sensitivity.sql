with

parameters as (

    select * from intermediate.rule_parameters

),

pair_rules as (

    select * from intermediate.pair_rules

),

windows as (

    select unnest(sensitivity_months) as window_months
    from parameters

),

thresholds as (

    select unnest(sensitivity_thresholds) as match_threshold
    from parameters

),

-- Repeats that nothing but age stands against, as if every result held as long as the window.
repeats as (

    select
        pairs.event_id_b,
        pairs.pair_probability,
        later.visit_start,
        later.auditor_days_low,
        later.auditor_days,
        later.auditor_days_high,
        earlier.visit_end as earlier_visit_end
    from marts.audit_pairs as pairs
    inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
    inner join marts.audit_events as earlier on pairs.event_id_a = earlier.event_id
    inner join marts.audit_events as later on pairs.event_id_b = later.event_id
    where
        classes.is_avoidable
        or (classes.has_reason and pairs.is_other_commissioner and pairs.reasons = ['outdated'])

),

-- A repeat that is sure enough makes its audit avoidable, so the surest one within the window decides.
surest as (

    select
        windows.window_months,
        repeats.event_id_b as event_id,
        max(repeats.pair_probability) as pair_probability,
        any_value(repeats.auditor_days_low) as auditor_days_low,
        any_value(repeats.auditor_days) as auditor_days,
        any_value(repeats.auditor_days_high) as auditor_days_high
    from repeats
    inner join windows on repeats.visit_start <= repeats.earlier_visit_end + to_months(windows.window_months)
    group by windows.window_months, repeats.event_id_b

),

avoidable as (

    select
        surest.window_months,
        thresholds.match_threshold,
        surest.event_id,
        surest.auditor_days_low,
        surest.auditor_days,
        surest.auditor_days_high
    from surest
    inner join thresholds on surest.pair_probability >= thresholds.match_threshold

),

version as (

    select any_value(rule_version) as rule_version
    from pair_rules
    where is_avoidable

)

select
    windows.window_months,
    thresholds.match_threshold,
    any_value(version.rule_version) as rule_version,
    count(avoidable.event_id) as avoidable_audit_count,
    coalesce(sum(avoidable.auditor_days_low), 0) as auditor_days_low,
    coalesce(sum(avoidable.auditor_days), 0) as auditor_days_central,
    coalesce(sum(avoidable.auditor_days_high), 0) as auditor_days_high
from windows
cross join thresholds
cross join version
left join avoidable
    on windows.window_months = avoidable.window_months and thresholds.match_threshold = avoidable.match_threshold
group by windows.window_months, thresholds.match_threshold
