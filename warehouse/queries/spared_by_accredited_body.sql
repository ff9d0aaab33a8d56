with

-- Visits of which this reason alone stood against an earlier audit, and which nothing else makes avoidable.
only_this as (

    select
        pairs.event_id_b as event_id,
        earlier.scheme,
        later.auditor_days,
        pairs.body_needed
    from marts.audit_pairs as pairs
    inner join marts.audit_events as earlier on pairs.event_id_a = earlier.event_id
    inner join marts.audit_events as later on pairs.event_id_b = later.event_id
    inner join marts.sites as sites on later.site_id = sites.site_id
    where
        pairs.reasons = ['unaccredited']
        and not later.is_avoidable
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or later.visit_start >= $from_date)
        and ($to_date::date is null or later.visit_start <= $to_date)

)

select
    scheme as earlier_scheme,
    body_needed,
    count(distinct event_id) as visit_count
from only_this
group by scheme, body_needed
order by visit_count desc, earlier_scheme asc, body_needed asc
