with

parameters as (

    select * from intermediate.rule_parameters

),

overlapping as (

    select
        coalesce(earlier.commissioner_type, 'unknown') as commissioner_type_a,
        coalesce(later.commissioner_type, 'unknown') as commissioner_type_b,
        pairs.site_id,
        pairs.event_id_b,
        coalesce(later.best_earlier_event_id = pairs.event_id_a, false) as is_best_avoidable
    from marts.overlapping_audits as pairs
    inner join marts.audit_events as earlier on pairs.event_id_a = earlier.event_id
    inner join marts.audit_events as later on pairs.event_id_b = later.event_id

),

counted as (

    select
        commissioner_type_a,
        commissioner_type_b,
        count(*) as overlapping_pair_count,
        count(distinct event_id_b) as overlapping_audit_count,
        count_if(is_best_avoidable)::bigint as avoidable_audit_count,
        count(distinct site_id) as site_count
    from overlapping
    group by commissioner_type_a, commissioner_type_b

),

shares as (

    select
        counted.*,
        sum(counted.overlapping_pair_count) over ()::double as all_pair_count,
        counted.overlapping_pair_count / all_pair_count as held_share,
        parameters.interval_z ** 2 / all_pair_count as width,
        sqrt(width * held_share * (1 - held_share) + width ** 2 / 4) as half_width,
        counted.site_count < parameters.smallest_cell as is_small_cell
    from counted
    cross join parameters

)

-- Wilson's interval: it stays inside 0 and 1, and is honest about few pairs.
select
    commissioner_type_a,
    commissioner_type_b,
    overlapping_pair_count,
    overlapping_audit_count,
    avoidable_audit_count,
    site_count,
    is_small_cell,
    held_share,
    (held_share + width / 2 - half_width) / (1 + width) as held_share_low,
    (held_share + width / 2 + half_width) / (1 + width) as held_share_high
from shares
