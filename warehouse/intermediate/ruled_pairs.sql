with

pairs as (

    select * from intermediate.visit_pairs

),

case_events as (

    select * from intermediate.case_events

),

parents as (

    select * from intermediate.followup_parents

),

followups as (

    select * from parents
    where is_followup

),

-- A full follow-up that has a parent is a follow-up beside every other audit as well.
full_followups as (

    select
        visit_number,
        max(visibility_rank) as visibility_rank
    from followups
    where is_full_followup
    group by visit_number

),

build_date as (

    select * from intermediate.build_date

)

-- The first rule that holds decides.
select
    pairs.event_id_a,
    pairs.event_id_b,
    pairs.planned_record_id,
    pairs.is_planned,
    pairs.site_id,
    pairs.event_number_a,
    pairs.event_number_b,
    pairs.gap_days,
    pairs.is_orderer_known,
    pairs.is_other_commissioner,
    pairs.is_within_validity,
    pairs.is_later_whole,
    pairs.is_pilot,
    pairs.is_joint,
    pairs.is_complaint,
    pairs.is_body_changed,
    pairs.is_certification,
    pairs.is_followup,
    pairs.is_renewal,
    pairs.is_shareable,
    pairs.reason_mask,
    pairs.days_missing,
    pairs.missing_topics,
    pairs.grade_needed,
    pairs.notice_rank_needed,
    pairs.body_needed,
    pairs.workers_beyond,
    pairs.pair_probability,
    pairs.auditor_days_low,
    pairs.auditor_days_central,
    pairs.auditor_days_high,
    -- Beside every other audit a full follow-up's parent tells, whether it is this audit or a third one.
    greatest(pairs.visibility_rank, parents.visibility_rank, full_followups.visibility_rank) as visibility_rank,
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
        -- certification_cycle, version 2. A stage or surveillance visit beside another visit of the same
        -- scheme, whatever the body: a transfer between bodies is told, not counted.
        when pairs.is_certification then 4
        -- followup, version 2. A partial or desktop follow-up of any earlier audit, a full one of its parent,
        -- or a visit that looks at nothing but open findings of the earlier audit.
        when pairs.is_followup or followups.visit_number is not null then 5
        -- renewal, version 1. The same scheme again, near or after the end of validity, or after a result that
        -- had none.
        when pairs.is_renewal then 6
        -- own_repeat, version 2. The same orderer again while its own result still held, and no follow-up.
        when
            pairs.is_orderer_known
            and not pairs.is_other_commissioner
            and pairs.is_within_validity
            and pairs.is_later_whole
            then 7
        -- followup, version 1. A full follow-up of its parent is spared by no third audit that would have done
        -- otherwise.
        when full_followups.visit_number is not null and pairs.reason_mask = 0 then 8
        -- repeat_avoidable, version 1. Another orderer, and no reason why the earlier audit would not have
        -- done.
        when pairs.is_other_commissioner and pairs.reason_mask = 0 then 9
        -- repeat_justified, version 1. All others, with the reasons.
        when true then 10
    end as rule_number,
    -- rules: end
    case_events.case_visibility_rank
from pairs
cross join build_date
left join case_events on pairs.event_number_b = case_events.event_number
left join followups
    on
        pairs.event_number_b = followups.visit_number
        and pairs.event_number_a = followups.parent_event_number
left join parents
    on
        pairs.event_number_b = parents.visit_number
        and pairs.event_number_a = parents.parent_event_number
left join full_followups on pairs.event_number_b = full_followups.visit_number
