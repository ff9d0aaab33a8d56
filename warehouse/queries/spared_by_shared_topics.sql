with

-- Visits of which this reason alone stood against an earlier audit, and which nothing else makes avoidable.
only_this as (

    select
        pairs.event_id_b as event_id,
        earlier.scheme,
        later.auditor_days,
        pairs.topics_missing
    from marts.audit_pairs as pairs
    inner join marts.audit_events as earlier on pairs.event_id_a = earlier.event_id
    inner join marts.audit_events as later on pairs.event_id_b = later.event_id
    inner join marts.sites as sites on later.site_id = sites.site_id
    where
        pairs.reasons = ['scope_missing']
        and not later.is_avoidable
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or later.visit_start >= $from_date)
        and ($to_date::date is null or later.visit_start <= $to_date)

)

select
    scheme as earlier_scheme,
    topics_missing,
    len(topics_missing) as topic_count,
    count(distinct event_id) as visit_count
from only_this
where topics_missing is not null
group by scheme, topics_missing
order by visit_count desc, topic_count asc, earlier_scheme asc, topics_missing asc
