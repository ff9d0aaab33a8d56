select
    earlier_scheme,
    earlier_orderer_known,
    count(distinct event_id_b) as visit_count
from intermediate.lone_reasons
where
    reason = 'orderer_unknown'
    and ($country::varchar is null or country_code = $country)
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
group by earlier_scheme, earlier_orderer_known
order by visit_count desc, earlier_scheme asc, earlier_orderer_known asc
