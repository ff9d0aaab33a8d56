select
    ranked.grade,
    ranked.grade_rank
from (
    values
    ('a', 1), ('b', 2), ('c', 3), ('d', 4), ('e', 5), ('zero tolerance', 6),
    ('platinum', 1), ('gold', 2), ('silver', 3)
) as ranked (grade, grade_rank)
