with

review_queue as (

    select * from matching.review_queue

),

records as (

    select * from marts.site_records_at_sites

),

visibilities as (

    select * from vocabulary.visibility

)

select
    review_queue.record_id_left,
    review_queue.record_id_right,
    review_queue.match_probability,
    review_queue.priority,
    review_queue.question,
    review_queue.is_random,
    review_queue.reason,
    review_queue.if_same,
    review_queue.if_different,
    left_side.site_id as site_id_left,
    left_side.source_name as source_name_left,
    left_side.site_name as site_name_left,
    left_side.site_address as site_address_left,
    right_side.site_id as site_id_right,
    right_side.source_name as source_name_right,
    right_side.site_name as site_name_right,
    right_side.site_address as site_address_right,
    left_side.country_code,
    if(left_visibility.rank > right_visibility.rank, left_side.visibility, right_side.visibility) as visibility
from review_queue
inner join records as left_side on review_queue.record_id_left = left_side.record_id
inner join records as right_side on review_queue.record_id_right = right_side.record_id
left join visibilities as left_visibility on left_side.visibility = left_visibility.code
left join visibilities as right_visibility on right_side.visibility = right_visibility.code
