with

topics as (

    select distinct
        topic,
        topic_bit
    from marts.scheme_topics

),

looked_at as (

    select
        facts.event_id,
        facts.site_id,
        facts.law_topics | facts.standard_topics | facts.above_topics as topic_bits,
        facts.above_topics
    from marts.event_facts as facts
    inner join marts.sites as sites on facts.site_id = sites.site_id
    where
        ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or facts.visit_start >= $from_date)
        and ($to_date::date is null or facts.visit_start <= $to_date)

)

select
    topics.topic,
    count(looked_at.event_id) as audit_count,
    coalesce(count_if(looked_at.above_topics & topics.topic_bit > 0), 0)::bigint as above_standard_count,
    count(distinct looked_at.site_id) as site_count,
    count(looked_at.event_id) / nullif(count(distinct looked_at.site_id), 0) as audits_per_site
from topics
left join looked_at on looked_at.topic_bits & topics.topic_bit > 0
group by topics.topic
order by audit_count desc, topics.topic asc
