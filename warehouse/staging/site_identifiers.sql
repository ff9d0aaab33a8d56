with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        site_identifiers.record_id,
        max(loads.load_rank) as latest_rank
    from landing.site_identifiers as site_identifiers
    inner join loads on site_identifiers.load_id = loads.load_id
    where loads.source_load_count > 1
    group by site_identifiers.record_id
    having count(*) > 1

)

select
    site_identifiers.record_id,
    site_identifiers.source_name,
    site_identifiers.load_id,
    site_identifiers.line_number,
    site_identifiers.visibility,
    site_identifiers.site_record_id,
    site_identifiers.id_scheme,
    site_identifiers.id_value
from landing.site_identifiers as site_identifiers
inner join loads on site_identifiers.load_id = loads.load_id
left join recurring on site_identifiers.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
