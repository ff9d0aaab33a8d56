-- One row per two audits at the site, the later one and the earlier one, that overlap, repeat or belong together.
select
    pairs.event_id_a,
    pairs.event_id_b,
    pairs.gap_days,
    pairs.pair_class,
    classes.class_title,
    classes.is_avoidable,
    pairs.reasons,
    pairs.days_missing,
    pairs.topics_missing,
    pairs.grade_needed,
    pairs.notice_needed,
    pairs.body_needed,
    pairs.workers_beyond,
    pairs.rule_id,
    pairs.decided_by,
    pairs.pair_probability,
    earlier.visit_start as visit_start_a,
    earlier.scheme as scheme_a,
    earlier.commissioner as commissioner_a,
    earlier.commissioner_type as commissioner_type_a,
    earlier.valid_to as valid_to_a,
    later.visit_start as visit_start_b,
    later.scheme as scheme_b,
    later.commissioner as commissioner_b,
    later.commissioner_type as commissioner_type_b
from marts.audit_pairs as pairs
inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
inner join marts.audit_events as earlier on pairs.event_id_a = earlier.event_id and earlier.site_id = $site
inner join marts.audit_events as later on pairs.event_id_b = later.event_id and later.site_id = $site
where
    pairs.site_id = $site
    and not list_contains($closed::varchar[], pairs.visibility)
order by classes.is_avoidable desc, visit_start_b desc, pairs.gap_days asc, pairs.event_id_a asc
