-- One row per accepted link between two records of the site, the weakest first.
select
    record_id_left,
    record_id_right,
    match_probability,
    is_weakest_link,
    explanation
from marts.site_links
where
    site_id_left = $site and site_id_right = $site and is_accepted
    and not list_contains($closed::varchar[], visibility)
order by is_weakest_link desc, match_probability, record_id_left, record_id_right
limit 200
