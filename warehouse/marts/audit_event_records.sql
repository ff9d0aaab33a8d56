with

records as (

    select * from intermediate.audit_records_at_sites

),

event_members as (

    select * from marts.event_members

),

same_uploads as (

    select * from intermediate.same_uploads

)

select
    coalesce(
        event_members.event_id, same_uploads.visit_record_id, records.current_record_id, records.record_id
    ) as event_id,
    records.record_id,
    records.site_id,
    coalesce(event_members.event_id, same_uploads.visit_record_id, records.record_id) = records.record_id
    and records.current_record_id is null as is_best_dated,
    case
        when records.current_record_id is not null then 'redelivery'
        when same_uploads.record_id is not null then 'same_upload'
        else coalesce(event_members.rule_id, 'alone')
    end as rule_id,
    coalesce(event_members.gap_days, 0) as gap_days,
    records.match_probability,
    records.site_units,
    records.source_name,
    records.is_log,
    records.load_id,
    records.audit_id_source,
    records.scheme,
    records.relayed_scheme,
    records.scheme_version,
    records.audit_kind,
    records.counts_as_audit,
    records.auditor_party,
    records.commissioner,
    records.commissioner_type,
    records.organisation,
    records.audit_firm,
    records.audit_body,
    records.notice,
    records.dated_start,
    records.dated_end,
    records.date_kind,
    records.issued_date,
    records.uploaded_date,
    records.valid_from,
    records.valid_to,
    records.grade_raw,
    records.severity_band,
    records.auditor_days,
    records.topics_in_scope,
    records.worker_count_min,
    records.worker_count_max,
    records.is_report_shareable,
    records.initiative,
    records.visibility_rank,
    records.visibility
from records
left join same_uploads on coalesce(records.current_record_id, records.record_id) = same_uploads.record_id
left join event_members
    on
        coalesce(same_uploads.visit_record_id, records.current_record_id, records.record_id)
        = event_members.record_id
