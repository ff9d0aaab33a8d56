select
    earlier_scheme,
    body_needed,
    count(distinct event_id_b) as visit_count
from intermediate.lone_reasons
where
    reason = 'unaccredited'
    and ($country::varchar is null or country_code = $country)
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
group by earlier_scheme, body_needed
order by visit_count desc, earlier_scheme asc, body_needed asc
