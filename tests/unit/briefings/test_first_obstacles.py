"""What to settle before planned visits: by the first of them, not the last."""

import duckdb

from conjoin.briefings.sections.next_steps import blocked


def test_what_stands_in_the_way_is_settled_before_the_first_visit() -> None:
    planned = duckdb.sql(
        "select * from (values (date '2027-01-01', 1, 0, 'scope_missing'), (date '2027-03-01', 2, 0, 'scope_missing'), "
        "(date '2026-12-01', 1, 1, null)) as told (visit_month, held_count, covered_count, first_obstacle)"
    ).df()
    (step,) = blocked(planned)
    assert step.startswith("Settle before January 2027: 3 planned visits fall into the validity")
