with

acceptance_policies as (

    select
        lower(trim(buyer_name)) as party,
        scheme,
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
spelt_out as (

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

)

select
    spelt_out.party,
    spelt_out.scheme,
    spelt_out.max_age_months,
    case spelt_out.notice_required when 'unannounced' then 2 when 'semi_announced' then 1 else 0 end as notice_rank,
    coalesce(grade_ranks.grade_rank, 99) as worst_grade_rank,
    spelt_out.auditor_requirement is not null as is_body_required,
    spelt_out.in_force_from,
    spelt_out.in_force_to
from spelt_out
left join grade_ranks on lower(spelt_out.min_grade) = grade_ranks.grade
