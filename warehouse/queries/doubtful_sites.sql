with

spread as (

    select
        site_id,
        count(*) as record_count,
        count(distinct source_name) as source_count,
        min(match_probability) as weakest_link_probability,
        -- Degrees to kilometres: the diagonal of the box around all points of the site.
        111.2 * sqrt(
            power(max(latitude) - min(latitude), 2)
            + power((max(longitude) - min(longitude)) * cos(radians(avg(latitude))), 2)
        ) as distance_km
    from marts.site_records_at_sites
    group by site_id

),

waiting as (

    select
        site_id_left as site_id,
        count(*) as review_pair_count
    from marts.match_review_queue
    group by site_id_left

)

select
    spread.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    spread.record_count,
    spread.source_count,
    spread.weakest_link_probability,
    spread.distance_km,
    coalesce(waiting.review_pair_count, 0) as review_pair_count
from spread
cross join intermediate.rule_parameters as rules
inner join marts.sites as sites on spread.site_id = sites.site_id
left join waiting on spread.site_id = waiting.site_id
where
    (
        spread.weakest_link_probability < rules.weak_link_probability
        or spread.distance_km > rules.far_apart_km
        or waiting.review_pair_count > 0
    )
    and ($country::varchar is null or sites.country_code = $country)
order by spread.weakest_link_probability asc, spread.distance_km desc nulls last, spread.site_id asc
