select
    classes.pair_class,
    classes.class_title,
    classes.is_avoidable,
    count(*) as pair_count,
    count(distinct pairs.site_id) as site_count
from marts.audit_pairs as pairs
inner join marts.audits_in_totals as later on pairs.event_id_b = later.event_id
inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
inner join vocabulary.visibility as visibilities on pairs.visibility = visibilities.code
where
    visibilities.enters_totals
    and ($country::varchar is null or later.country_code = $country)
    and ($from_date::date is null or later.visit_start >= $from_date)
    and ($to_date::date is null or later.visit_start <= $to_date)
group by classes.pair_class, classes.class_title, classes.is_avoidable
order by pair_count desc, classes.pair_class asc
