with

counted as (

    select
        site_id,
        count(*) as audit_count
    from marts.audits_in_totals
    where
        ($country::varchar is null or country_code = $country)
        and ($from_date::date is null or visit_start >= $from_date)
        and ($to_date::date is null or visit_start <= $to_date)
    group by site_id

)

select
    audit_count,
    count(*) as site_count
from counted
group by audit_count
order by audit_count
