with

acceptance_policies as (

    select * from reference.acceptance_policies

),

grade_ranks as (

    select * from intermediate.grade_ranks

)

select
    lower(trim(acceptance_policies.buyer_name)) as party,
    coalesce(acceptance_policies.scheme, 'any') as scheme,
    acceptance_policies.max_age_months,
    case acceptance_policies.notice_required when 'unannounced' then 2 when 'semi_announced' then 1 else 0 end
        as notice_rank,
    coalesce(grade_ranks.grade_rank, 99) as worst_grade_rank,
    acceptance_policies.auditor_requirement is not null as is_body_required,
    coalesce(acceptance_policies.valid_from_date, date '0001-01-01') as in_force_from,
    coalesce(acceptance_policies.valid_to_date, date '9999-12-31') as in_force_to
from acceptance_policies
left join grade_ranks on lower(acceptance_policies.min_grade) = grade_ranks.grade
