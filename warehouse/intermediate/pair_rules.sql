-- In order: the first rule that holds for a pair decides its class.
select
    rules.rule_number,
    rules.pair_class,
    rules.rule_id,
    rules.rule_version,
    classes.rests_on_cases,
    classes.is_avoidable,
    classes.has_reason,
    classes.is_one_visit
from (
    -- rules: pair_rules
    values
    (1, 'pilot', 'either_is_a_pilot', '1'),
    (2, 'joint_visit', 'visit_days_overlap', '1'),
    (3, 'complaint_triggered', 'complaint_or_case_before', '1'),
    (4, 'certification_cycle', 'stages_of_one_certification', '2'),
    (5, 'followup', 'followup_within_a_year', '2'),
    (6, 'renewal', 'same_scheme_near_expiry', '1'),
    (7, 'own_repeat', 'same_commissioner_inside_validity', '2'),
    (8, 'followup', 'followup_of_another_audit', '1'),
    (9, 'repeat_avoidable', 'earlier_audit_would_have_done', '1'),
    (10, 'repeat_justified', 'earlier_audit_would_not_have_done', '1')
    -- rules: end
) as rules (rule_number, pair_class, rule_id, rule_version)
inner join marts.pair_classes as classes on rules.pair_class = classes.pair_class
