-- One row per month and planner with planned visits, and how many of them a result that still holds would serve.
select
    visit_month,
    commissioner,
    count(*) as visit_count,
    count_if(covering_event_id is not null and first_obstacle is null) as covered_count,
    count_if(covering_event_id is null and other_planner_count > 0) as joint_count
from marts.planned_overlaps
group by visit_month, commissioner
order by visit_month, commissioner
limit 24
