with

-- Visits of which this reason alone stood against an earlier audit, and which nothing else makes avoidable.
only_this as (

    select
        pairs.event_id_b as event_id,
        earlier.scheme,
        later.auditor_days,
        pairs.days_missing
    from marts.audit_pairs as pairs
    inner join marts.audit_events as earlier on pairs.event_id_a = earlier.event_id
    inner join marts.audit_events as later on pairs.event_id_b = later.event_id
    inner join marts.sites as sites on later.site_id = sites.site_id
    where
        pairs.reasons = ['outdated']
        and not later.is_avoidable
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or later.visit_start >= $from_date)
        and ($to_date::date is null or later.visit_start <= $to_date)

)
,

nearest as (

    select
        event_id,
        scheme,
        any_value(auditor_days) as auditor_days,
        min(days_missing) as days_missing
    from only_this
    where days_missing is not null
    group by event_id, scheme

)

select
    scheme as earlier_scheme,
    ceil(days_missing / 91.25)::integer * 3 as months_longer,
    count(*) as visit_count,
    sum(auditor_days) as auditor_days
from nearest
where days_missing <= 366
group by scheme, ceil(days_missing / 91.25)
order by scheme, months_longer
