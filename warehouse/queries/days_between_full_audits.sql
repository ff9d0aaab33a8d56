with

full_audits as (

    select
        facts.site_id,
        sites.country_code,
        facts.visit_start,
        lag(facts.visit_start) over (
            partition by facts.site_id order by facts.visit_start, facts.event_number
        ) as previous_visit_start
    from marts.event_facts as facts
    inner join marts.sites as sites on facts.site_id = sites.site_id
    where
        facts.is_full
        and ($country::varchar is null or sites.country_code = $country)

)

select
    country_code,
    count(*) as audit_count,
    median(visit_start - previous_visit_start) as median_gap_days,
    count_if(visit_start - previous_visit_start <= 90)::bigint as within_90_days_count
from full_audits
where
    previous_visit_start is not null
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
group by country_code
order by median_gap_days, country_code
