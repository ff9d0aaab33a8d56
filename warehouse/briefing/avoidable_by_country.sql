select
    country_code,
    count(distinct site_id) as site_count,
    count(*) as audit_count,
    count_if(is_avoidable)::bigint as avoidable_count
from marts.audits_in_totals
where
    country_code is not null
    and ($country::varchar is null or country_code = $country)
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
group by country_code
order by avoidable_count desc, audit_count desc, country_code asc
