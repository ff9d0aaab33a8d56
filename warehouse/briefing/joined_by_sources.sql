with

records as (

    select distinct
        records.site_id,
        records.source_name,
        coalesce(sources.source_title, records.source_name) as source_title
    from marts.site_records_at_sites as records
    left join staging.sources as sources on records.source_name = sources.source_name
    left join marts.sites as sites on records.site_id = sites.site_id
    where $country::varchar is null or sites.country_code = $country

),

sizes as (

    select
        source_name,
        count(*) as site_count
    from records
    group by source_name

)

select
    any_value(one.source_title) as source_title_a,
    any_value(other.source_title) as source_title_b,
    one.source_name as source_name_a,
    other.source_name as source_name_b,
    count(*) as shared_site_count,
    any_value(least(one_size.site_count, other_size.site_count)) as smaller_site_count
from records as one
inner join records as other on one.site_id = other.site_id and one.source_name < other.source_name
inner join sizes as one_size on one.source_name = one_size.source_name
inner join sizes as other_size on other.source_name = other_size.source_name
group by one.source_name, other.source_name
order by shared_site_count desc, one.source_name asc, other.source_name asc
