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
        case
            when pairs.is_pilot then 1
            when pairs.is_joint then 2
            when pairs.is_complaint or case_events.event_number is not null then 3
            when pairs.is_certification then 4
            when pairs.is_followup or followup_parents.event_number is not null then 5
            when pairs.is_renewal then 6
            when not pairs.is_other_commissioner and pairs.is_within_validity then 7
            when pairs.reason_mask = 0 then 8
            else 9
        end as rule_number
    from pairs
    left join case_events on pairs.event_number_b = case_events.event_number
    left join followup_parents
        on
            pairs.event_number_b = followup_parents.event_number
            and pairs.event_number_a = followup_parents.parent_event_number

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
    ruled.is_other_commissioner,
    ruled.is_within_validity,
    pair_rules.rule_id,
    pair_rules.rule_version,
    ruled.pair_probability,
    if(pair_rules.is_avoidable, ruled.auditor_days_low, 0) as days_saved_low,
    if(pair_rules.is_avoidable, ruled.auditor_days_central, 0) as days_saved_central,
    if(pair_rules.is_avoidable, ruled.auditor_days_high, 0) as days_saved_high,
    visibilities.code as visibility
from ruled
inner join pair_rules on ruled.rule_number = pair_rules.rule_number
left join reason_sets on if(pair_rules.has_reason, ruled.reason_mask, 0) = reason_sets.reason_mask
left join visibilities
    on greatest(
        ruled.visibility_rank, if(pair_rules.rests_on_cases, ruled.case_visibility_rank, null)
    ) = visibilities.rank
