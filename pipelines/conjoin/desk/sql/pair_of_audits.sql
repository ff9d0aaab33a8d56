-- How the rules class the two audits; no row if they do not look at them together.
select
    pairs.pair_class,
    classes.class_title,
    pairs.reasons,
    pairs.days_missing,
    pairs.topics_missing,
    pairs.grade_needed,
    pairs.notice_needed,
    pairs.body_needed,
    pairs.workers_beyond,
    pairs.decided_by
from marts.audit_pairs as pairs
inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class
where pairs.event_id_a = $earlier and pairs.event_id_b = $later
