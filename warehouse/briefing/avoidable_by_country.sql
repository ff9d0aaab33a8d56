select
    country_code,
    count(*) as audit_count,
    count(distinct site_id) as site_count,
    count_if(is_avoidable)::bigint as avoidable_count,
    count_if(avoidable_now)::bigint as avoidable_now_count,
    sum(auditor_days_low) filter (where is_avoidable) as days_low,
    sum(auditor_days) filter (where is_avoidable) as days_central,
    sum(auditor_days_high) filter (where is_avoidable) as days_high
from marts.audits_in_totals
where
    ($country::varchar is null or country_code = $country)
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
    and ($organisations is null or list_contains($organisations, lower(trim(commissioner))))
group by country_code
order by avoidable_count desc, audit_count desc, country_code asc
