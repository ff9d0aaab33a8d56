select
    count(*) as audit_count,
    count(*) filter (where not counted.is_party_known) as orderer_unknown_count,
    count(*) filter (where counted.visit_start is null) as day_unknown_count,
    count(*) filter (where events.notice is null) as notice_unknown_count,
    count(*) filter (where events.is_scope_assumed) as topics_assumed_count,
    count(*) filter (where events.is_validity_assumed) as validity_assumed_count,
    count(*) filter (where counted.days_estimated) as days_estimated_count,
    count(*) filter (where sites.country_code is null) as country_unknown_count
from marts.audits_in_totals as counted
inner join marts.audit_events as events on counted.event_id = events.event_id
left join marts.sites as sites on counted.site_id = sites.site_id
where
    ($country::varchar is null or counted.country_code = $country)
    and ($from_date::date is null or counted.visit_start >= $from_date)
    and ($to_date::date is null or counted.visit_start <= $to_date)
