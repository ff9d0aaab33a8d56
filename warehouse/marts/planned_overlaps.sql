with

parameters as (

    select * from intermediate.rule_parameters

),

build_date as (

    select * from intermediate.build_date

),

audit_records as (

    select * from staging.audit_records
    where audit_status = 'planned'

),

site_memberships as (

    select * from matching.site_memberships

),

events as (

    select * from marts.audit_events
    where counts_as_audit

),

visibilities as (

    select * from vocabulary.visibility

),

planned as (

    select
        audit_records.record_id,
        coalesce(site_memberships.site_id, audit_records.site_record_id) as site_id,
        coalesce(site_memberships.match_probability, 1.0) as match_probability,
        audit_records.source_name,
        audit_records.scheme,
        audit_records.commissioner,
        lower(trim(audit_records.commissioner)) as party,
        audit_records.visit_start,
        date_trunc('month', audit_records.visit_start)::date as visit_month,
        audit_records.visibility,
        visibilities.rank as visibility_rank
    from audit_records
    left join site_memberships on audit_records.site_record_id = site_memberships.record_id
    left join visibilities on audit_records.visibility = visibilities.code

),

-- A planned visit has become a done one when the same orderer and scheme were there within a month.
done as (

    select distinct planned.record_id
    from planned
    cross join parameters
    inner join events
        on
            planned.site_id = events.site_id
            and planned.scheme = events.scheme
            and planned.party = lower(trim(events.commissioner))
            and abs(planned.visit_start - events.visit_start) <= parameters.planned_done_days

),

still_planned as (

    select planned.*
    from planned
    cross join build_date
    left join done on planned.record_id = done.record_id
    where done.record_id is null and planned.visit_start >= build_date.as_of_date

),

-- The newest audit of another orderer whose result still holds in the month planned.
covering as (

    select
        still_planned.record_id,
        count(*) as valid_event_count,
        max_by(events.event_id, events.visit_start::varchar || events.event_id) as event_id
    from still_planned
    inner join events
        on
            still_planned.site_id = events.site_id
            and still_planned.visit_start <= events.valid_to
            and coalesce(still_planned.party <> lower(trim(events.commissioner)), true)
    group by still_planned.record_id

),

sharing as (

    select
        one.record_id,
        count(distinct other.party) as other_planner_count
    from still_planned as one
    inner join still_planned as other
        on one.site_id = other.site_id and one.visit_month = other.visit_month and one.party <> other.party
    group by one.record_id

)

select
    still_planned.record_id,
    still_planned.site_id,
    still_planned.visit_month,
    still_planned.scheme,
    still_planned.commissioner,
    still_planned.source_name,
    coalesce(covering.valid_event_count, 0) as valid_event_count,
    covering.event_id as covering_event_id,
    events.scheme as covering_scheme,
    events.valid_to as covering_valid_to,
    coalesce(sharing.other_planner_count, 0) as other_planner_count,
    still_planned.match_probability,
    if(visibilities.rank > still_planned.visibility_rank, events.visibility, still_planned.visibility) as visibility
from still_planned
left join covering on still_planned.record_id = covering.record_id
left join events on covering.event_id = events.event_id
left join visibilities on events.visibility = visibilities.code
left join sharing on still_planned.record_id = sharing.record_id
