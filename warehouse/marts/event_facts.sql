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

)

select
    (md5_number_lower(events.event_id) >> 1)::bigint as event_number,
    events.event_id,
    events.site_id,
    -- Who ordered it; unknown orderers of one scheme are taken for one, so that they never make a visit avoidable.
    coalesce(lower(trim(events.commissioner)), 'unknown, ' || schemes.family) as party,
    if(
        list_contains(parameters.schemes_of_one_party, events.scheme),
        schemes.family || ' of ' || coalesce(lower(trim(events.commissioner)), 'unknown'),
        schemes.family
    ) as programme,
    lower(trim(events.audit_firm)) as firm,
    events.scheme,
    events.audit_kind,
    audit_kinds.is_full,
    events.auditor_party,
    events.visit_start,
    events.visit_end,
    events.date_kind = 'visit' as is_visit_dated,
    events.holds_to,
    events.is_never_valid,
    case events.notice when 'unannounced' then 2 when 'semi_announced' then 1 else 0 end as notice_rank,
    events.grade_rank,
    coalesce(events.severity_band = 'critical', false) as is_failing,
    coalesce(events.is_report_shareable, not list_contains(parameters.schemes_of_one_party, events.scheme))
        as is_shareable,
    events.worker_count_min,
    scopes.law_topics,
    scopes.standard_topics,
    scopes.above_topics,
    events.auditor_days_low,
    events.auditor_days_central,
    events.auditor_days_high,
    events.event_probability,
    events.visibility_rank,
    events.visibility
from events
cross join parameters
inner join schemes on events.scheme = schemes.code
inner join audit_kinds on events.audit_kind = audit_kinds.code
left join scopes
    on
        events.scheme = scopes.scheme
        and case
            when events.topics_in_scope is null then 'all' else array_to_string(list_sort(events.topics_in_scope), ' ')
        end = scopes.scope
