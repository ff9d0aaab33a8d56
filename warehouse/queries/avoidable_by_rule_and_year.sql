select
    year(later.visit_start) as visit_year,
    pairs.pair_class,
    coalesce(pairs.reason, 'none') as reason,
    pairs.rule_id,
    pairs.rule_version,
    count(*) as pair_count,
    count(distinct pairs.event_id_b) as audit_count
from marts.audit_pairs as pairs
inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
inner join marts.audit_events as later on pairs.event_id_b = later.event_id
inner join marts.sites as sites on pairs.site_id = sites.site_id
where
    (classes.is_avoidable or classes.has_reason)
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or later.visit_start >= $from_date)
    and ($to_date::date is null or later.visit_start <= $to_date)
group by all
order by visit_year asc, pairs.pair_class asc, audit_count desc, reason asc
