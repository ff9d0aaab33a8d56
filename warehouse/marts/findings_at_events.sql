with

findings as (

    select * from staging.findings

),

event_records as (

    select * from marts.audit_event_records

),

visibilities as (

    select * from vocabulary.visibility

)

select
    event_records.event_id,
    findings.record_id,
    event_records.site_id,
    findings.source_name,
    findings.topic,
    findings.clause,
    findings.finding_kind,
    findings.severity_band,
    findings.finding_status,
    findings.correction_due_date,
    findings.closed_date,
    if(visibilities.rank > event_records.visibility_rank, findings.visibility, event_records.visibility) as visibility
from findings
inner join event_records on findings.audit_record_id = event_records.record_id
left join visibilities on findings.visibility = visibilities.code
