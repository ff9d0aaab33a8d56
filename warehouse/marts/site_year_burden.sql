with

audit_kinds as (

    select * from vocabulary.audit_kind

),

visibilities as (

    select * from vocabulary.visibility

),

visits as (

    select
        audit_events.site_id,
        year(audit_events.visit_start) as visit_year,
        audit_events.visit_start,
        -- Of a report or an upload only one day is known.
        audit_events.visit_end,
        audit_events.auditor_days,
        audit_events.days_estimated,
        audit_events.is_avoidable,
        audit_events.event_probability,
        visibilities.rank as visibility_rank
    from marts.audit_events as audit_events
    inner join audit_kinds on audit_events.audit_kind = audit_kinds.code
    left join visibilities on audit_events.visibility = visibilities.code
    where audit_events.counts_as_audit and audit_kinds.is_visit

),

-- Two visits on one day disturb the site once.
visit_days as (

    select distinct
        site_id,
        visit_year,
        unnest(generate_series(visit_start, visit_end, interval 1 day)) as visit_day
    from visits

),

disrupted as (

    select
        site_id,
        visit_year,
        count(*) as disruption_days
    from visit_days
    group by site_id, visit_year

),

counted as (

    select
        site_id,
        visit_year,
        count(*) as visit_count,
        count_if(is_avoidable)::bigint as avoidable_audit_count,
        sum(auditor_days) as auditor_days,
        count(*) - count(auditor_days) as visits_without_days_count,
        bool_or(days_estimated) as days_estimated,
        sum(if(is_avoidable, auditor_days, 0)) as avoidable_auditor_days,
        min(event_probability) as weakest_link_probability,
        max(visibility_rank) as visibility_rank
    from visits
    group by site_id, visit_year

)

select
    counted.site_id,
    counted.visit_year,
    counted.visit_count,
    disrupted.disruption_days,
    counted.auditor_days,
    counted.days_estimated,
    counted.visits_without_days_count,
    counted.avoidable_audit_count,
    counted.avoidable_auditor_days,
    counted.weakest_link_probability,
    visibilities.code as visibility
from counted
inner join disrupted on counted.site_id = disrupted.site_id and counted.visit_year = disrupted.visit_year
left join visibilities on counted.visibility_rank = visibilities.rank
