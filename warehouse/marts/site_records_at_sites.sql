with

site_records as (

    select * from staging.site_records

),

site_memberships as (

    select * from matching.site_memberships

)

select
    coalesce(site_memberships.site_id, site_records.record_id) as site_id,
    site_records.record_id,
    site_records.source_name,
    coalesce(site_memberships.match_probability, 1.0) as match_probability,
    coalesce(site_memberships.method, 'not_matched') as match_method,
    site_records.as_of_date,
    site_records.site_id_source,
    site_records.site_name,
    site_records.site_name_native,
    site_records.site_address,
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
    site_records.is_closed,
    site_records.visibility
from site_records
left join site_memberships on site_records.record_id = site_memberships.record_id
