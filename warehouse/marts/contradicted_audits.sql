with

parameters as (

    select * from intermediate.rule_parameters

),

cases as (

    select * from intermediate.told_cases

),

clean_topics as (

    select * from intermediate.clean_topics

),

visibilities as (

    select * from vocabulary.visibility

),

-- A case of the same month as the visit may have come before it; only an earlier month's audit was surely there first.
contradicted as (

    select
        clean_topics.event_id,
        cases.topic,
        cases.complaint_quarter,
        clean_topics.is_clean_assumed,
        max(greatest(cases.visibility_rank, clean_topics.visibility_rank)) as visibility_rank
    from cases
    cross join parameters
    inner join clean_topics
        on
            cases.site_id = clean_topics.site_id
            and cases.topic = clean_topics.topic
            and cases.complaint_month > clean_topics.visit_end
            and parameters.clean_audit_days >= cases.complaint_month - clean_topics.visit_end
    group by all

)

select
    contradicted.event_id,
    events.site_id,
    contradicted.topic,
    contradicted.complaint_quarter,
    events.scheme,
    events.audit_kind,
    events.commissioner,
    events.audit_firm,
    events.notice,
    events.visit_start,
    events.visit_end,
    contradicted.is_clean_assumed,
    events.is_scope_assumed,
    events.event_probability,
    if(visibilities.rank > contradicted.visibility_rank, events.visibility, case_visibilities.code) as visibility
from contradicted
inner join marts.audit_events as events on contradicted.event_id = events.event_id
left join visibilities on events.visibility = visibilities.code
left join visibilities as case_visibilities on contradicted.visibility_rank = case_visibilities.rank
