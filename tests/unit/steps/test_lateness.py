"""Late is what was due and did not come: judged by the period of a delivery, not by the day on which a file landed."""

from datetime import UTC, date, datetime

import pytest

from conjoin.keeping.landing import Load
from conjoin.steps.lateness import feed_states
from support import quillhaven

MONTHLY, QUARTERLY, YEARLY = "0 5 2 * *", "0 5 7 1,4,7,10 *", "0 5 1 1 *"


def load(period: str, landed: str, line: int = 1) -> tuple[Load, bool]:
    """A current load of the feed ``log``."""
    made = Load(
        load_id=f"q-{line}",
        source_name="quillhaven",
        feed="log",
        file_name=f"visits_{period}.csv",
        period=period,
        content_hash="00",
        byte_count=1,
        delivered_at=datetime.fromisoformat(landed).replace(tzinfo=UTC),
        load_status="landed",
        ledger_line=line,
    )
    return made, True


@pytest.mark.parametrize(
    ("schedule", "loads", "day", "expected", "is_late"),
    [
        # A month is due on the 2nd of the next; ten days of grace.
        (MONTHLY, [load("2026-09", "2026-10-02")], "2026-11-11", "2026-09", False),
        (MONTHLY, [load("2026-09", "2026-10-02")], "2026-11-12", "2026-10", True),
        (MONTHLY, [load("2026-10", "2026-11-02")], "2026-11-30", "2026-10", False),
        # An old month that lands today makes nothing less late; nor does a correction of it.
        (MONTHLY, [load("2025-01", "2026-11-30")], "2026-11-30", "2026-10", True),
        (MONTHLY, [load("2026-10", "2026-11-02"), load("2025-01", "2026-11-30", 2)], "2026-11-30", "2026-10", False),
        # Several months at once, every quarter.
        (QUARTERLY, [load("2026-09", "2026-10-07")], "2026-11-30", "2026-09", False),
        (QUARTERLY, [load("2026-06", "2026-07-07")], "2026-11-30", "2026-09", True),
        (QUARTERLY, [load("2026-Q3", "2026-10-07")], "2026-12-31", "2026-Q3", False),
        (QUARTERLY, [load("2026-Q2", "2026-11-29")], "2026-11-30", "2026-Q3", True),
        # A snapshot is named by its day.
        (MONTHLY, [load("2026-11-01", "2026-11-02")], "2026-11-30", "2026-10-03", False),
        (MONTHLY, [load("2026-10-01", "2026-11-29")], "2026-11-30", "2026-10-03", True),
        # A file of the whole year, delivered again every month: the day of landing counts.
        (MONTHLY, [load("2026", "2026-11-03")], "2026-11-30", "2025", False),
        (MONTHLY, [load("2026", "2026-09-03")], "2026-11-30", "2025", True),
        # Deliveries without a period.
        (MONTHLY, [load("", "2026-11-01")], "2026-11-30", "", False),
        (MONTHLY, [load("", "2026-09-15")], "2026-11-30", "", True),
        (MONTHLY, [load("", "2026-10-02")], "2026-11-30", "", True),  # that was the delivery before
        (MONTHLY, [load("", "2026-10-03")], "2026-11-30", "", False),
        (YEARLY, [load("", "2026-01-02")], "2026-11-30", "", False),
    ],
)
def test_what_was_due_decides(
    schedule: str, loads: list[tuple[Load, bool]], day: str, expected: str, is_late: bool
) -> None:
    source = quillhaven.source().model_copy(update={"schedule": schedule})
    states = feed_states(source, loads, date.fromisoformat(day))
    assert [(state.expected_period, state.is_late) for state in states] == [(expected, is_late)]


def test_a_feed_that_never_landed_is_not_late() -> None:
    refused = load("2020-01", "2020-02-02")[0].model_copy(update={"load_status": "refused"})
    assert feed_states(quillhaven.source(), [(refused, False)], date(2026, 11, 30)) == []
