with

records as (

    select * from marts.audit_event_records

),

visibilities as (

    select * from vocabulary.visibility

),

shared as (

    select distinct event_id
    from records
    where not is_best_dated

),

members as (

    select records.*
    from records
    inner join shared on records.event_id = shared.event_id

)

select
    earlier.record_id as record_id_a,
    earlier.load_id as load_id_a,
    later.record_id as record_id_b,
    later.load_id as load_id_b,
    earlier.event_id,
    earlier.site_id,
    if(
        'redelivery' in (earlier.rule_id, later.rule_id)
        and earlier.source_name = later.source_name
        and earlier.audit_id_source = later.audit_id_source,
        'redelivery',
        'same_event'
    ) as relation,
    case
        when later.is_best_dated then earlier.rule_id
        when earlier.is_best_dated then later.rule_id
        else 'both_with_the_best_dated'
    end as rule_id,
    greatest(later.dated_start - earlier.dated_end, earlier.dated_start - later.dated_end, 0) as gap_days,
    earlier.audit_body = later.audit_body as is_firm_equal,
    earlier.scheme = later.scheme as is_scheme_equal,
    earlier.worker_count_min - later.worker_count_min as worker_difference_count,
    least(earlier.match_probability, later.match_probability) as pair_probability,
    if(earlier.visibility_rank > later.visibility_rank, earlier.visibility, later.visibility) as visibility
from members as earlier
inner join members as later
    on
        earlier.event_id = later.event_id
        and (earlier.dated_start, earlier.record_id) < (later.dated_start, later.record_id)
union all by name
-- The same record in an older and in the newest file.
select
    deliveries.record_id as record_id_a,
    deliveries.load_id as load_id_a,
    deliveries.record_id as record_id_b,
    deliveries.latest_load_id as load_id_b,
    records.event_id,
    records.site_id,
    'redelivery' as relation,
    'same_id_newer_file' as rule_id,
    0 as gap_days,
    true as is_firm_equal,
    true as is_scheme_equal,
    0 as worker_difference_count,
    records.match_probability as pair_probability,
    -- The older file may have been for fewer eyes.
    if(visibilities.rank > records.visibility_rank, deliveries.visibility, records.visibility) as visibility
from staging.audit_deliveries as deliveries
inner join records on deliveries.record_id = records.record_id
left join visibilities on deliveries.visibility = visibilities.code
where not deliveries.is_latest and not deliveries.is_refused
