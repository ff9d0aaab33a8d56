with

ending as (

    select
        certificates.site_id,
        certificates.scheme,
        certificates.valid_to
    from marts.certificates_at_sites as certificates
    cross join intermediate.rule_parameters as rules
    inner join marts.sites as sites on certificates.site_id = sites.site_id
    inner join vocabulary.visibility as visibilities on certificates.visibility = visibilities.code
    where
        certificates.is_in_force
        and certificates.days_left <= rules.expiry_days
        and visibilities.enters_totals
        and ($country::varchar is null or sites.country_code = $country)
    group by certificates.site_id, certificates.scheme, certificates.valid_to

)

select
    date_trunc('month', ending.valid_to)::date as valid_to_month,
    ending.scheme,
    count(*) as certificate_count,
    count_if(
        ending.site_id in (select planned.site_id from marts.planned_overlaps as planned)
    )::bigint as with_planned_visit_count
from ending
group by date_trunc('month', ending.valid_to), ending.scheme
order by valid_to_month asc, certificate_count desc, ending.scheme asc
