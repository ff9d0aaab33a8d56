with

build_date as (

    select * from intermediate.build_date

),

audit_records as (

    select * from staging.audit_records

),

visibilities as (

    select * from vocabulary.visibility

),

refused as (

    select * from marts.refused_audits

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
        visibilities.code as visibility
    from audit_records
    cross join build_date
    left join visibilities as own on audit_records.visibility = own.code
    left join intermediate.planned_facts as planned on audit_records.record_id = planned.record_id
    -- That a plan is done tells of the audit that it became.
    left join visibilities on greatest(own.rank, planned.visibility_rank) = visibilities.rank
    where audit_records.audit_status <> 'done' and (planned.record_id is null or planned.done_event_id is not null)

),

refusals as (

    select
        refused.record_id,
        max(visibilities.rank) as visibility_rank
    from refused
    left join visibilities on refused.visibility = visibilities.code
    group by refused.record_id

),

findings as (

    select
        findings.record_id,
        findings.load_id,
        findings.line_number,
        findings.source_name,
        if(audit_records.record_id is null, 'audit_not_delivered', 'audit_set_aside') as reason,
        visibilities.code as visibility
    from staging.findings as findings
    left join audit_records on findings.audit_record_id = audit_records.record_id
    left join refusals on findings.audit_record_id = refusals.record_id
    left join visibilities as own on findings.visibility = own.code
    left join visibilities as audit_visibilities on audit_records.visibility = audit_visibilities.code
    -- That the audit was set aside tells of the audit.
    left join visibilities
        on greatest(own.rank, audit_visibilities.rank, refusals.visibility_rank) = visibilities.rank
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
from refused
union all by name
select
    'findings' as record_kind,
    *
from findings
