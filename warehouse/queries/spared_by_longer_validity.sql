with

-- A visit counts once a scheme, by the result that would have had to hold the shortest time longer.
nearest as (

    select
        event_id_b,
        earlier_scheme,
        any_value(auditor_days) as auditor_days,
        min(days_missing) as days_missing
    from intermediate.lone_reasons
    where
        reason = 'outdated'
        and days_missing is not null
        and ($country::varchar is null or country_code = $country)
        and ($from_date::date is null or visit_start >= $from_date)
        and ($to_date::date is null or visit_start <= $to_date)
    group by event_id_b, earlier_scheme

)

select
    earlier_scheme,
    ceil(days_missing / 91.25)::integer * 3 as months_longer,
    count(*) as visit_count,
    sum(auditor_days) as auditor_days
from nearest
where days_missing <= 366
group by earlier_scheme, ceil(days_missing / 91.25)
order by earlier_scheme, months_longer
