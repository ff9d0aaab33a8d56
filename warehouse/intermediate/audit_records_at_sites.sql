with

parameters as (

    select
        -- A brand's own programme is another one at each brand; so is whatever nobody could name.
        ['brand_programme', 'other'] as schemes_of_one_party,
        ['complaint', 'desktop', 'observation', 'self_assessment'] as kinds_apart

),

audit_records as (

    select * from staging.audit_records
    where audit_status = 'done'

),

site_memberships as (

    select * from matching.site_memberships

),

schemes as (

    select * from vocabulary.scheme

),

audit_kinds as (

    select * from vocabulary.audit_kind

),

visibilities as (

    select * from vocabulary.visibility

)

select
    audit_records.record_id,
    audit_records.source_name,
    audit_records.visibility,
    visibilities.rank as visibility_rank,
    audit_records.site_record_id,
    coalesce(site_memberships.site_id, audit_records.site_record_id) as site_id,
    coalesce(site_memberships.match_probability, 1.0) as match_probability,
    audit_records.audit_id_source,
    audit_records.scheme,
    schemes.family as scheme_family,
    audit_records.scheme_version,
    audit_records.audit_kind,
    audit_kinds.counts_as_audit,
    audit_records.auditor_party,
    audit_records.commissioner,
    lower(trim(audit_records.commissioner)) as commissioner_normalised,
    audit_records.commissioner_type,
    audit_records.audit_firm,
    lower(trim(audit_records.audit_firm)) as audit_firm_normalised,
    audit_records.notice,
    case
        when audit_records.visit_start is not null then 'visit'
        when audit_records.issued_date is not null then 'issued'
        when audit_records.uploaded_date is not null then 'uploaded'
        else 'self_assessed'
    end as date_kind,
    coalesce(
        audit_records.visit_start, audit_records.issued_date, audit_records.uploaded_date, audit_records.self_assessed_date
    ) as dated_start,
    case
        when audit_records.visit_start is not null then coalesce(audit_records.visit_end, audit_records.visit_start)
        else coalesce(audit_records.issued_date, audit_records.uploaded_date, audit_records.self_assessed_date)
    end as dated_end,
    audit_records.issued_date,
    audit_records.uploaded_date,
    audit_records.valid_from,
    audit_records.valid_to,
    audit_records.grade_raw,
    audit_records.severity_band,
    audit_records.auditor_days,
    audit_records.topics_in_scope,
    audit_records.worker_count_min,
    audit_records.worker_count_max,
    audit_records.is_report_shareable,
    audit_records.initiative,
    -- Two records can only be one event within one identity: one programme, and what is no visit stands apart.
    -- The day of a self-assessment identifies nothing.
    case
        when coalesce(audit_records.visit_start, audit_records.issued_date, audit_records.uploaded_date) is null
            then audit_records.record_id
        when list_contains(parameters.schemes_of_one_party, audit_records.scheme)
            then schemes.family || ' of ' || coalesce(lower(trim(audit_records.commissioner)), audit_records.source_name)
        else schemes.family
    end
    || case
        when list_contains(parameters.kinds_apart, audit_records.audit_kind) then ' ' || audit_records.audit_kind
        else ''
    end as event_identity
from audit_records
cross join parameters
left join schemes on audit_records.scheme = schemes.code
left join audit_kinds on audit_records.audit_kind = audit_kinds.code
left join visibilities on audit_records.visibility = visibilities.code
left join site_memberships on audit_records.site_record_id = site_memberships.record_id
