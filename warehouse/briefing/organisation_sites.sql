with

audits as (

    select
        counted.*,
        coalesce(list_contains($organisations, lower(trim(counted.commissioner))), false) as is_own
    from marts.audits_in_totals as counted
    where
        counted.is_shown_per_site
        and ($country::varchar is null or counted.country_code = $country)
        and ($from_date::date is null or counted.visit_start >= $from_date)
        and ($to_date::date is null or counted.visit_start <= $to_date)

)

select
    audits.site_id,
    any_value(sites.site_name) as site_name,
    any_value(sites.is_identity_open) as is_identity_open,
    any_value(sites.country_code) as country_code,
    count_if(audits.is_own)::bigint as audit_count,
    count_if(audits.is_own and audits.is_avoidable)::bigint as avoidable_count,
    count_if(not audits.is_own)::bigint as other_audit_count,
    max(audits.visit_start) filter (where audits.is_own) as last_visit_start
from audits
inner join marts.sites as sites on audits.site_id = sites.site_id
group by audits.site_id
having count_if(audits.is_own) > 0
order by avoidable_count desc, audit_count desc, audits.site_id asc
