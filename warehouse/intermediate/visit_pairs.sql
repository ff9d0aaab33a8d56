with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

policies as (

    select * from intermediate.visit_policies

),

-- Whoever ordered a visit accepts nothing that none of its policies names, as long as any is in force.
policy_buyers as (

    select * from intermediate.policy_buyers

),

earlier_audits as (

    select
        event_facts.*,
        ((event_facts.visit_start - date '1970-01-01')::hugeint << 63) + event_facts.event_number as place_in_time,
        (event_facts.visit_start + to_months(parameters.horizon_months))::date as horizon_end,
        (event_facts.visit_start + to_months(parameters.followup_months))::date as followup_end,
        event_facts.holds_to - parameters.renewal_days::integer as renewal_from,
        event_facts.worker_count_min * (1 - parameters.worker_change_share) as worker_count_low,
        event_facts.worker_count_max * (1 + parameters.worker_change_share) as worker_count_high,
        list_contains(parameters.kinds_of_certification, event_facts.audit_kind) as is_between_certificates
    from marts.event_facts as event_facts
    cross join parameters

),

joint_keys as (

    select distinct policy_key
    from policies
    where policy_key like 'visit %'

),

later_visits as (

    select
        visits.*,
        case
            when len(visits.parties) > 1 then joint_keys.policy_key
            else policy_buyers.party
        end as policy_key
    from intermediate.visits as visits
    left join policy_buyers
        on
            visits.party = policy_buyers.party
            and visits.visit_start >= policy_buyers.in_force_from
            and visits.visit_start <= policy_buyers.in_force_to
    left join joint_keys
        on len(visits.parties) > 1 and 'visit ' || visits.visit_number = joint_keys.policy_key

)

select
    earlier.event_id as event_id_a,
    later.event_id as event_id_b,
    later.planned_record_id,
    later.is_planned,
    earlier.site_id,
    earlier.event_number as event_number_a,
    later.visit_number as event_number_b,
    later.visit_start - earlier.visit_start as gap_days,
    -- rules: facts
    -- is_orderer_known, version 1. It is known of both who ordered them; a facility that orders for itself
    -- is known.
    earlier.is_party_known and later.is_party_known as is_orderer_known,
    -- is_other_commissioner, version 2. Somebody else ordered the later audit, as far as both are known;
    -- of several that ordered together, one in common is enough to be the same.
    case
        when earlier.party = later.party then false
        when not (earlier.is_party_known and later.is_party_known) then false
        when len(earlier.parties) + len(later.parties) = 2 then true
        else not list_has_any(earlier.parties, later.parties)
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
    -- is_body_changed, version 1. Another firm came, in the same programme: of a certification, a transfer
    -- between bodies.
    earlier.programme = later.programme and coalesce(earlier.firm <> later.firm, false) as is_body_changed,
    -- is_certification, version 2. Both belong to one certification, whatever the body: one programme, and
    -- either is a visit between two certificates. A recertification begins a new one.
    earlier.programme = later.programme
    and (earlier.is_between_certificates or later.is_between_certificates)
    and later.audit_kind <> 'recertification' as is_certification,
    -- is_followup, version 1. The later visit looks at corrections only, within the term of the earlier
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
            + bit_count(later.above_topics & earlier.above_topics) < later.needed_topic_count
            then 8
        else 0
    end
    | case
        -- announced, version 1. The policy asks for less notice than the earlier audit gave, or than is known.
        when earlier.notice_rank < policies.notice_rank then 16
        else 0
    end
    | case
        -- unaccredited, version 2. The facility's own audit, a scheme that none of the policies of an orderer
        -- names, or a body that its policy asks for and the register does not name on the day of the audit.
        when earlier.auditor_party = 1 then 32
        when later.policy_key is not null and policies.policy_key is null then 32
        when policies.is_refused_by_one then 32
        when policies.is_accreditation_required and not earlier.is_accredited then 32
        when policies.is_membership_required and not earlier.is_member then 32
        else 0
    end
    | case
        -- orderer_unknown, version 2. Nobody told who ordered one of the two: an unknown orderer is nobody's
        -- duplicate. In a pack so is one whose name is withheld where he ordered the later one, since what he
        -- accepts is withheld with it.
        when not earlier.is_party_known then 64
        when not later.is_party_known then 64
        when later.is_orderer_withheld then 64
        else 0
    end as reason_mask,
    -- rules: end
    -- What would have had to be different, in the terms of each reason.
    greatest(
        later.visit_start
        - least(earlier.holds_to, (earlier.visit_end + to_months(policies.max_age_months))::date),
        0
    ) as days_missing,
    (later.law_topics & ~(earlier.law_topics | earlier.standard_topics | earlier.above_topics))
    | (later.standard_topics & ~(earlier.standard_topics | earlier.above_topics))
    | (later.above_topics & ~earlier.above_topics) as missing_topics,
    case
        when later.visit_start < earlier.failing_until then 'passing'
        when earlier.grade_rank > policies.worst_grade_rank then policies.min_grade
    end as grade_needed,
    if(earlier.notice_rank < policies.notice_rank, policies.notice_rank, null) as notice_rank_needed,
    case
        when earlier.auditor_party = 1 then 'not_the_facility_itself'
        when later.policy_key is not null and (policies.policy_key is null or policies.is_refused_by_one)
            then 'scheme_in_policy'
        when policies.is_accreditation_required and not earlier.is_accredited then 'accredited_body'
        when policies.is_membership_required and not earlier.is_member then 'apsca_member'
    end as body_needed,
    greatest(
        later.worker_count_min - earlier.worker_count_high, earlier.worker_count_low - later.worker_count_max, 0
    ) as workers_beyond,
    earlier.event_probability * later.event_probability as pair_probability,
    later.auditor_days_low,
    later.auditor_days_central,
    later.auditor_days_high,
    greatest(earlier.visibility_rank, later.visibility_rank) as visibility_rank
from earlier_audits as earlier
cross join build_date
inner join later_visits as later
    on
        earlier.site_id = later.site_id
        and earlier.horizon_end >= later.visit_start
        and earlier.place_in_time < later.place_in_time
left join policies
    on
        later.policy_key = policies.policy_key
        and earlier.scheme = policies.scheme
        and earlier.policy_version = policies.scheme_version
        and later.visit_start >= policies.in_force_from
        and later.visit_start <= policies.in_force_to
