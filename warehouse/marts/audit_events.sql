with

events as (

    select * from intermediate.rated_events

),

-- Schemes of which nobody has shown what a whole audit looks at.
assumed_scopes as (

    select distinct scheme
    from reference.scheme_topics
    where is_assumed

),

avoidable as (

    -- An event is avoidable once, through its most probable earlier audit; of equals, the earliest.
    select
        event_id_b as event_id,
        arg_max(
            event_id_a, { 'pair_probability': pair_probability, 'gap_days': gap_days, 'event_id': event_id_a }
        ) as best_earlier_event_id,
        bool_or(avoidable_now) as avoidable_now
    from marts.audit_pairs
    where avoidable_if_shared
    group by event_id_b

)

select
    events.event_id,
    events.site_id,
    events.counts_as_audit,
    events.scheme,
    events.scheme_version,
    events.audit_kind,
    events.commissioner,
    events.commissioner_type,
    events.auditor_party,
    events.audit_firm,
    events.notice,
    events.visit_start,
    events.visit_end,
    events.date_kind,
    events.holds_from as valid_from,
    events.holds_to as valid_to,
    events.is_validity_assumed,
    events.grade_raw,
    events.severity_band,
    events.auditor_days_low,
    events.auditor_days_central as auditor_days,
    events.auditor_days_high,
    events.days_estimated,
    events.topics_in_scope,
    -- Nobody has shown what the scheme looks at, or the record names a topic that the scheme's code does not.
    if(
        events.topics_in_scope is null, assumed_scopes.scheme is not null, coalesce(scopes.assumed_topics > 0, false)
    ) as is_scope_assumed,
    events.worker_count_min,
    events.worker_count_max,
    events.is_report_shareable,
    events.initiative,
    events.use_count,
    greatest(events.use_count - 1, 0) as avoided_count,
    events.record_count,
    events.source_count,
    events.conflicting_columns,
    events.event_probability,
    avoidable.event_id is not null as is_avoidable,
    coalesce(avoidable.avoidable_now, false) as avoidable_now,
    avoidable.best_earlier_event_id,
    events.visibility
from events
left join assumed_scopes on events.scheme = assumed_scopes.scheme
left join avoidable on events.event_id = avoidable.event_id
left join intermediate.scopes as scopes
    on
        events.scheme = scopes.scheme
        and array_to_string(list_sort(events.topics_in_scope), ' ') = scopes.scope
