select
    repeated.site_id,
    sites.site_name,
    sites.is_identity_open,
    sites.country_code,
    repeated.topic,
    repeated.found_count,
    repeated.open_days,
    repeated.is_finding_open,
    repeated.first_found_date,
    repeated.last_found_date,
    repeated.visibility
from marts.repeated_findings as repeated
inner join marts.sites as sites on repeated.site_id = sites.site_id
where
    ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or repeated.last_found_date >= $from_date)
    and ($to_date::date is null or repeated.last_found_date <= $to_date)
order by repeated.open_days desc, repeated.site_id asc, repeated.topic asc, repeated.first_found_date asc
