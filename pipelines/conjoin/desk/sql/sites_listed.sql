-- One row per site that meets what was asked; found: site ids in the order of a search, or null for all.
-- total is how many there are in all.
with

asked as (

    select
        unnest($found::varchar[]) as site_id,
        generate_subscripts($found::varchar[], 1) as place

)

select
    sites.site_id,
    sites.site_name,
    sites.site_name_native,
    sites.city_name,
    sites.country_code,
    sites.audit_count,
    sites.avoidable_audit_count,
    sites.buyer_count,
    sites.source_count,
    sites.last_visit_start,
    sites.is_identity_open,
    count(*) over () as total
from marts.sites as sites
left join asked on sites.site_id = asked.site_id
where
    ($found::varchar[] is null or asked.site_id is not null)
    and sites.record_count > 0
    and ($country::varchar is null or sites.country_code = $country)
    and (
        ($scheme::varchar is null and $orderer::varchar is null)
        or sites.site_id in (
            select events.site_id from marts.audit_events as events
            where
                ($scheme::varchar is null or events.scheme = $scheme)
                and ($orderer::varchar is null or events.commissioner = $orderer)
        )
    )
    and (
        $class::varchar is null
        or sites.site_id in (select pairs.site_id from marts.audit_pairs as pairs where pairs.pair_class = $class)
    )
order by asked.place asc nulls last, sites.audit_count desc, sites.site_id asc
limit $most
offset $skipped
