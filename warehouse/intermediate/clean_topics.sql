with

topics as (

    select distinct
        topic,
        topic_bit
    from marts.scheme_topics

),

findings as (

    select
        findings.event_id,
        findings.source_name,
        visibilities.rank as visibility_rank
    from marts.findings_at_events as findings
    left join vocabulary.visibility as visibilities on findings.visibility = visibilities.code

),

with_findings as (

    select
        event_id,
        max(visibility_rank) as visibility_rank
    from findings
    group by event_id

),

-- Of the others it is known only when somebody who tells of them delivers findings at all.
telling as (

    select
        source_name,
        min(visibility_rank) as visibility_rank
    from findings
    group by source_name

),

told as (

    select
        records.event_id,
        min(telling.visibility_rank) as visibility_rank
    from marts.audit_event_records as records
    inner join telling on records.source_name = telling.source_name
    group by records.event_id

)

select
    facts.event_id,
    facts.site_id,
    topics.topic,
    facts.visit_start,
    facts.visit_end,
    with_findings.event_id is null as is_clean_assumed,
    greatest(facts.visibility_rank, told.visibility_rank, with_findings.visibility_rank) as visibility_rank
from marts.event_facts as facts
inner join told on facts.event_id = told.event_id
inner join marts.audit_events as events on facts.event_id = events.event_id
inner join topics on (facts.law_topics | facts.standard_topics | facts.above_topics) & topics.topic_bit > 0
left join with_findings on facts.event_id = with_findings.event_id
anti join marts.found_topics as found on facts.event_id = found.event_id and topics.topic = found.topic
where facts.is_whole or events.topics_in_scope is not null
