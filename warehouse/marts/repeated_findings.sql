with

parameters as (

    select * from intermediate.rule_parameters

),

found as (

    select
        found_topics.*,
        events.event_probability,
        lower(trim(events.commissioner)) as party,
        -- Where a spell ends rests on whatever was found of the topic at the site, and on who closed it.
        max(visibilities.rank) over (partition by found_topics.site_id, found_topics.topic) as visibility_rank,
        severities.rank as severity_rank
    from marts.found_topics as found_topics
    inner join marts.audit_events as events on found_topics.event_id = events.event_id
    left join vocabulary.visibility as visibilities on found_topics.visibility = visibilities.code
    left join vocabulary.severity_band as severities on found_topics.severity_band = severities.code
    where events.counts_as_audit

),

closings as (

    select distinct
        site_id,
        topic,
        closed_date
    from found
    where closed_date is not null

),

-- Whoever closes the topic after it was found, and before it is found again, ends the spell; so does the horizon.
in_order as (

    select
        found.*,
        lag(found.visit_start) over site_topic as previous_start,
        closings.closed_date as closed_before
    from found
    asof left join closings
        on
            found.site_id = closings.site_id
            and found.topic = closings.topic
            and found.visit_start > closings.closed_date
    window site_topic as (partition by found.site_id, found.topic order by found.visit_start, found.event_id)

),

numbered as (

    select
        in_order.*,
        count_if(
            in_order.previous_start is null
            or in_order.closed_before >= in_order.previous_start
            or in_order.visit_start > in_order.previous_start + to_months(parameters.horizon_months)
        ) over (
            partition by in_order.site_id, in_order.topic
            order by in_order.visit_start, in_order.event_id
            rows between unbounded preceding and current row
        ) as spell
    from in_order
    cross join parameters

),

spells as (

    select
        site_id,
        topic,
        min(visit_start) as first_found_date,
        max(visit_start) as last_found_date,
        count(*) as found_count,
        count(distinct party) as commissioner_count,
        max(severity_rank) as severity_rank,
        first(event_id order by visit_start, event_id) as first_event_id,
        last(event_id order by visit_start, event_id) as last_event_id,
        min(event_probability) as event_probability,
        max(visibility_rank) as visibility_rank
    from numbered
    group by site_id, topic, spell
    having max(visit_start) > min(visit_start)

)

select
    spells.site_id,
    spells.topic,
    spells.first_found_date,
    spells.last_found_date,
    spells.found_count,
    spells.commissioner_count,
    severities.code as severity_band,
    closings.closed_date is null as is_finding_open,
    closings.closed_date,
    coalesce(closings.closed_date, build_date.as_of_date) - spells.first_found_date as open_days,
    spells.first_event_id,
    spells.last_event_id,
    spells.event_probability,
    visibilities.code as visibility
from spells
cross join intermediate.build_date as build_date
asof left join closings
    on
        spells.site_id = closings.site_id
        and spells.topic = closings.topic
        and spells.last_found_date <= closings.closed_date
left join vocabulary.severity_band as severities on spells.severity_rank = severities.rank
left join vocabulary.visibility as visibilities on spells.visibility_rank = visibilities.rank
