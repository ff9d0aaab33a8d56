with

told as (

    select
        pairs.*,
        unnest(pairs.reasons) as told_reason
    from marts.audit_pairs as pairs
    inner join marts.audits_in_totals as later on pairs.event_id_b = later.event_id
    inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
    inner join vocabulary.visibility as visibilities on pairs.visibility = visibilities.code
    where
        classes.has_reason
        and visibilities.enters_totals
        -- What some other earlier audit would have spared needs no reason.
        and not later.is_avoidable
        and ($country::varchar is null or later.country_code = $country)
        and ($from_date::date is null or later.visit_start >= $from_date)
        and ($to_date::date is null or later.visit_start <= $to_date)
        and ($organisations is null or list_contains($organisations, lower(trim(later.commissioner))))

),

missed as (

    select
        told_reason,
        unnest(topics_missing) as topic
    from told
    where told_reason = 'scope_missing'

),

topics as (

    select
        told_reason,
        topic,
        count(*) as missed_count
    from missed
    group by told_reason, topic

),

most_missed as (

    select
        told_reason,
        (list(topic order by missed_count desc, topic asc))[:3] as topics_missing_most
    from topics
    group by told_reason

)

select
    told.told_reason as reason,
    count(*) as pair_count,
    count(distinct told.event_id_b) as audit_count,
    -- One's own earlier audit spares no visit of one's own, whatever it had been.
    count(distinct told.event_id_b) filter (
        len(told.reasons) = 1 and (told.is_other_commissioner or told.told_reason = 'orderer_unknown')
    ) as lone_audit_count,
    count(distinct told.site_id) as site_count,
    median(told.days_missing) filter (where told.told_reason = 'outdated') as days_missing_median,
    any_value(most_missed.topics_missing_most) as topics_missing_most
from told
left join most_missed on told.told_reason = most_missed.told_reason
group by told.told_reason
order by audit_count desc, reason asc
