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

-- as_ruled: what the rules say. unknown_orderers: as if every unknown orderer were somebody else, the upper bound.
-- named_topics: as if a topic that a record names and its scheme's code does not were asked for by the law alone.
readings as (

    select unnest(['as_ruled', 'unknown_orderers', 'named_topics']) as reading

),

thresholds as (

    select unnest(sensitivity_thresholds) as match_threshold
    from parameters

),

-- Repeats that nothing but age, or an unknown orderer, stands against, as if every result held as long as the window.
standing as (

    select
        pairs.event_id_a,
        pairs.event_id_b,
        pairs.pair_probability,
        coalesce(list_contains(pairs.reasons, 'orderer_unknown'), false) as is_orderer_unknown
    from marts.audit_pairs as pairs
    inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
    where
        classes.is_avoidable
        or (classes.has_reason and pairs.is_other_commissioner and pairs.reasons = ['outdated'])
        or (classes.has_reason and pairs.reasons in (['orderer_unknown'], ['outdated', 'orderer_unknown']))

),

repeats as (

    select
        standing.event_id_b,
        standing.pair_probability,
        standing.is_orderer_unknown,
        coalesce(
            earlier_facts.assumed_topics
            & (later_facts.law_topics | later_facts.standard_topics | later_facts.above_topics) > 0,
            false
        ) as rests_on_named_topics,
        later.visit_start,
        later.auditor_days_low,
        later.auditor_days,
        later.auditor_days_high,
        earlier.visit_end as earlier_visit_end
    from standing
    inner join marts.audit_events as earlier on standing.event_id_a = earlier.event_id
    inner join marts.audit_events as later on standing.event_id_b = later.event_id
    left join marts.event_facts as earlier_facts on standing.event_id_a = earlier_facts.event_id
    left join marts.event_facts as later_facts on standing.event_id_b = later_facts.event_id

),

-- A repeat that is sure enough makes its audit avoidable, so the surest one within the window decides, in each reading.
surest as (

    select
        windows.window_months,
        repeats.event_id_b as event_id,
        [
            { 'reading': 'as_ruled', 'probability': max(repeats.pair_probability) filter (
                where not repeats.is_orderer_unknown
            ) },
            { 'reading': 'unknown_orderers', 'probability': max(repeats.pair_probability) },
            { 'reading': 'named_topics', 'probability': max(repeats.pair_probability) filter (
                where not repeats.is_orderer_unknown and not repeats.rests_on_named_topics
            ) }
        ] as readings,
        any_value(repeats.auditor_days_low) as auditor_days_low,
        any_value(repeats.auditor_days) as auditor_days,
        any_value(repeats.auditor_days_high) as auditor_days_high
    from repeats
    inner join windows on repeats.visit_start <= repeats.earlier_visit_end + to_months(windows.window_months)
    group by windows.window_months, repeats.event_id_b

),

read_so as (

    select
        surest.*,
        unnest(surest.readings) as verdict
    from surest

),

avoidable as (

    select
        read_so.verdict.reading,
        read_so.window_months,
        thresholds.match_threshold,
        read_so.event_id,
        read_so.auditor_days_low,
        read_so.auditor_days,
        read_so.auditor_days_high
    from read_so
    inner join thresholds on read_so.verdict.probability >= thresholds.match_threshold

),

version as (

    select any_value(rule_version) as rule_version
    from pair_rules
    where is_avoidable

)

select
    readings.reading,
    windows.window_months,
    thresholds.match_threshold,
    any_value(version.rule_version) as rule_version,
    count(avoidable.event_id) as avoidable_audit_count,
    coalesce(sum(avoidable.auditor_days_low), 0) as auditor_days_low,
    coalesce(sum(avoidable.auditor_days), 0) as auditor_days_central,
    coalesce(sum(avoidable.auditor_days_high), 0) as auditor_days_high
from readings
cross join windows
cross join thresholds
cross join version
left join avoidable
    on
        readings.reading = avoidable.reading
        and windows.window_months = avoidable.window_months
        and thresholds.match_threshold = avoidable.match_threshold
group by readings.reading, windows.window_months, thresholds.match_threshold
