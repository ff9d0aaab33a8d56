with

visits as (

    select
        visit_number,
        visit_start,
        parties
    from intermediate.visits

),

policies as (

    select * from intermediate.policies

),

policy_buyers as (

    select * from intermediate.policy_buyers

),

-- Visits that one organisation ordered look up its policies; only those of several need a policy of their own.
orderers as (

    select
        visit_number,
        visit_start,
        unnest(parties) as party
    from visits
    where len(parties) > 1

),

with_policies as (

    select
        orderers.visit_number,
        orderers.visit_start,
        orderers.party,
        count(*) over (partition by orderers.visit_number) as party_count
    from orderers
    inner join policy_buyers
        on
            orderers.party = policy_buyers.party
            and orderers.visit_start >= policy_buyers.in_force_from
            and orderers.visit_start <= policy_buyers.in_force_to

)

select
    party as policy_key,
    scheme,
    scheme_version,
    max_age_months,
    notice_rank,
    worst_grade_rank,
    min_grade,
    is_accreditation_required,
    is_membership_required,
    false as is_refused_by_one,
    in_force_from,
    in_force_to
from policies
union all by name
-- All must accept: of several wishes the strictest, and a scheme that one of them does not name is refused.
select
    'visit ' || with_policies.visit_number as policy_key,
    policies.scheme,
    policies.scheme_version,
    min(policies.max_age_months) as max_age_months,
    max(policies.notice_rank) as notice_rank,
    min(policies.worst_grade_rank) as worst_grade_rank,
    arg_min(policies.min_grade, (policies.worst_grade_rank, policies.min_grade)) as min_grade,
    bool_or(policies.is_accreditation_required) as is_accreditation_required,
    bool_or(policies.is_membership_required) as is_membership_required,
    count(distinct policies.party) < any_value(with_policies.party_count) as is_refused_by_one,
    date '0001-01-01' as in_force_from,
    date '9999-12-31' as in_force_to
from with_policies
inner join policies
    on
        with_policies.party = policies.party
        and with_policies.visit_start >= policies.in_force_from
        and with_policies.visit_start <= policies.in_force_to
group by with_policies.visit_number, policies.scheme, policies.scheme_version
