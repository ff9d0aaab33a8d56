with

site_records as (

    select * from landing.site_records

),

loads as (

    select * from staging.loads

),

-- Only few records recur in a later period, so they are found first and the rest passes untouched.
recurring as (

    select
        site_records.record_id,
        max(loads.load_rank) as latest_rank
    from site_records
    inner join loads on site_records.load_id = loads.load_id
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
from site_records
inner join loads on site_records.load_id = loads.load_id
left join recurring on site_records.record_id = recurring.record_id
where recurring.record_id is null or loads.load_rank = recurring.latest_rank
