with

parameters as (

    select * from intermediate.rule_parameters

),

findings as (

    select * from marts.findings_at_events

),

events as (

    select
        event_id,
        site_id,
        dated_start as visit_start,
        dated_end as visit_end
    from marts.audit_event_records
    where is_best_dated

),

visibilities as (

    select * from vocabulary.visibility

),

severities as (

    select * from vocabulary.severity_band

),

-- A finding that two sources tell of is one; a source that closed all of its own has closed it.
told as (

    select
        findings.event_id,
        findings.topic,
        findings.source_name,
        count(*) as finding_count,
        max(severities.rank) as severity_rank,
        bool_and(coalesce(findings.finding_status = 'closed', false)) as is_closed,
        max(coalesce(findings.closed_date, events.visit_end)) as closed_date,
        max(findings.correction_due_date) as correction_due_date,
        any_value(events.site_id) as site_id,
        any_value(events.visit_start) as visit_start,
        max(visibilities.rank) as visibility_rank
    from findings
    cross join parameters
    inner join events on findings.event_id = events.event_id
    left join severities on findings.severity_band = severities.code
    left join visibilities on findings.visibility = visibilities.code
    where list_contains(parameters.kinds_of_breach, findings.finding_kind)
    group by findings.event_id, findings.topic, findings.source_name

),

found as (

    select
        event_id,
        topic,
        any_value(site_id) as site_id,
        any_value(visit_start) as visit_start,
        sum(finding_count)::bigint as finding_count,
        max(severity_rank) as severity_rank,
        min(closed_date) filter (is_closed) as closed_date,
        max(correction_due_date) as correction_due_date,
        max(visibility_rank) as visibility_rank
    from told
    group by event_id, topic

)

select
    found.event_id,
    found.topic,
    found.site_id,
    found.visit_start,
    found.finding_count,
    severities.code as severity_band,
    found.closed_date is null as is_finding_open,
    found.closed_date,
    found.correction_due_date,
    visibilities.code as visibility
from found
left join severities on found.severity_rank = severities.rank
left join visibilities on found.visibility_rank = visibilities.rank
