with

events as (

    select * from intermediate.merged_events

),

validity_rules as (

    select * from intermediate.validity_rules

),

grade_ranks as (

    select * from intermediate.grade_ranks

),

effort_bands as (

    select * from intermediate.effort_bands

),

visibilities as (

    select * from vocabulary.visibility

),

certificates as (

    select * from intermediate.event_certificates

),

-- Schemes of which a result is a certificate.
certified_schemes as (

    select distinct scheme
    from reference.scheme_validity
    where audit_kind = 'certificate'

),

-- The rule of the audit's own version where one is in force, else the rule of any version.
rules_of_events as (

    select
        events.event_id,
        arg_max(validity_rules.grade, validity_rules.scheme_version <> 'any') as grade,
        arg_max(validity_rules.starts_from, validity_rules.scheme_version <> 'any') as starts_from,
        arg_max(validity_rules.validity_months, validity_rules.scheme_version <> 'any') as validity_months,
        arg_max(validity_rules.is_assumed, validity_rules.scheme_version <> 'any') as is_assumed
    from events
    left join grade_ranks on lower(events.grade_raw) = grade_ranks.grade
    inner join validity_rules
        on
            events.scheme = validity_rules.scheme
            and events.audit_kind = validity_rules.audit_kind
            and validity_rules.scheme_version in ('any', coalesce(events.scheme_version, 'any'))
            and validity_rules.grade in ('any', coalesce(grade_ranks.scheme_grade, 'unknown'))
            and events.visit_end >= validity_rules.in_force_from
            and events.visit_end <= validity_rules.in_force_to
    group by events.event_id

)

select
    events.event_id,
    events.site_id,
    events.scheme,
    events.scheme_version,
    events.audit_kind,
    events.counts_as_audit,
    events.commissioner,
    events.commissioner_type,
    events.joint_parties,
    events.programme_owner,
    events.auditor_party,
    events.audit_firm,
    events.audit_body,
    events.notice,
    events.visit_start,
    events.visit_end,
    events.date_kind,
    -- Until when it holds as somebody told it, not as the scheme's rule has it.
    coalesce(events.valid_to, certificates.certified_to, events.logged_valid_to) as told_to,
    case
        when told_to is null and coalesce(validity_rules.validity_months, 0) = 0 then null
        when events.valid_from is not null then events.valid_from
        when validity_rules.starts_from = 'uploaded_date'
            then coalesce(events.uploaded_date, events.issued_date, events.visit_end)
        when validity_rules.starts_from = 'issued_date'
            then coalesce(events.issued_date, events.uploaded_date, events.visit_end)
        else events.visit_end
    end as holds_from,
    -- The last day is the calendar anniversary; a result that stands for no other audit has no validity at all.
    -- A withdrawn certificate ends it, whoever names a later day; a brand's log never shortens a certificate.
    least(
        coalesce(
            events.valid_to,
            if(audit_kinds.is_full, certificates.certified_to, null),
            if(
                certified_schemes.scheme is not null,
                greatest(events.logged_valid_to, (holds_from + to_months(validity_rules.validity_months))::date),
                events.logged_valid_to
            ),
            (holds_from + to_months(validity_rules.validity_months))::date
        ),
        certificates.certified_to
    ) as holds_to,
    told_to is null and coalesce(validity_rules.is_assumed, false) as is_validity_assumed,
    coalesce(told_to is null and validity_rules.validity_months = 0, false) as is_never_valid,
    -- A grade with no validity at all (BSCI E, zero tolerance) fails, whatever dates are delivered.
    coalesce(validity_rules.validity_months = 0 and validity_rules.grade <> 'any', false) as is_failing_grade,
    events.grade_raw,
    grade_ranks.grade_rank,
    events.severity_band,
    coalesce(events.auditor_days, effort_bands.auditor_days_low) as auditor_days_low,
    coalesce(events.auditor_days, effort_bands.auditor_days_central) as auditor_days_central,
    coalesce(events.auditor_days, effort_bands.auditor_days_high) as auditor_days_high,
    events.auditor_days is null and effort_bands.auditor_days_central is not null as days_estimated,
    events.topics_in_scope,
    events.site_units,
    events.worker_count_min,
    events.worker_count_max,
    events.is_report_shareable,
    events.initiative,
    events.record_count,
    events.source_count,
    events.use_count,
    events.event_probability,
    events.conflicting_columns,
    greatest(events.visibility_rank, certificates.visibility_rank) as visibility_rank,
    visibilities.code as visibility
from events
left join certified_schemes on events.scheme = certified_schemes.scheme
left join certificates on events.event_id = certificates.event_id
left join vocabulary.audit_kind as audit_kinds on events.audit_kind = audit_kinds.code
left join grade_ranks on lower(events.grade_raw) = grade_ranks.grade
left join rules_of_events as validity_rules on events.event_id = validity_rules.event_id
left join effort_bands
    on
        events.scheme = effort_bands.scheme
        and events.audit_kind = effort_bands.audit_kind
        and coalesce(events.worker_count_min, 0) >= effort_bands.worker_count_min
        and coalesce(events.worker_count_min, 0) <= effort_bands.worker_count_max
left join visibilities
    on greatest(events.visibility_rank, certificates.visibility_rank) = visibilities.rank
