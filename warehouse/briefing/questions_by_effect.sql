select
    queue.question,
    queue.priority,
    queue.match_probability,
    queue.site_name_left,
    coalesce(left_sources.source_title, queue.source_name_left) as source_title_left,
    queue.site_name_right,
    coalesce(right_sources.source_title, queue.source_name_right) as source_title_right,
    queue.country_code,
    queue.reason,
    queue.if_same,
    queue.if_different,
    queue.visibility,
    count(*) over () as question_count
from marts.match_review_queue as queue
left join staging.sources as left_sources on queue.source_name_left = left_sources.source_name
left join staging.sources as right_sources on queue.source_name_right = right_sources.source_name
where $country::varchar is null or queue.country_code = $country
order by queue.priority desc, queue.record_id_left asc, queue.record_id_right asc
limit 10
