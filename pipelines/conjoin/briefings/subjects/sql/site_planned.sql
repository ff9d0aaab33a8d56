-- One row per planned visit at the site.
select
    visit_month,
    scheme,
    commissioner,
    covering_event_id,
    covering_scheme,
    covering_valid_to,
    first_obstacle,
    is_policy_known,
    other_planner_count
from marts.planned_overlaps
where
    site_id = $site
    and not list_contains($closed::varchar[], visibility)
order by visit_month, scheme, commissioner
