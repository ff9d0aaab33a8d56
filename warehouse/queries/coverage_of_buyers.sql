with

audited as (

    select distinct events.site_id
    from marts.audit_events as events
    where
        events.counts_as_audit
        and ($from_date::date is null or events.visit_start >= $from_date)
        and ($to_date::date is null or events.visit_start <= $to_date)

),

listed as (

    select distinct
        site_buyers.buyer_name,
        site_buyers.site_id
    from marts.site_buyers as site_buyers
    inner join marts.sites as sites on site_buyers.site_id = sites.site_id
    where $country::varchar is null or sites.country_code = $country

)

select
    listed.buyer_name,
    count(*) as site_count,
    count(audited.site_id) as audited_site_count,
    100.0 * count(audited.site_id) / count(*) as audited_pct
from listed
left join audited on listed.site_id = audited.site_id
group by listed.buyer_name
order by site_count desc, listed.buyer_name asc
