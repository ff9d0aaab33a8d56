with

acceptance_policies as (

    select
        lower(party_names.party_name) as party,
        known.scheme,
        coalesce(nullif(lower(trim(known.scheme_version::varchar)), ''), 'any') as scheme_version,
        known.max_age_months,
        known.notice_required,
        known.min_grade,
        known.auditor_requirement,
        known.buyer_name,
        -- Under another name of the buyer a policy is the buyer's as long as the name stands for it.
        greatest(coalesce(known.valid_from_date::date, date '0001-01-01'), party_names.in_force_from) as in_force_from,
        least(coalesce(known.valid_to_date::date, date '9999-12-31'), party_names.in_force_to) as in_force_to
    from reference.acceptance_policies as known
    inner join staging.party_names as party_names
        on
            known.buyer_name = party_names.written_name
            and coalesce(known.valid_from_date::date, date '0001-01-01') <= party_names.in_force_to
            and coalesce(known.valid_to_date::date, date '9999-12-31') >= party_names.in_force_from

),

grade_ranks as (

    select * from intermediate.grade_ranks

),

-- The days on which what a buyer accepts may change, and the periods between them.
turns as (

    select
        party,
        in_force_from as turns_on
    from acceptance_policies
    union
    select
        party,
        in_force_to + 1 as turns_on
    from acceptance_policies

),

periods as (

    select
        party,
        turns_on as in_force_from,
        lead(turns_on) over (partition by party order by turns_on) - 1 as in_force_to
    from turns

),

-- A policy that names no scheme speaks of every scheme for which the buyer has no policy of its own at the time; one
-- that names a scheme, of those that include it besides: whoever accepts two pillars accepts four.
of_schemes as (

    select
        acceptance_policies.* replace (
            schemes.code as scheme,
            periods.in_force_from as in_force_from,
            periods.in_force_to as in_force_to
        )
    from periods
    inner join acceptance_policies
        on
            periods.party = acceptance_policies.party
            and periods.in_force_from between acceptance_policies.in_force_from and acceptance_policies.in_force_to
    inner join vocabulary.scheme as schemes
        on
            acceptance_policies.scheme is null
            or acceptance_policies.scheme = schemes.code
            or acceptance_policies.scheme = schemes.includes
    qualify
        dense_rank() over (
            partition by periods.party, periods.in_force_from, schemes.code
            order by acceptance_policies.scheme is null, acceptance_policies.scheme <> schemes.code
        ) = 1

),

versions as (

    select distinct
        scheme,
        unnest(['any', scheme_version]) as scheme_version
    from of_schemes

),

-- So does one that names no version, of every version for which the buyer has none.
of_versions as (

    select of_schemes.* replace (versions.scheme_version as scheme_version)
    from of_schemes
    inner join versions
        on
            of_schemes.scheme = versions.scheme
            and of_schemes.scheme_version in ('any', versions.scheme_version)
    qualify
        dense_rank() over (
            partition by of_schemes.party, of_schemes.in_force_from, versions.scheme, versions.scheme_version
            order by of_schemes.scheme_version = 'any'
        ) = 1

)

select
    policies.party,
    policies.scheme,
    policies.scheme_version,
    policies.buyer_name,
    policies.max_age_months,
    coalesce(notices.rank, 0) as notice_rank,
    coalesce(grade_ranks.grade_rank, 99) as worst_grade_rank,
    policies.min_grade,
    coalesce(policies.auditor_requirement = 'accredited_body', false) as is_accreditation_required,
    coalesce(policies.auditor_requirement = 'apsca_member', false) as is_membership_required,
    policies.in_force_from,
    policies.in_force_to
from of_versions as policies
left join grade_ranks on lower(policies.min_grade) = grade_ranks.grade
left join vocabulary.notice as notices on policies.notice_required = notices.code
