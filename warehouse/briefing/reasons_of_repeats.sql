with

repeats as (

    select
        pairs.event_id_b,
        pairs.event_id_a,
        pairs.reasons
    from marts.audit_pairs as pairs
    inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
    inner join marts.audits_in_totals as later on pairs.event_id_b = later.event_id
    inner join vocabulary.visibility as visibilities on pairs.visibility = visibilities.code
    where
        classes.has_reason
        and visibilities.enters_totals
        and not later.is_avoidable
        and ($country::varchar is null or later.country_code = $country)
        and ($from_date::date is null or later.visit_start >= $from_date)
        and ($to_date::date is null or later.visit_start <= $to_date)

),

told as (

    select
        event_id_b,
        len(reasons) = 1 as is_only_reason,
        unnest(reasons) as reason
    from repeats

)

select
    reason,
    count(distinct event_id_b) as audit_count,
    count(distinct event_id_b) filter (is_only_reason) as only_reason_count
from told
group by reason
order by audit_count desc, reason asc
