-- One row per open question about the site's identity.
select
    record_id_left,
    record_id_right,
    site_id_left,
    site_id_right,
    site_name_left,
    site_name_right,
    question,
    match_probability
from marts.match_review_queue
where
    $site in (site_id_left, site_id_right)
    and not list_contains($closed::varchar[], visibility)
order by priority desc, record_id_left, record_id_right
