with

topics as (

    select distinct
        topic,
        topic_bit
    from marts.scheme_topics

),

findings as (

    select * from marts.findings_at_events

),

with_findings as (

    select distinct event_id
    from findings

),

-- Of the others it is known only when somebody who tells of them delivers findings at all.
told as (

    select distinct event_id
    from marts.audit_event_records
    where source_name in (select findings.source_name from findings)

)

select
    facts.event_id,
    facts.site_id,
    topics.topic,
    facts.visit_start,
    facts.visit_end,
    with_findings.event_id is null as is_clean_assumed
from marts.event_facts as facts
inner join told on facts.event_id = told.event_id
inner join marts.audit_events as events on facts.event_id = events.event_id
inner join topics on (facts.law_topics | facts.standard_topics | facts.above_topics) & topics.topic_bit > 0
left join with_findings on facts.event_id = with_findings.event_id
anti join marts.found_topics as found on facts.event_id = found.event_id and topics.topic = found.topic
where facts.is_whole or events.topics_in_scope is not null
