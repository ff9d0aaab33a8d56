with

parameters as (

    select * from intermediate.rule_parameters

),

orders as (

    select distinct
        counted.commissioner,
        counted.site_id
    from marts.audits_in_totals as counted
    cross join parameters
    where
        counted.commissioner is not null
        -- In a pack a withheld name has a number that holds at one site alone: two of them may be one party or none.
        and not coalesce(contains(counted.commissioner, parameters.withheld_orderers[1]), false)
        -- A facility that orders its own audits meets nobody.
        and counted.commissioner_type is distinct from 'facility'
        and ($country::varchar is null or counted.country_code = $country)
        and ($from_date::date is null or counted.visit_start >= $from_date)
        and ($to_date::date is null or counted.visit_start <= $to_date)

),

largest as (

    select
        commissioner,
        row_number() over (order by count(*) desc, commissioner asc) as place
    from orders
    group by commissioner

)

select
    one.commissioner as organisation_a,
    other.commissioner as organisation_b,
    count(*) as shared_site_count,
    any_value(parameters.smallest_cell) as smallest_cell
from orders as one
inner join orders as other on one.site_id = other.site_id and one.commissioner <> other.commissioner
inner join largest as one_place on one.commissioner = one_place.commissioner
inner join largest as other_place on other.commissioner = other_place.commissioner
cross join parameters
where greatest(one_place.place, other_place.place) <= parameters.organisations_shown
group by one.commissioner, other.commissioner
order by organisation_a, organisation_b
