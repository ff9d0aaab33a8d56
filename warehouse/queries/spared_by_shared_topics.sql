select
    earlier_scheme,
    topics_missing,
    len(topics_missing) as topic_count,
    count(distinct event_id_b) as visit_count
from intermediate.lone_reasons
where
    reason = 'scope_missing'
    and topics_missing is not null
    and ($country::varchar is null or country_code = $country)
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
group by earlier_scheme, topics_missing
order by visit_count desc, topic_count asc, earlier_scheme asc, topics_missing asc
