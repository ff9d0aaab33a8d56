with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

complaints as (

    select * from marts.complaints_at_sites

),

events as (

    select * from marts.event_facts

),

topics as (

    select distinct
        topic,
        topic_bit
    from marts.scheme_topics

),

visibilities as (

    select * from vocabulary.visibility

)

select
    events.event_number,
    max(visibilities.rank) as case_visibility_rank
from complaints
cross join parameters
cross join build_date
inner join events
    on
        complaints.site_id = events.site_id
        and complaints.complaint_month <= events.visit_start
        and parameters.case_days >= events.visit_start - complaints.complaint_month
left join topics on complaints.topic = topics.topic
inner join visibilities on complaints.visibility = visibilities.code
where
    -- A visit soon after a case gives the case away, so nothing is said before the quarter has ended.
    date_trunc('quarter', events.visit_start) + interval 3 month <= build_date.as_of_date
    and (
        topics.topic_bit is null
        or topics.topic_bit & (events.law_topics | events.standard_topics | events.above_topics) > 0
    )
group by events.event_number
