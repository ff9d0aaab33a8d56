with

reckoned as (

    select coalesce($from_date::date, build_date.as_of_date - rule_parameters.briefing_days) as since_date
    from intermediate.build_date as build_date
    cross join intermediate.rule_parameters as rule_parameters

)

select
    arrivals.source_name,
    -- An audit made since is news of the world; an older one that came since is news of the data.
    if(arrivals.visit_start >= reckoned.since_date, 'reality', 'data') as change_kind,
    sites.country_code,
    any_value(reckoned.since_date) as since_date,
    count(*) as audit_count,
    count_if(arrivals.is_avoidable)::bigint as avoidable_audit_count,
    min(arrivals.visit_start) as visit_from,
    max(arrivals.visit_start) as visit_to
from marts.event_arrivals as arrivals
cross join reckoned
inner join marts.sites as sites on arrivals.site_id = sites.site_id
where
    arrivals.counts_as_audit
    and arrivals.first_delivered_date >= reckoned.since_date
    and ($country::varchar is null or sites.country_code = $country)
    and ($to_date::date is null or arrivals.first_delivered_date <= $to_date)
group by arrivals.source_name, change_kind, sites.country_code
order by audit_count desc, arrivals.source_name asc, change_kind asc, sites.country_code asc
