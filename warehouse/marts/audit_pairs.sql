with

pairs as (

    select * from intermediate.event_pairs

),

case_events as (

    select * from intermediate.case_events

),

followup_parents as (

    select * from intermediate.followup_parents

),

overrides as (

    select * from marts.pair_overrides

),

build_date as (

    select * from intermediate.build_date

),

pair_rules as (

    select * from intermediate.pair_rules

),

reason_sets as (

    select * from intermediate.reason_sets

),

visibilities as (

    select * from vocabulary.visibility

),

-- The first rule that holds decides.
ruled as (

    select
        pairs.*,
        case_events.case_visibility_rank,
        -- rules: classes
        case
            -- pilot, version 1. Either audit is a pilot. Pilots are listed and left out of totals.
            when pairs.is_pilot then 1
            -- joint_visit, version 1. Visit days overlap, with different audit bodies or separate reports of
            -- different schemes or orderers.
            when pairs.is_joint then 2
            -- complaint_triggered, version 1. The later audit investigates a complaint, or a case shortly before
            -- it shares a topic. Never avoidable.
            when pairs.is_complaint or case_events.event_number is not null then 3
            -- certification_cycle, version 1. A stage or surveillance visit beside another visit of the same
            -- scheme and certification body.
            when pairs.is_certification then 4
            -- followup, version 1. A partial or desktop follow-up of any earlier audit, or a full one of its
            -- parent.
            when pairs.is_followup or followup_parents.event_number is not null then 5
            -- renewal, version 1. The same scheme again, near or after the end of validity, or after a result that
            -- had none.
            when pairs.is_renewal then 6
            -- own_repeat, version 1. The same orderer again while its own result still held, and no follow-up.
            when not pairs.is_other_commissioner and pairs.is_within_validity and pairs.is_later_whole then 7
            -- repeat_avoidable, version 1. Another orderer, and no reason why the earlier audit would not have
            -- done.
            when pairs.is_other_commissioner and pairs.reason_mask = 0 then 8
            -- repeat_justified, version 1. All others, with the reasons.
            when true then 9
        end as rule_number,
        -- rules: end
        overrides.rule_number as decided_rule_number,
        overrides.reason_mask as decided_reason_mask,
        overrides.reviewer as decided_by
    from pairs
    cross join build_date
    left join case_events on pairs.event_number_b = case_events.event_number
    left join followup_parents
        on
            pairs.event_number_b = followup_parents.event_number
            and pairs.event_number_a = followup_parents.parent_event_number
    left join overrides
        on pairs.event_number_a = overrides.event_number_a and pairs.event_number_b = overrides.event_number_b

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
