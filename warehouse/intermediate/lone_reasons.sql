with

pairs as (

    select * from marts.audit_pairs
    where
        len(reasons) = 1
        -- One's own earlier audit spares no visit of one's own, whatever it had been.
        and (is_other_commissioner or reason = 'orderer_unknown')

),

events as (

    select * from marts.audit_events

),

facts as (

    select * from marts.event_facts

),

sites as (

    select * from marts.sites

)

select
    pairs.event_id_a,
    pairs.event_id_b,
    pairs.reason,
    earlier.scheme as earlier_scheme,
    facts.is_party_known as earlier_orderer_known,
    sites.country_code,
    later.visit_start,
    later.auditor_days,
    pairs.days_missing,
    pairs.topics_missing,
    pairs.grade_needed,
    pairs.notice_needed,
    pairs.body_needed,
    pairs.workers_beyond
from pairs
inner join events as earlier on pairs.event_id_a = earlier.event_id
inner join events as later on pairs.event_id_b = later.event_id
inner join facts on pairs.event_id_a = facts.event_id
inner join sites on later.site_id = sites.site_id
where not later.is_avoidable
