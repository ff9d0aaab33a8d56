with

parameters as (

    select * from intermediate.rule_parameters

),

repeated_ids as (

    select * from intermediate.repeated_ids

),

sources as (

    select * from staging.sources

),

audit_records as (

    select
        audit_records.* replace (
            -- A visit after a complaint gives the complaint away: until its quarter has ended, only those who work on
            -- cases see it, unless its source publishes it itself.
            case
                when
                    audit_records.audit_kind = 'complaint' and audit_records.visibility <> 'public'
                    and date_trunc('quarter', coalesce(
                        audit_records.visit_start, audit_records.issued_date, audit_records.uploaded_date
                    )) + interval 3 month > (
                        select max(build_date.as_of_date) from intermediate.build_date as build_date
                    )
                    then 'restricted_case'
                else audit_records.visibility
            end as visibility
        ),
        sources.source_kind,
        if(sources.source_kind = 'brand', coalesce(owners.party_name, sources.source_name), null) as log_owner,
        relayed.relayed_scheme,
        relayed.visibility_rank as relayed_visibility_rank
    from staging.audit_records as audit_records
    left join sources on audit_records.source_name = sources.source_name
    left join staging.party_names as owners
        on
            sources.source_name = owners.written_name
            and coalesce(audit_records.visit_start, audit_records.issued_date, audit_records.uploaded_date)
            between owners.in_force_from and owners.in_force_to
    left join intermediate.relayed_records as relayed on audit_records.record_id = relayed.record_id
    where audit_records.audit_status = 'done'

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
    coalesce(audit_records.source_kind = 'brand', false) as is_log,
    audit_records.load_id,
    repeated_ids.current_record_id,
    visibilities.code as visibility,
    visibilities.rank as visibility_rank,
    audit_records.site_record_id,
    coalesce(site_memberships.site_id, audit_records.site_record_id) as site_id,
    coalesce(site_memberships.match_probability, 1.0) as match_probability,
    site_memberships.site_units,
    audit_records.audit_id_source,
    audit_records.scheme,
    audit_records.relayed_scheme,
    audit_records.scheme_version,
    audit_records.audit_kind,
    audit_kinds.counts_as_audit,
    audit_records.auditor_party,
    audit_records.commissioner,
    audit_records.commissioner_type,
    -- Who relies on the audit: whoever ordered it, or else the brand that keeps it in its log.
    case
        when audit_records.commissioner is not null and coalesce(audit_records.commissioner_type <> 'facility', true)
            then audit_records.commissioner
        else audit_records.log_owner
    end as organisation,
    audit_records.audit_firm,
    -- The firm of a relayed record only says through whom it came.
    if(audit_records.relayed_scheme is null, audit_records.audit_body, null) as audit_firm_normalised,
    audit_records.audit_body,
    audit_records.notice,
    case
        when audit_records.visit_start is not null then 'visit'
        when audit_records.issued_date is not null then 'issued'
        when audit_records.uploaded_date is not null then 'uploaded'
        else 'self_assessed'
    end as date_kind,
    coalesce(
        audit_records.visit_start,
        audit_records.issued_date,
        audit_records.uploaded_date,
        audit_records.self_assessed_date
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
            then
                audit_records.scheme || ' of '
                || lower(coalesce(trim(audit_records.commissioner), audit_records.log_owner, audit_records.source_name))
        else schemes.family
    end
    || case
        when list_contains(parameters.kinds_apart, audit_records.audit_kind) then ' ' || audit_records.audit_kind
        when list_contains(parameters.kinds_of_followup, audit_records.audit_kind) then ' followup'
        else ''
    end as event_identity
from audit_records
cross join parameters
left join schemes on coalesce(audit_records.relayed_scheme, audit_records.scheme) = schemes.code
left join audit_kinds on audit_records.audit_kind = audit_kinds.code
left join visibilities as own on audit_records.visibility = own.code
left join site_memberships on audit_records.site_record_id = site_memberships.record_id
left join repeated_ids on audit_records.record_id = repeated_ids.record_id
-- What a row is taken for rests on the visit that it came through, and on the other rows of its source's id.
left join visibilities
    on greatest(own.rank, audit_records.relayed_visibility_rank, repeated_ids.visibility_rank) = visibilities.rank
where coalesce(not repeated_ids.is_refused, true)
