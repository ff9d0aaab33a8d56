-- One row per audit of the site, the newest first. topics: those that the record names, or else those of its scheme's
-- code; null where nobody has shown them. is_by_grade: how long it holds hangs on its grade, which the page does not tell,
-- and a failing one does not hold at all: so no day is told, and nobody's policy is said to take it.
with

codes as (

    select
        scheme,
        list(topic order by topic) as topics
    from marts.scheme_topics
    where strength_rank > 0
    group by scheme

)

select
    events.event_id,
    events.visit_start,
    events.visit_end,
    events.date_kind,
    schemes.title as scheme_title,
    kinds.title as kind_title,
    kinds.is_full,
    events.commissioner,
    commissioner_types.title as commissioner_type_title,
    events.commissioner_type,
    events.audit_firm,
    notices.title as notice_title,
    coalesce(events.topics_in_scope, if(kinds.is_full, codes.topics, null)) as topics,
    events.topics_in_scope is null and kinds.is_full as is_whole_code,
    graded.scheme is not null and kinds.is_full as is_by_grade,
    if(is_by_grade, null, events.valid_to) as valid_to,
    events.is_validity_assumed,
    coalesce(if(is_by_grade, null, events.valid_to) >= $day::date, false) as is_in_force
from marts.audit_events as events
inner join vocabulary.scheme as schemes on events.scheme = schemes.code
inner join vocabulary.audit_kind as kinds on events.audit_kind = kinds.code
left join vocabulary.commissioner_type as commissioner_types on events.commissioner_type = commissioner_types.code
left join vocabulary.notice as notices on events.notice = notices.code
left join codes on events.scheme = codes.scheme
left join graded on events.scheme = graded.scheme
where events.site_id = $site and events.counts_as_audit and events.visit_start is not null
order by events.visit_start desc, events.event_id
