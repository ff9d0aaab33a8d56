select
    ranked.grade,
    ranked.grade_rank,
    ranked.scheme_grade
from (
    values
    ('a', 1, 'a'), ('b', 2, 'b'), ('c', 3, 'c'), ('d', 4, 'd'), ('e', 5, 'e'),
    ('zero tolerance', 6, 'zero tolerance'), ('zt', 6, 'zero tolerance'),
    ('platinum', 1, 'platinum'), ('gold', 2, 'gold'), ('silver', 3, 'silver')
) as ranked (grade, grade_rank, scheme_grade)
