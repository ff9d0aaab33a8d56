-- The sites whose id or name comes near to what was asked, or that were found: five at most, the nearest first.
with

scored as (

    select
        records.site_id,
        max(
            greatest(
                jaro_winkler_similarity(lower(records.site_name), lower(trim($asked))),
                jaro_winkler_similarity(lower(coalesce(records.site_name_native, '')), lower(trim($asked))),
                jaro_winkler_similarity(records.site_id, upper(trim($asked))) - 0.1,
                if(contains(lower(records.site_name), lower(trim($asked))), 0.95, 0)
            )
        ) as nearness
    from marts.site_records_at_sites as records
    where
        not list_contains($closed::varchar[], records.visibility)
        and (len($found::varchar[]) = 0 or list_contains($found::varchar[], records.site_id))
    group by records.site_id

)

select
    sites.site_id,
    sites.site_name,
    sites.city_name,
    sites.country_code
from scored
inner join marts.sites as sites on scored.site_id = sites.site_id
where scored.nearness >= 0.8 or len($found::varchar[]) > 0
order by scored.nearness desc, sites.site_id asc
limit 5
