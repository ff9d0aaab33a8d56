-- One row: how many questions of identity are open.
select count(*) as question_count from marts.match_review_queue
