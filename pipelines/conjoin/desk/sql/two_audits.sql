-- One row per audit, with one of the records that tell it.
select
    events.event_id,
    events.site_id,
    events.visit_start,
    events.valid_to,
    events.scheme,
    events.audit_kind,
    events.commissioner,
    events.audit_firm,
    events.notice,
    events.grade_raw,
    events.topics_in_scope,
    min(records.record_id) as record_id
from marts.audit_events as events
inner join marts.audit_event_records as records on events.event_id = records.event_id
where list_contains($events::varchar[], events.event_id)
group by all
