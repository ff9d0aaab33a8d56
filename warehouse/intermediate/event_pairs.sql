with

parameters as (

    select * from intermediate.rule_parameters

),

policies as (

    select * from intermediate.policies

),

policy_buyers as (

    select * from intermediate.policy_buyers

),

events as (

    select
        event_facts.*,
        -- The order in time as one number, events of one day by their own: one comparison joins much faster than two.
        ((event_facts.visit_start - date '1970-01-01')::hugeint << 63) + event_facts.event_number as place_in_time,
        (event_facts.visit_start + to_months(parameters.horizon_months))::date as horizon_end,
        (event_facts.visit_start + to_months(parameters.followup_months))::date as followup_end,
        event_facts.holds_to - parameters.renewal_days::integer as renewal_from,
        event_facts.worker_count_min * (1 - parameters.worker_change_share) as worker_count_low,
        event_facts.worker_count_min * (1 + parameters.worker_change_share) as worker_count_high,
        parameters.coverage_share * bit_count(
            event_facts.law_topics | event_facts.standard_topics | event_facts.above_topics
        ) as needed_topic_count,
        policy_buyers.party as policy_party
    from marts.event_facts as event_facts
    cross join parameters
    left join policy_buyers
        on
            event_facts.party = policy_buyers.party
            and event_facts.visit_start >= policy_buyers.in_force_from
            and event_facts.visit_start <= policy_buyers.in_force_to

)

select
    earlier.event_id as event_id_a,
    later.event_id as event_id_b,
    earlier.site_id,
    earlier.event_number as event_number_a,
    later.event_number as event_number_b,
    later.visit_start - earlier.visit_start as gap_days,
    earlier.party <> later.party as is_other_commissioner,
    coalesce(later.visit_start <= earlier.holds_to, false) as is_within_validity,
    'pilot' in (earlier.audit_kind, later.audit_kind) as is_pilot,
    earlier.is_visit_dated and later.is_visit_dated and later.visit_start <= earlier.visit_end as is_joint,
    later.audit_kind = 'complaint' as is_complaint,
    earlier.programme = later.programme
    and coalesce(earlier.firm = later.firm, true)
    and (
        earlier.audit_kind in ('certification_stage', 'surveillance')
        or later.audit_kind in ('certification_stage', 'surveillance')
    ) as is_certification,
    later.audit_kind in ('followup_partial', 'desktop') and later.visit_start <= earlier.followup_end as is_followup,
    earlier.programme = later.programme
    and (
        later.audit_kind = 'recertification'
        or earlier.is_never_valid
        or coalesce(later.visit_start >= earlier.renewal_from, false)
    ) as is_renewal,
    earlier.is_shareable,
    -- One bit for each reason why the earlier audit would not have done: intermediate.reason_sets.
    case
        when later.worker_count_min < earlier.worker_count_low then 1
        when later.worker_count_min > earlier.worker_count_high then 1
        else 0
    end
    | case
        when later.visit_start > earlier.visit_end + to_months(policies.max_age_months) then 2
        when later.visit_start <= earlier.holds_to then 0
        else 2
    end
    | case
        when earlier.is_failing then 4
        when earlier.grade_rank > policies.worst_grade_rank then 4
        else 0
    end
    | case
        when
            earlier.is_full
            and bit_count(later.law_topics & (earlier.law_topics | earlier.standard_topics | earlier.above_topics))
            + bit_count(later.standard_topics & (earlier.standard_topics | earlier.above_topics))
            + bit_count(later.above_topics & earlier.above_topics) >= later.needed_topic_count then 0
        else 8
    end
    | case
        when earlier.notice_rank < policies.notice_rank then 16
        else 0
    end
    | case
        when earlier.auditor_party = 1 then 32
        when later.policy_party is null then 0
        when policies.party is null then 32
        when policies.is_body_required and coalesce(earlier.auditor_party <> 3, true) then 32
        else 0
    end as reason_mask,
    earlier.event_probability * later.event_probability as pair_probability,
    later.auditor_days_low,
    later.auditor_days_central,
    later.auditor_days_high,
    greatest(earlier.visibility_rank, later.visibility_rank) as visibility_rank
from events as earlier
inner join events as later
    on
        earlier.site_id = later.site_id
        and earlier.horizon_end >= later.visit_start
        and earlier.place_in_time < later.place_in_time
left join policies
    on
        later.policy_party = policies.party
        and earlier.scheme = policies.scheme
        and later.visit_start >= policies.in_force_from
        and later.visit_start <= policies.in_force_to
