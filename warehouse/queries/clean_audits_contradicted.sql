with

parameters as (

    select * from intermediate.rule_parameters

),

contradicted as (

    select distinct
        event_id,
        topic
    from marts.contradicted_audits

),

counted as (

    select
        clean_topics.topic,
        count(*) as clean_audit_count,
        count(contradicted.event_id) as contradicted_count,
        count(distinct clean_topics.site_id) filter (contradicted.event_id is not null) as site_count
    from intermediate.clean_topics as clean_topics
    inner join marts.sites as sites on clean_topics.site_id = sites.site_id
    left join contradicted
        on clean_topics.event_id = contradicted.event_id and clean_topics.topic = contradicted.topic
    where
        ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or clean_topics.visit_start >= $from_date)
        and ($to_date::date is null or clean_topics.visit_start <= $to_date)
    group by clean_topics.topic

)

select
    counted.topic,
    counted.clean_audit_count,
    if(counted.site_count >= parameters.smallest_cell, counted.contradicted_count, null) as contradicted_audit_count,
    100.0 * contradicted_audit_count / counted.clean_audit_count as contradicted_pct
from counted
cross join parameters
order by contradicted_pct desc nulls last, counted.clean_audit_count desc, counted.topic asc
