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
    full_audits.country_code,
    count(*) as audit_count,
    median(full_audits.visit_start - full_audits.previous_visit_start) as median_gap_days,
    count_if(
        full_audits.visit_start - full_audits.previous_visit_start <= rules.short_gap_days
    )::bigint as short_gap_count
from full_audits
cross join intermediate.rule_parameters as rules
where
    full_audits.previous_visit_start is not null
    and ($from_date::date is null or full_audits.visit_start >= $from_date)
    and ($to_date::date is null or full_audits.visit_start <= $to_date)
group by full_audits.country_code
order by median_gap_days, full_audits.country_code
