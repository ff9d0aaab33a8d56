-- One row per site whose id or name comes near to what was asked, the nearest first.
select
    site_id,
    site_name,
    city_name,
    country_code
from marts.sites
where
    not list_contains($closed::varchar[], visibility)
    and (
        levenshtein(site_id, upper(trim($asked))) <= 3
        or jaro_winkler_similarity(lower(site_name), lower(trim($asked))) >= 0.85
    )
order by
    levenshtein(site_id, upper(trim($asked))) <= 3 desc,
    if(levenshtein(site_id, upper(trim($asked))) <= 3, levenshtein(site_id, upper(trim($asked))), null) asc,
    jaro_winkler_similarity(lower(site_name), lower(trim($asked))) desc,
    site_id asc
limit 3
