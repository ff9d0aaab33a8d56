with

records as (

    select * from marts.audit_event_records

),

delivered as (

    select * from staging.audit_uses

),

visibilities as (

    select * from vocabulary.visibility

),

-- Whoever a row names as orderer relies on the audit, each of several for itself.
told as (

    select
        event_id,
        -- Few rows name several: the others need no splitting.
        unnest(if(contains(organisation, ';'), string_split(organisation, ';'), [organisation])) as organisation,
        commissioner,
        source_name,
        site_id,
        null::date as relied_from_date,
        null as reliance_kind,
        visibility_rank
    from records
    where organisation is not null
    union all by name
    select
        records.event_id,
        unnest(string_split(delivered.organisation, ';')) as organisation,
        null as commissioner,
        delivered.source_name,
        records.site_id,
        delivered.relied_from_date,
        delivered.reliance_kind,
        greatest(visibilities.rank, records.visibility_rank) as visibility_rank
    from delivered
    inner join records on delivered.audit_record_id = records.record_id
    inner join visibilities on delivered.visibility = visibilities.code

),

-- What one source tells by several rows is seen by those who may see all of them.
uses as (

    select
        told.event_id,
        trim(told.organisation) as organisation,
        told.source_name,
        case
            when told.reliance_kind is not null then told.reliance_kind
            when list_contains(
                string_split(regexp_replace(lower(trim(told.commissioner)), ' *; *', ';', 'g'), ';'),
                lower(trim(told.organisation))
            ) then 'commissioned'
            else 'relied_on'
        end as use_kind,
        min(told.relied_from_date) as relied_from_date,
        any_value(told.site_id) as site_id,
        max(told.visibility_rank) as visibility_rank
    from told
    where trim(told.organisation) <> ''
    group by all

)

select
    uses.event_id,
    uses.organisation,
    uses.source_name,
    uses.use_kind,
    uses.relied_from_date,
    uses.site_id,
    visibilities.code as visibility
from uses
left join visibilities on uses.visibility_rank = visibilities.rank
