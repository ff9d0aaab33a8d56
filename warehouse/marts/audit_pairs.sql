with

ruled as (

    select
        pairs.*,
        overrides.rule_number as decided_rule_number,
        overrides.reason_mask as decided_reason_mask,
        overrides.reviewer as decided_by
    from intermediate.ruled_pairs as pairs
    left join marts.pair_overrides as overrides
        on pairs.event_number_a = overrides.event_number_a and pairs.event_number_b = overrides.event_number_b
    where not pairs.is_planned

),

pair_rules as (

    select * from intermediate.pair_rules

),

reason_sets as (

    select * from intermediate.reason_sets

),

visibilities as (

    select * from vocabulary.visibility

)

select
    ruled.event_id_a,
    ruled.event_id_b,
    ruled.site_id,
    ruled.gap_days,
    pair_rules.pair_class,
    reason_sets.reason,
    reason_sets.reasons,
    pair_rules.is_avoidable and ruled.is_shareable as avoidable_now,
    pair_rules.is_avoidable as avoidable_if_shared,
    ruled.is_other_commissioner,
    ruled.is_within_validity,
    ruled.is_body_changed,
    -- A reviewer's word goes before the rules.
    if(ruled.decided_by is null, pair_rules.rule_id, 'reviewer') as rule_id,
    pair_rules.rule_version,
    ruled.decided_by,
    ruled.pair_probability,
    if(pair_rules.is_avoidable, ruled.auditor_days_low, 0) as days_saved_low,
    if(pair_rules.is_avoidable, ruled.auditor_days_central, 0) as days_saved_central,
    if(pair_rules.is_avoidable, ruled.auditor_days_high, 0) as days_saved_high,
    visibilities.code as visibility
from ruled
inner join pair_rules on coalesce(ruled.decided_rule_number, ruled.rule_number) = pair_rules.rule_number
left join reason_sets
    on if(pair_rules.has_reason, coalesce(ruled.decided_reason_mask, ruled.reason_mask), 0) = reason_sets.reason_mask
left join visibilities
    on greatest(
        ruled.visibility_rank, if(pair_rules.rests_on_cases, ruled.case_visibility_rank, null)
    ) = visibilities.rank
