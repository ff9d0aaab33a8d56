with

acceptance_policies as (

    select
        lower(trim(buyer_name)) as party,
        scheme,
        coalesce(nullif(lower(trim(scheme_version::varchar)), ''), 'any') as scheme_version,
        max_age_months,
        notice_required,
        min_grade,
        auditor_requirement,
        coalesce(valid_from_date::date, date '0001-01-01') as in_force_from,
        coalesce(valid_to_date::date, date '9999-12-31') as in_force_to
    from reference.acceptance_policies

),

grade_ranks as (

    select * from intermediate.grade_ranks

),

-- A policy that names no scheme speaks of every scheme for which the buyer has no policy of its own at the time.
of_schemes as (

    select * from acceptance_policies
    where scheme is not null
    union all by name
    select general.* replace (schemes.code as scheme)
    from acceptance_policies as general
    cross join vocabulary.scheme as schemes
    where
        general.scheme is null
        and not exists (
            select 1 as one
            from acceptance_policies as own
            where
                general.party = own.party
                and own.scheme = schemes.code
                and own.in_force_from <= general.in_force_to
                and own.in_force_to >= general.in_force_from
        )

),

named_versions as (

    select distinct
        scheme,
        scheme_version
    from of_schemes
    where scheme_version <> 'any'

),

-- So does one that names no version, of every version for which the buyer has none.
of_versions as (

    select * from of_schemes
    union all by name
    select general.* replace (named_versions.scheme_version as scheme_version)
    from of_schemes as general
    inner join named_versions on general.scheme = named_versions.scheme
    where
        general.scheme_version = 'any'
        and not exists (
            select 1 as one
            from of_schemes as own
            where
                general.party = own.party
                and general.scheme = own.scheme
                and own.scheme_version = named_versions.scheme_version
                and own.in_force_from <= general.in_force_to
                and own.in_force_to >= general.in_force_from
        )

)

select
    policies.party,
    policies.scheme,
    policies.scheme_version,
    policies.max_age_months,
    case policies.notice_required when 'unannounced' then 2 when 'semi_announced' then 1 else 0 end as notice_rank,
    coalesce(grade_ranks.grade_rank, 99) as worst_grade_rank,
    policies.auditor_requirement is not null as is_body_required,
    policies.in_force_from,
    policies.in_force_to
from of_versions as policies
left join grade_ranks on lower(policies.min_grade) = grade_ranks.grade
