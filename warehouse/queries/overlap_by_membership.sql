with

audits as (

    select
        events.event_id,
        events.is_avoidable,
        count(distinct affiliations.initiative) as initiative_count
    from marts.audit_events as events
    inner join marts.sites as sites on events.site_id = sites.site_id
    left join marts.affiliations as affiliations
        on
            lower(trim(events.commissioner)) = lower(trim(affiliations.company_name))
            and coalesce(events.visit_start >= affiliations.affiliated_from, true)
            and coalesce(events.visit_start <= affiliations.affiliated_to, true)
    where
        events.counts_as_audit
        and events.commissioner_type = 'brand'
        and ($country::varchar is null or sites.country_code = $country)
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)
    group by events.event_id, events.is_avoidable

),

overlapping as (

    select distinct event_id_b as event_id
    from marts.overlapping_audits

)

select
    least(audits.initiative_count, 2) as initiative_count,
    count(*) as audit_count,
    count(overlapping.event_id) as overlapping_audit_count,
    count_if(audits.is_avoidable)::bigint as avoidable_audit_count,
    100.0 * count(overlapping.event_id) / count(*) as overlapping_pct
from audits
left join overlapping on audits.event_id = overlapping.event_id
group by least(audits.initiative_count, 2)
order by initiative_count
