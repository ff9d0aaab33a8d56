-- One row per open question, those first whose answer may change figures most: how doubtful it is, times the pairs of
-- audits that would come to stand beside each other, or no longer would. Questions drawn at random come in between.
with

told as (

    select
        queue.record_id_left,
        queue.record_id_right,
        queue.question,
        queue.is_random,
        queue.priority,
        queue.match_probability * (1 - queue.match_probability) as doubt,
        if(
            queue.site_id_left = queue.site_id_right,
            left_site.audit_count * (left_site.audit_count - 1) / 2,
            left_site.audit_count * right_site.audit_count
        ) as audit_pair_count
    from marts.match_review_queue as queue
    left join marts.sites as left_site on queue.site_id_left = left_site.site_id
    left join marts.sites as right_site on queue.site_id_right = right_site.site_id

),

placed as (

    select
        *,
        row_number() over (
            partition by is_random
            order by doubt * audit_pair_count desc, priority desc, record_id_left asc, record_id_right asc
        ) as place
    from told

)

select
    record_id_left,
    record_id_right,
    coalesce(audit_pair_count, 0)::bigint as audit_pair_count
from placed
-- One tenth is random: the calibration needs answers that no ranking has chosen.
order by if(is_random, 10 * place, place) asc, is_random asc, record_id_left asc, record_id_right asc
