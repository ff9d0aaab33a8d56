-- One row per audit at the site, in order of time; repeats_event_id is the earlier audit that would have done.
select
    events.event_id,
    events.visit_start,
    events.visit_end,
    events.date_kind,
    events.valid_to,
    events.is_validity_assumed,
    events.scheme,
    events.scheme_version,
    events.audit_kind,
    events.commissioner,
    events.commissioner_type,
    events.audit_firm,
    events.notice,
    events.grade_raw,
    events.auditor_days_low,
    events.auditor_days,
    events.auditor_days_high,
    events.days_estimated,
    events.topics_in_scope,
    events.counts_as_audit,
    events.use_count,
    events.record_count,
    events.source_count,
    events.event_probability,
    events.is_avoidable,
    events.avoidable_now,
    events.best_earlier_event_id as repeats_event_id,
    events.visibility
from marts.audit_events as events
where
    events.site_id = $site
    and not list_contains($closed::varchar[], events.visibility)
order by events.visit_start nulls last, events.event_id
