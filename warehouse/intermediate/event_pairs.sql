with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

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
        event_facts.worker_count_max * (1 + parameters.worker_change_share) as worker_count_high,
        parameters.coverage_share * bit_count(
            event_facts.law_topics | event_facts.standard_topics | event_facts.above_topics
        ) as needed_topic_count,
        list_contains(parameters.kinds_of_certification, event_facts.audit_kind) as is_between_certificates,
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
    -- rules: facts
    -- is_other_commissioner, version 1. Somebody else ordered the later audit; of several that ordered
    -- together, one in common is enough to be the same.
    case
        when earlier.party = later.party then false
        when earlier.joint_parties is null and later.joint_parties is null then true
        else not list_has_any(
            coalesce(earlier.joint_parties, [earlier.party]), coalesce(later.joint_parties, [later.party])
        )
    end as is_other_commissioner,
    -- is_within_validity, version 1. The later visit began while the result of the earlier audit still
    -- held.
    coalesce(later.visit_start <= earlier.holds_to, false) as is_within_validity,
    -- is_later_whole, version 1. The later audit looked at all that its scheme asks.
    later.is_whole as is_later_whole,
    -- is_pilot, version 1. One of the two is a pilot.
    'pilot' in (earlier.audit_kind, later.audit_kind) as is_pilot,
    -- is_joint, version 1. Both are dated by their visit, the days overlap, and the firm, the programme or
    -- the orderer is another.
    earlier.is_visit_dated
    and later.is_visit_dated
    and later.visit_start <= earlier.visit_end
    and (
        coalesce(earlier.firm <> later.firm, false)
        or earlier.programme <> later.programme
        or earlier.party <> later.party
    ) as is_joint,
    -- is_complaint, version 1. The later audit investigates a complaint.
    later.audit_kind = 'complaint' as is_complaint,
    -- is_certification, version 1. Both belong to one certification: one programme and, where known, one
    -- firm, and either is a visit between two certificates. A recertification begins a new one.
    earlier.programme = later.programme
    and coalesce(earlier.firm = later.firm, true)
    and (earlier.is_between_certificates or later.is_between_certificates)
    and later.audit_kind <> 'recertification' as is_certification,
    -- is_followup, version 1. The later audit looks at corrections only, within the term of the earlier
    -- one's follow-up.
    later.audit_kind in ('followup_partial', 'desktop') and later.visit_start <= earlier.followup_end as is_followup,
    -- is_renewal, version 1. The same programme as a whole again: a recertification, a result that never
    -- held, or near the end of validity.
    earlier.programme = later.programme
    and later.is_whole
    and (
        later.audit_kind = 'recertification'
        or earlier.is_never_valid
        or coalesce(later.visit_start >= earlier.renewal_from, false)
    ) as is_renewal,
    -- rules: end
    earlier.is_shareable,
    -- One bit for each reason why the earlier audit would not have done: intermediate.reason_sets.
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
    earlier.event_probability * later.event_probability as pair_probability,
    later.auditor_days_low,
    later.auditor_days_central,
    later.auditor_days_high,
    greatest(earlier.visibility_rank, later.visibility_rank) as visibility_rank
from events as earlier
cross join build_date
inner join events as later
    on
        earlier.site_id = later.site_id
        and earlier.horizon_end >= later.visit_start
        and earlier.place_in_time < later.place_in_time
left join policies
    on
        later.policy_party = policies.party
        and earlier.scheme = policies.scheme
        and earlier.policy_version = policies.scheme_version
        and later.visit_start >= policies.in_force_from
        and later.visit_start <= policies.in_force_to
