with

newest as (

    select max(recorded_at) as recorded_at from matching.site_history

)

select
    history.event as id_event,
    count(distinct history.site_id) as id_count,
    count(distinct history.site_id) filter (where history.recorded_at >= newest.recorded_at - interval 90 day)
        as recent_id_count,
    max(history.recorded_at)::date as last_day
from matching.site_history as history
cross join newest
where history.event in ('minted', 'merged', 'split', 'withdrawn', 'revived')
group by history.event
order by id_event
