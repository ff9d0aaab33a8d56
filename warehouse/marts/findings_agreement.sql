with

topics as (

    select distinct
        topic,
        topic_bit
    from marts.scheme_topics

),

events as (

    select
        event_id,
        law_topics | standard_topics | above_topics as scope_topics
    from marts.event_facts

),

found as (

    select * from marts.found_topics

),

-- Only of audits with findings at all is it known what they did not find.
told as (

    select distinct event_id
    from marts.findings_at_events

),

compared as (

    select
        pairs.pair_class,
        topics.topic,
        earlier_found.topic is not null as is_found_before,
        later_found.topic is not null as is_found_later
    from marts.audit_pairs as pairs
    inner join told as earlier_told on pairs.event_id_a = earlier_told.event_id
    inner join told as later_told on pairs.event_id_b = later_told.event_id
    inner join events as earlier on pairs.event_id_a = earlier.event_id
    inner join events as later on pairs.event_id_b = later.event_id
    inner join topics on earlier.scope_topics & later.scope_topics & topics.topic_bit > 0
    left join found as earlier_found
        on pairs.event_id_a = earlier_found.event_id and topics.topic = earlier_found.topic
    left join found as later_found
        on pairs.event_id_b = later_found.event_id and topics.topic = later_found.topic

),

counted as (

    select
        pair_class,
        topic,
        count(*) as pair_count,
        count_if(is_found_before and is_found_later)::bigint as found_in_both_count,
        count_if(is_found_before and not is_found_later)::bigint as found_before_only_count,
        count_if(is_found_later and not is_found_before)::bigint as found_later_only_count
    from compared
    group by pair_class, topic

),

agreement as (

    select
        *,
        (pair_count - found_before_only_count - found_later_only_count) / pair_count as agreement_share,
        (found_in_both_count + found_before_only_count) / pair_count as before_share,
        (found_in_both_count + found_later_only_count) / pair_count as later_share,
        before_share * later_share + (1 - before_share) * (1 - later_share) as chance_share
    from counted

)

-- Cohen's kappa: agreement beyond chance; without any difference between pairs there is none to speak of.
select
    pair_class,
    topic,
    pair_count,
    found_in_both_count,
    found_before_only_count,
    found_later_only_count,
    agreement_share,
    if(chance_share < 1, (agreement_share - chance_share) / (1 - chance_share), null) as kappa
from agreement
