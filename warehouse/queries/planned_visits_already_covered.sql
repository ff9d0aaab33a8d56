select
    planned.visit_month,
    planned.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    planned.commissioner,
    planned.scheme,
    planned.covering_event_id,
    planned.covering_scheme,
    planned.covering_valid_to,
    planned.valid_event_count,
    planned.accepted_event_count,
    planned.is_policy_known,
    planned.covering_class,
    planned.first_obstacle,
    planned.other_planner_count,
    planned.visibility
from marts.planned_overlaps as planned
inner join marts.sites as sites on planned.site_id = sites.site_id
where
    (planned.valid_event_count > 0 or planned.other_planner_count > 0)
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or planned.visit_month >= $from_date)
    and ($to_date::date is null or planned.visit_month <= $to_date)
order by planned.visit_month, planned.site_id, planned.record_id
