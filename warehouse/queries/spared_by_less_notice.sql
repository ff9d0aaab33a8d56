select
    earlier_scheme,
    notice_needed,
    count(distinct event_id_b) as visit_count
from intermediate.lone_reasons
where
    reason = 'announced'
    and ($country::varchar is null or country_code = $country)
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
group by earlier_scheme, notice_needed
order by visit_count desc, earlier_scheme asc, notice_needed asc
