with

build_date as (

    select * from intermediate.build_date

),

-- What holds today, whatever the period of the page: an old audit opens no door.
holding as (

    select
        counted.event_id,
        counted.visit_start,
        events.scheme
    from marts.audits_in_totals as counted
    inner join marts.audit_events as events on counted.event_id = events.event_id
    cross join build_date
    where
        list_contains($organisations, lower(trim(counted.commissioner)))
        and events.valid_to >= build_date.as_of_date
        and ($country::varchar is null or counted.country_code = $country)

),

policies as (

    select
        trim(known.buyer_name) as buyer_name,
        known.scheme,
        known.max_age_months
    from reference.acceptance_policies as known
    cross join build_date
    where
        coalesce(known.valid_from_date::date, date '0001-01-01') <= build_date.as_of_date
        and coalesce(known.valid_to_date::date, date '9999-12-31') >= build_date.as_of_date
        and not coalesce(list_contains($organisations, lower(trim(known.buyer_name))), false)

),

-- A policy for two pillars takes four as well.
met as (

    select
        policies.buyer_name,
        holding.event_id,
        coalesce(
            bool_or(holding.visit_start + to_months(policies.max_age_months::integer) >= build_date.as_of_date), true
        ) as is_young_enough
    from holding
    inner join vocabulary.scheme as schemes on holding.scheme = schemes.code
    inner join policies
        on list_contains([schemes.code, schemes.includes], coalesce(policies.scheme, schemes.code))
    cross join build_date
    group by policies.buyer_name, holding.event_id

)

select
    met.buyer_name,
    (select count(*) from holding) as holding_audit_count,
    count(*) as scheme_named_count,
    count_if(met.is_young_enough)::bigint as young_enough_count
from met
group by met.buyer_name
order by young_enough_count desc, scheme_named_count desc, met.buyer_name asc
