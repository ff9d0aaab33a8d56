with

build_date as (

    select * from intermediate.build_date

),

audit_records as (

    select * from staging.audit_records

),

-- A visit that was not held, or of which only that is known.
not_held as (

    select
        audit_records.record_id,
        audit_records.load_id,
        audit_records.line_number,
        audit_records.source_name,
        case
            when audit_records.audit_status = 'cancelled' then 'cancelled'
            when audit_records.visit_start is null then 'planned_without_a_day'
            when audit_records.visit_start < build_date.as_of_date then 'planned_day_has_passed'
            else 'planned_and_done_since'
        end as reason,
        audit_records.visibility
    from audit_records
    cross join build_date
    anti join intermediate.planned_facts as planned_facts on audit_records.record_id = planned_facts.record_id
    where audit_records.audit_status <> 'done'

),

findings as (

    select
        findings.record_id,
        findings.load_id,
        findings.line_number,
        findings.source_name,
        if(audit_records.record_id is null, 'audit_not_delivered', 'audit_set_aside') as reason,
        findings.visibility
    from staging.findings as findings
    left join audit_records on findings.audit_record_id = audit_records.record_id
    anti join marts.findings_at_events as findings_at_events on findings.record_id = findings_at_events.record_id

)

select
    'audit_records' as record_kind,
    *
from not_held
union all by name
select
    'audit_records' as record_kind,
    record_id,
    load_id,
    line_number,
    source_name,
    reason,
    visibility
from marts.refused_audits
union all by name
select
    'findings' as record_kind,
    *
from findings
