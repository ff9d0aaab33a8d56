with

parameters as (

    -- A brand's own programme is another programme at each brand; so is whatever nobody could name.
    select ['brand_programme', 'other'] as schemes_of_one_party

),

audit_records as (

    select * from staging.audit_records

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

),

done as (

    select
        *,
        lower(trim(audit_firm)) as audit_firm_normalised,
        lower(trim(commissioner)) as commissioner_normalised,
        case
            when visit_start is not null then 'visit'
            when issued_date is not null then 'issued'
            when uploaded_date is not null then 'uploaded'
            else 'self_assessed'
        end as dated_by,
        coalesce(visit_start, issued_date, uploaded_date, self_assessed_date) as dated_start
    from audit_records
    where audit_status = 'done'

)

select
    done.record_id,
    done.source_name,
    done.visibility,
    visibilities.rank as visibility_rank,
    done.site_record_id,
    coalesce(site_memberships.site_id, done.site_record_id) as site_id,
    coalesce(site_memberships.match_probability, 1.0) as match_probability,
    done.audit_id_source,
    done.scheme,
    schemes.family as scheme_family,
    done.scheme_version,
    done.audit_kind,
    audit_kinds.counts_as_audit,
    done.auditor_party,
    done.commissioner,
    done.commissioner_normalised,
    done.commissioner_type,
    done.audit_firm,
    done.audit_firm_normalised,
    done.notice,
    done.dated_by,
    done.dated_start,
    case when done.dated_by = 'visit' then coalesce(done.visit_end, done.dated_start) else done.dated_start end
        as dated_end,
    done.issued_date,
    done.uploaded_date,
    done.valid_from,
    done.valid_to,
    done.grade_raw,
    done.severity_band,
    done.auditor_days,
    done.topics_in_scope,
    done.worker_count_min,
    done.worker_count_max,
    done.is_report_shareable,
    done.initiative,
    -- Records can only be one event within one identity: one programme, and visits apart from what is no visit.
    case
        when done.dated_by = 'self_assessed' then done.record_id
        when list_contains(parameters.schemes_of_one_party, done.scheme)
            then schemes.family || ' of ' || coalesce(done.commissioner_normalised, done.source_name)
        else schemes.family
    end
    || case
        when done.audit_kind in ('complaint', 'desktop', 'observation', 'self_assessment') then ' ' || done.audit_kind
        else ''
    end as event_identity
from done
cross join parameters
inner join schemes on done.scheme = schemes.code
inner join audit_kinds on done.audit_kind = audit_kinds.code
left join visibilities on done.visibility = visibilities.code
left join site_memberships on done.site_record_id = site_memberships.record_id
