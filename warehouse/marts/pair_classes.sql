select
    classes.pair_class,
    classes.class_title,
    classes.is_avoidable,
    classes.has_reason,
    classes.is_repeat,
    classes.is_one_visit,
    classes.rests_on_cases
from (
    -- rules: pair_classes
    values
    ('pilot', 'one of the two was a pilot', false, false, false, false, false),
    ('joint_visit', 'one joint visit', false, false, false, true, false),
    ('complaint_triggered', 'after a complaint or case', false, false, false, false, true),
    ('certification_cycle', 'stages of one certification', false, false, false, false, false),
    ('followup', 'follow-up on corrections', false, false, false, false, false),
    ('renewal', 'renewal near the end of validity', false, false, false, false, false),
    ('own_repeat', 'same orderer, while the result still held', false, false, true, false, false),
    ('repeat_avoidable', 'another orderer: could have been one visit', true, false, true, false, false),
    ('repeat_justified', 'another orderer: the earlier result would not do', false, true, true, false, false)
    -- rules: end
) as classes (pair_class, class_title, is_avoidable, has_reason, is_repeat, is_one_visit, rests_on_cases)
