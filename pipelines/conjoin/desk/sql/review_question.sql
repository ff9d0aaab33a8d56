-- What is asked of two records; no row if nothing is.
select
    question,
    match_probability,
    reason,
    if_same,
    if_different,
    is_random
from marts.match_review_queue
where record_id_left = $left and record_id_right = $right
