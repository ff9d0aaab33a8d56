with

audit_events as (

    select * from marts.audit_events
    where counts_as_audit

),

in_time as (

    select
        event_id,
        site_id,
        commissioner,
        visit_start,
        is_avoidable,
        best_earlier_event_id,
        event_probability,
        visibility,
        lag(event_id) over by_day as previous_event_id,
        lag(commissioner) over by_day as previous_commissioner,
        lag(visit_start) over by_day as previous_visit_start,
        lag(event_probability) over by_day as previous_probability,
        lag(visibility) over by_day as previous_visibility
    from audit_events
    window by_day as (partition by site_id order by visit_start, event_id)

),

visibilities as (

    select * from vocabulary.visibility

)

select
    in_time.event_id,
    in_time.site_id,
    in_time.commissioner,
    in_time.visit_start,
    in_time.previous_event_id,
    in_time.previous_commissioner,
    in_time.previous_visit_start,
    in_time.visit_start - in_time.previous_visit_start as gap_days,
    in_time.is_avoidable,
    in_time.best_earlier_event_id,
    least(in_time.event_probability, in_time.previous_probability) as weakest_link_probability,
    if(visibilities.rank > previous_visibilities.rank, in_time.visibility, in_time.previous_visibility) as visibility
from in_time
left join visibilities on in_time.visibility = visibilities.code
left join visibilities as previous_visibilities on in_time.previous_visibility = previous_visibilities.code
where in_time.previous_event_id is not null
