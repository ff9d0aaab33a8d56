select
    least(earlier.scheme || ', ' || earlier.audit_kind, later.scheme || ', ' || later.audit_kind) as visits_a,
    greatest(earlier.scheme || ', ' || earlier.audit_kind, later.scheme || ', ' || later.audit_kind) as visits_b,
    count(*) as pair_count,
    count_if(pairs.is_within_validity)::bigint as overlapping_pair_count,
    count(distinct pairs.site_id) as shared_site_count
from marts.audit_pairs as pairs
cross join intermediate.rule_parameters as rules
inner join marts.audit_events as earlier on pairs.event_id_a = earlier.event_id
inner join marts.audit_events as later on pairs.event_id_b = later.event_id
inner join marts.sites as sites on pairs.site_id = sites.site_id
where
    pairs.is_other_commissioner
    and pairs.gap_days <= rules.neighbour_days
    and coalesce(earlier.commissioner_type <> 'brand', true)
    and coalesce(later.commissioner_type <> 'brand', true)
    and ($country::varchar is null or sites.country_code = $country)
    and ($from_date::date is null or later.visit_start >= $from_date)
    and ($to_date::date is null or later.visit_start <= $to_date)
group by all
order by pair_count desc, visits_a asc, visits_b asc
