with

audit_events as (

    select * from marts.audit_events
    where counts_as_audit

),

facts as (

    select
        event_id,
        is_party_known
    from marts.event_facts

),

sites as (

    select * from marts.sites

),

visibilities as (

    select * from vocabulary.visibility

)

select
    audit_events.event_id,
    audit_events.site_id,
    sites.country_code,
    audit_events.visit_start,
    audit_events.audit_kind,
    audit_events.commissioner,
    audit_events.commissioner_type,
    facts.is_party_known,
    audit_events.is_avoidable,
    audit_events.avoidable_now,
    audit_events.auditor_days_low,
    audit_events.auditor_days,
    audit_events.auditor_days_high,
    audit_events.days_estimated,
    audit_events.event_probability,
    visibilities.is_shown_per_site,
    audit_events.visibility
from audit_events
inner join facts on audit_events.event_id = facts.event_id
inner join sites on audit_events.site_id = sites.site_id
inner join visibilities on audit_events.visibility = visibilities.code
where visibilities.enters_totals
