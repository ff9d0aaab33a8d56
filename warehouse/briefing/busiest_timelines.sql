with

parameters as (

    select * from intermediate.rule_parameters

),

in_scope as (

    select * from marts.audits_in_totals
    where
        ($country::varchar is null or country_code = $country)
        and ($from_date::date is null or visit_start >= $from_date)
        and ($to_date::date is null or visit_start <= $to_date)

),

-- The years end with the last visit that is in the scope, whoever may see it.
last_visit as (

    select max(visit_start) as last_day from in_scope

),

recent as (

    select
        in_scope.*,
        count(*) over (partition by in_scope.site_id) as site_audits
    from in_scope
    cross join last_visit
    cross join parameters
    where
        in_scope.is_shown_per_site
        and in_scope.visit_start > last_visit.last_day - to_years(parameters.recent_years)

),

ranked as (

    select
        *,
        dense_rank() over (order by site_audits desc, site_id asc) as site_rank
    from recent

)

select
    ranked.site_rank,
    ranked.country_code,
    ranked.visit_start,
    ranked.commissioner_type,
    ranked.is_avoidable
from ranked
cross join parameters
where ranked.site_rank <= parameters.sites_shown
order by ranked.site_rank, ranked.visit_start, ranked.event_id
