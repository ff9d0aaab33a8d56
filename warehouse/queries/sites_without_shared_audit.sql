with

shared as (

    select distinct site_id
    from marts.audit_events
    where
        counts_as_audit
        and use_count > 1
        and ($from_date::date is null or visit_start >= $from_date)
        and ($to_date::date is null or visit_start <= $to_date)

)

select
    sites.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    sites.buyer_count,
    sites.audit_count,
    sites.last_visit_start
from marts.sites as sites
cross join intermediate.rule_parameters as rules
left join shared on sites.site_id = shared.site_id
where
    sites.buyer_count >= rules.many_buyers_count
    and shared.site_id is null
    and ($country::varchar is null or sites.country_code = $country)
order by sites.buyer_count desc, sites.audit_count desc, sites.site_id asc
