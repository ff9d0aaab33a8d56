with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

planned_facts as (

    select * from intermediate.planned_facts

),

events as (

    select
        event_facts.*,
        event_facts.worker_count_min * (1 - parameters.worker_change_share) as worker_count_low,
        event_facts.worker_count_max * (1 + parameters.worker_change_share) as worker_count_high
    from marts.event_facts as event_facts
    cross join parameters

),

policies as (

    select * from intermediate.policies

),

reason_sets as (

    select * from intermediate.reason_sets

),

visibilities as (

    select * from vocabulary.visibility

),

-- Every audit of another orderer that may still hold in the planned month, with what stands against it.
compared as (

    select
        later.record_id,
        earlier.event_id,
        earlier.visit_start,
        earlier.event_number,
        -- rules: reason_mask
        case
            -- site_changed, version 1. Workers changed by more than the share, whatever number of a band is the
            -- true one, or a unit that the earlier one does not name.
            when later.worker_count_max < earlier.worker_count_low then 1
            when later.worker_count_min > earlier.worker_count_high then 1
            when not list_has_all(earlier.site_units, later.site_units) then 1
            else 0
        end
        | case
            -- outdated, version 1. Validity has ended, or the scheme gives none, or the report is older than the
            -- orderer's policy allows.
            when later.visit_start > earlier.holds_to then 2
            when earlier.is_without_window then 2
            when later.visit_start > earlier.visit_end + to_months(policies.max_age_months) then 2
            else 0
        end
        | case
            -- grade_too_low, version 1. A failing grade, a critical finding still open on the day of the later
            -- visit, or less than the policy asks.
            when later.visit_start < earlier.failing_until then 4
            when earlier.grade_rank > policies.worst_grade_rank then 4
            else 0
        end
        | case
            -- scope_missing, version 1. One of the two was no whole audit, or too few of the later topics were
            -- covered with no weaker strength.
            when not earlier.is_whole then 8
            when not later.is_whole then 8
            when
                bit_count(later.law_topics & (earlier.law_topics | earlier.standard_topics | earlier.above_topics))
                + bit_count(later.standard_topics & (earlier.standard_topics | earlier.above_topics))
                + bit_count(later.above_topics & earlier.above_topics) < later.needed_topic_count then 8
            else 0
        end
        | case
            -- announced, version 1. The policy asks for less notice than the earlier audit gave, or than is known.
            when earlier.notice_rank < policies.notice_rank then 16
            else 0
        end
        | case
            -- unaccredited, version 1. The facility's own audit, a scheme that none of the orderer's policies
            -- names, or not the body that its policy asks for.
            when earlier.auditor_party = 1 then 32
            when later.policy_party is not null and policies.party is null then 32
            when policies.is_body_required and coalesce(earlier.auditor_party <> 3, true) then 32
            else 0
        end as reason_mask,
        -- rules: end
        build_date.as_of_date
    from planned_facts as later
    cross join build_date
    inner join events as earlier
        on
            later.site_id = earlier.site_id
            and later.visit_start <= earlier.holds_to
            and coalesce(later.party <> earlier.party, true)
            and not coalesce(list_contains(earlier.joint_parties, later.party), false)
    left join policies
        on
            later.policy_party = policies.party
            and earlier.scheme = policies.scheme
            and earlier.policy_version = policies.scheme_version
            and later.visit_start >= policies.in_force_from
            and later.visit_start <= policies.in_force_to

),

-- What the buyer would accept goes first, then the newest.
covering as (

    select
        record_id,
        count(*) as valid_event_count,
        count_if(reason_mask = 0)::bigint as accepted_event_count,
        arg_max(
            event_id, { 'is_accepted': reason_mask = 0, 'visit_start': visit_start, 'event_number': event_number }
        ) as event_id,
        arg_max(
            reason_mask, { 'is_accepted': reason_mask = 0, 'visit_start': visit_start, 'event_number': event_number }
        ) as reason_mask
    from compared
    group by record_id

),

sharing as (

    select
        one.record_id,
        count(distinct other.party) as other_planner_count
    from planned_facts as one
    inner join planned_facts as other
        on one.site_id = other.site_id and one.visit_month = other.visit_month and one.party <> other.party
    group by one.record_id

)

select
    planned.record_id,
    planned.site_id,
    planned.visit_month,
    planned.scheme,
    planned.commissioner,
    planned.source_name,
    coalesce(covering.valid_event_count, 0) as valid_event_count,
    coalesce(covering.accepted_event_count, 0) as accepted_event_count,
    covering.event_id as covering_event_id,
    events.scheme as covering_scheme,
    events.holds_to as covering_valid_to,
    reason_sets.reason as first_obstacle,
    planned.policy_party is not null as is_policy_known,
    coalesce(sharing.other_planner_count, 0) as other_planner_count,
    planned.match_probability,
    visibilities.code as visibility
from planned_facts as planned
left join covering on planned.record_id = covering.record_id
left join events on covering.event_id = events.event_id
left join reason_sets on covering.reason_mask = reason_sets.reason_mask
left join sharing on planned.record_id = sharing.record_id
left join visibilities on greatest(planned.visibility_rank, events.visibility_rank) = visibilities.rank
