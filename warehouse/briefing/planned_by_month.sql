select
    planned.visit_month,
    count(*) as planned_visit_count,
    count_if(planned.accepted_event_count > 0)::bigint as covered_count,
    count_if(planned.valid_event_count > 0)::bigint as held_count,
    count_if(planned.other_planner_count > 0)::bigint as joint_count,
    mode(planned.first_obstacle order by planned.first_obstacle) filter (where planned.accepted_event_count = 0)
        as first_obstacle
from marts.planned_overlaps as planned
inner join marts.sites as sites on planned.site_id = sites.site_id
where
    ($country::varchar is null or sites.country_code = $country)
    and ($organisations is null or list_contains($organisations, lower(trim(planned.commissioner))))
group by planned.visit_month
order by planned.visit_month
