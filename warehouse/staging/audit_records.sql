with

loads as (

    select * from staging.loads

),

deliveries as (

    select * from staging.audit_deliveries

)

select
    audit_records.record_id,
    audit_records.source_name,
    audit_records.load_id,
    audit_records.line_number,
    audit_records.visibility,
    audit_records.site_record_id,
    audit_records.audit_id_source,
    audit_records.parent_audit_id_source,
    audit_records.scheme,
    audit_records.scheme_version,
    audit_records.audit_kind,
    audit_records.audit_status,
    audit_records.auditor_party,
    orderers.party_name as commissioner,
    audit_records.commissioner_type,
    audit_records.audit_firm,
    firms.audit_body,
    audit_records.notice,
    audit_records.visit_start,
    audit_records.visit_end,
    audit_records.issued_date,
    audit_records.uploaded_date,
    audit_records.self_assessed_date,
    audit_records.date_kind,
    audit_records.valid_from,
    audit_records.valid_to,
    audit_records.grade_raw,
    audit_records.severity_band,
    audit_records.auditor_days,
    audit_records.topics_in_scope,
    audit_records.worker_count_min,
    audit_records.worker_count_max,
    audit_records.is_report_shareable,
    audit_records.initiative
from (
    select
        *,
        coalesce(visit_start, issued_date, uploaded_date, self_assessed_date, date '9999-12-31') as named_on
    from landing.audit_records
) as audit_records
inner join loads on audit_records.load_id = loads.load_id
-- A name stands for whom it stood on the day of the audit.
left join staging.party_names as orderers
    on
        audit_records.commissioner = orderers.written_name
        and audit_records.named_on between orderers.in_force_from and orderers.in_force_to
left join staging.party_names as firms
    on
        audit_records.audit_firm = firms.written_name
        and audit_records.named_on between firms.in_force_from and firms.in_force_to
left join deliveries
    on
        audit_records.record_id = deliveries.record_id
        and audit_records.load_id = deliveries.load_id
        and audit_records.line_number = deliveries.line_number
where coalesce(deliveries.is_latest, true)
