select
    commissioner,
    any_value(commissioner_type) as commissioner_type,
    count(distinct site_id) as site_count,
    count(*) as audit_count,
    count_if(is_avoidable)::bigint as avoidable_count
from marts.audits_in_totals
where
    commissioner is not null
    -- A facility that orders its own audits is no organisation that could share them.
    and commissioner_type is distinct from 'facility'
    and ($country::varchar is null or country_code = $country)
    and ($from_date::date is null or visit_start >= $from_date)
    and ($to_date::date is null or visit_start <= $to_date)
group by commissioner
order by avoidable_count desc, audit_count desc, commissioner asc
