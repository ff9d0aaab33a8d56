with

loads as (

    select * from staging.loads

),

-- Only records of a source with several current loads can recur, and few do: they are found first, the rest passes.
recurring as (

    select
        site_records.record_id,
        max(loads.load_rank) as latest_rank
    from landing.site_records as site_records
    inner join loads on site_records.load_id = loads.load_id
    where loads.source_load_count > 1
    group by site_records.record_id
    having count(*) > 1

)

select
    site_records.record_id,
    site_records.source_name,
    site_records.load_id,
    site_records.line_number,
    site_records.visibility,
    site_records.as_of_date,
    site_records.site_id_source,
    site_records.site_name,
    site_records.site_name_native,
    site_records.site_address,
    site_records.site_address_native,
    site_records.city_name,
    site_records.region_name,
    site_records.postal_code,
    site_records.country_code,
    site_records.latitude,
    site_records.longitude,
    site_records.worker_count_min,
    site_records.worker_count_max,
    site_records.parent_name,
    site_records.facility_type,
    site_records.site_level,
    site_records.is_closed
from landing.site_records as site_records
inner join loads on site_records.load_id = loads.load_id
left join recurring on site_records.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
