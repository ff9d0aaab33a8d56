with

parameters as (

    select * from intermediate.rule_parameters

),

events as (

    select * from intermediate.rated_events
    where counts_as_audit

),

schemes as (

    select * from vocabulary.scheme

),

audit_kinds as (

    select * from vocabulary.audit_kind

),

scopes as (

    select * from intermediate.scopes

),

visibilities as (

    select * from vocabulary.visibility

),

-- Until when a critical finding of the audit was open; one of which nobody says that it was closed is open still.
critical_findings as (

    select
        findings.event_id,
        max(
            if(
                findings.finding_status = 'closed',
                coalesce(findings.closed_date, date '0001-01-01'),
                date '9999-12-31'
            )
        ) as open_until,
        max(visibilities.rank) as visibility_rank
    from marts.findings_at_events as findings
    left join visibilities on findings.visibility = visibilities.code
    where findings.severity_band = 'critical'
    group by findings.event_id

),

-- What the register of bodies says of the firm on the day of the audit; of a body that it does not name, nothing.
accredited as (

    select
        events.event_id,
        bool_or(bodies.scheme in (events.scheme, schemes.family)) as is_accredited,
        bool_or(bodies.scheme = 'apsca') as is_member
    from events
    inner join intermediate.accreditations as bodies
        on
            events.audit_body = bodies.audit_body
            and events.visit_start >= bodies.in_force_from
            and events.visit_start <= bodies.in_force_to
    inner join schemes on events.scheme = schemes.code
    group by events.event_id

),

-- Versions that somebody's policy tells from the others of their scheme.
policy_versions as (

    select distinct
        scheme,
        scheme_version
    from intermediate.policies
    where scheme_version <> 'any'

)

select
    (md5_number_lower(events.event_id) >> 1)::bigint as event_number,
    events.event_id,
    events.site_id,
    -- Who ordered it; of a brand's own programme the brand in whose log it stands. A facility that orders for itself is
    -- known without a name.
    coalesce(
        lower(trim(events.commissioner)),
        if(events.commissioner_type = 'facility', 'the facility itself', null),
        if(list_contains(parameters.schemes_of_one_party, events.scheme), events.programme_owner, null),
        'unknown'
    ) as party,
    case
        when events.joint_parties is not null then events.joint_parties
        when party <> 'unknown' then [party]
    end as parties,
    party <> 'unknown' as is_party_known,
    if(
        list_contains(parameters.schemes_of_one_party, events.scheme),
        schemes.family || ' of ' || coalesce(events.programme_owner, 'unknown'),
        schemes.family
    ) as programme,
    events.audit_body as firm,
    events.scheme,
    coalesce(policy_versions.scheme_version, 'any') as policy_version,
    events.audit_kind,
    audit_kinds.is_full,
    audit_kinds.is_whole,
    events.topics_in_scope is not null as is_scope_named,
    events.auditor_party,
    coalesce(accredited.is_accredited, false) as is_accredited,
    coalesce(accredited.is_member, false) as is_member,
    events.visit_start,
    events.visit_end,
    events.date_kind = 'visit' and audit_kinds.is_visit as is_visit_dated,
    events.holds_to,
    events.is_never_valid,
    -- A failing grade and a part of an audit have no validity either, but for other reasons.
    events.holds_to is null
    and not events.is_failing_grade
    and audit_kinds.is_whole as is_without_window,
    coalesce(notices.rank, 0) as notice_rank,
    -- An unknown grade is not the one that a policy asks for; 98 is worse than every known grade.
    coalesce(events.grade_rank, 98) as grade_rank,
    case
        when events.is_failing_grade then date '9999-12-31'
        when critical_findings.event_id is not null then critical_findings.open_until
        when events.severity_band = 'critical' then date '9999-12-31'
    end as failing_until,
    coalesce(events.is_report_shareable, not list_contains(parameters.schemes_of_one_party, events.scheme))
        as is_shareable,
    events.site_units,
    events.worker_count_min,
    coalesce(events.worker_count_max, events.worker_count_min) as worker_count_max,
    scopes.law_topics,
    scopes.standard_topics,
    scopes.above_topics,
    scopes.assumed_topics,
    events.auditor_days_low,
    events.auditor_days_central,
    events.auditor_days_high,
    events.event_probability,
    visibilities.rank as visibility_rank,
    visibilities.code as visibility
from events
cross join parameters
inner join schemes on events.scheme = schemes.code
inner join audit_kinds on events.audit_kind = audit_kinds.code
left join vocabulary.notice as notices on events.notice = notices.code
left join critical_findings on events.event_id = critical_findings.event_id
left join accredited on events.event_id = accredited.event_id
left join visibilities
    on greatest(events.visibility_rank, critical_findings.visibility_rank) = visibilities.rank
left join policy_versions
    on
        events.scheme = policy_versions.scheme
        and lower(trim(events.scheme_version)) = policy_versions.scheme_version
left join scopes
    on
        events.scheme = scopes.scheme
        and case
            when events.topics_in_scope is null then 'all' else array_to_string(list_sort(events.topics_in_scope), ' ')
        end = scopes.scope
