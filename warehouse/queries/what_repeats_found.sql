with

found as (

    select * from marts.found_topics

),

repeats as (

    select
        pairs.event_id_a,
        pairs.event_id_b,
        pairs.pair_class,
        list(found.topic order by found.topic) as later_topics
    from marts.audit_pairs as pairs
    inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
    inner join marts.audit_events as events on pairs.event_id_b = events.event_id
    inner join marts.sites as sites on pairs.site_id = sites.site_id
    inner join found on pairs.event_id_b = found.event_id
    where
        classes.is_repeat
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)
    group by pairs.event_id_a, pairs.event_id_b, pairs.pair_class

),

earlier as (

    select
        event_id,
        list(topic order by topic) as earlier_topics
    from found
    group by event_id

)

select
    repeats.pair_class,
    count(*) as pair_count,
    sum(len(repeats.later_topics))::bigint as topic_count,
    sum(len(list_intersect(repeats.later_topics, earlier.earlier_topics)))::bigint as found_before_count,
    count_if(len(list_intersect(repeats.later_topics, earlier.earlier_topics)) = len(repeats.later_topics))::bigint
        as nothing_new_pair_count
from repeats
inner join earlier on repeats.event_id_a = earlier.event_id
group by repeats.pair_class
order by repeats.pair_class
