with

in_scope as (

    select
        *,
        year(visit_start) as year_of_visit
    from marts.audits_in_totals
    where
        visit_start is not null
        and ($country::varchar is null or country_code = $country)
        and ($from_date::date is null or visit_start >= $from_date)
        and ($to_date::date is null or visit_start <= $to_date)
        and ($organisations is null or list_contains($organisations, lower(trim(commissioner))))

),

years as (

    select max(in_scope.year_of_visit) - any_value(rules.recent_years) as first_shown
    from in_scope
    cross join intermediate.rule_parameters as rules

)

select
    greatest(in_scope.year_of_visit, years.first_shown) as visit_year,
    count(*) as audit_count,
    count_if(in_scope.is_avoidable)::bigint as avoidable_count,
    min(in_scope.year_of_visit) as first_year
from in_scope
cross join years
group by greatest(in_scope.year_of_visit, years.first_shown)
order by visit_year
