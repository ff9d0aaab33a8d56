with

loads as (

    select * from staging.loads

),

visibilities as (

    select * from vocabulary.visibility

),

-- A record that came again first came with its oldest current file.
first_deliveries as (

    select
        deliveries.record_id,
        min(loads.delivered_at) as delivered_at,
        max(visibilities.rank) as visibility_rank
    from staging.audit_deliveries as deliveries
    inner join loads on deliveries.load_id = loads.load_id
    left join visibilities on deliveries.visibility = visibilities.code
    group by deliveries.record_id

),

told as (

    select
        records.event_id,
        records.source_name,
        records.record_id,
        greatest(records.visibility_rank, first_deliveries.visibility_rank) as visibility_rank,
        coalesce(first_deliveries.delivered_at, loads.delivered_at) as delivered_at
    from marts.audit_event_records as records
    inner join loads on records.load_id = loads.load_id
    left join first_deliveries on records.record_id = first_deliveries.record_id

),

first_told as (

    select
        event_id,
        min(delivered_at)::date as first_delivered_date,
        arg_min(source_name, { 'delivered_at': delivered_at, 'record_id': record_id }) as source_name,
        max(visibility_rank) as visibility_rank
    from told
    group by event_id

)

select
    events.event_id,
    events.site_id,
    first_told.source_name,
    first_told.first_delivered_date,
    events.visit_start,
    events.counts_as_audit,
    events.is_avoidable,
    -- An older file may have been for fewer eyes.
    visibilities.code as visibility
from marts.audit_events as events
inner join first_told on events.event_id = first_told.event_id
left join visibilities as own on events.visibility = own.code
left join visibilities on greatest(own.rank, first_told.visibility_rank) = visibilities.rank
