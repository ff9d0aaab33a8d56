"""Which delivery of a feed is overdue: judged by the period that should have come, not by the day a file landed.

A schedule says when deliveries are due. What is due then is the last period that was over before: of a monthly log that
is due on the second, the month before. A file of an old period that lands today makes nothing less late.
"""

import re
from calendar import monthrange
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cronsim import CronSim

from conjoin.errors import DeclarationError
from conjoin.keeping.landing import Load
from conjoin.settings import Settings
from conjoin.sources.conversions import end_of_period
from conjoin.sources.descriptor import Source
from conjoin.steps.deliveries import sources_in_use
from conjoin.steps.landed import LandedState
from conjoin.warehouse.rules import ALWAYS, parameter_on

_LENGTHS = {"day": 1, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True)
class FeedState:
    """What a feed has delivered and what it should have.

    Attributes:
        source_name: Its source.
        feed: Its name.
        newest_period: The latest period that landed; empty where deliveries name none, or nothing landed.
        expected_period: The period that was due on ``due_date``; empty where deliveries name none.
        due_date: The last day, grace included, by which a delivery was expected.
        is_late: Whether it did not come by then.
    """

    source_name: str
    feed: str
    newest_period: str
    expected_period: str
    due_date: date
    is_late: bool


def feed_states(source: Source, loads: list[tuple[Load, bool]], day: date) -> list[FeedState]:
    """The state of every feed of a source of which something has landed, as of ``day``.

    Args:
        source: Its declaration.
        loads: Its loads, as ``loads_of`` gives them.
        day: The day to judge from.
    """
    landed: dict[str, list[Load]] = {}
    for load, is_current in loads:
        if is_current and load.feed in source.feed:
            landed.setdefault(load.feed, []).append(load)
    return [_feed_state(source, feed, current, day) for feed, current in sorted(landed.items())]


def feed_rows(settings: Settings, state: LandedState, as_of: date | None) -> list[dict[str, Any]]:
    """The state of every feed in use as rows of ``landing.feeds``.

    Args:
        settings: Where everything is.
        state: What has landed.
        as_of: The day of reckoning; None for the day of the newest delivery, as the models have it.
    """
    day = as_of or max((load.delivered_at.date() for load, _ in state.loads), default=ALWAYS)
    found = []
    for source in sources_in_use(settings, as_of).values():
        loads = [entry for entry in state.loads if entry[0].source_name == source.name]
        found += [asdict(feed) for feed in feed_states(source, loads, day)]
    return [{name: value if value != "" else None for name, value in row.items()} for row in found]


def _feed_state(source: Source, feed: str, current: list[Load], day: date) -> FeedState:
    grace = timedelta(days=int(parameter_on("grace_days", day)))
    fires = CronSim(source.schedule, datetime.combine(day - grace + timedelta(days=1), datetime.min.time(), UTC), True)
    due, before = (next(fires).date() for _ in range(2))
    newest = max(current, key=lambda load: (_end(load.period), load.ledger_line))
    kind = _kind(newest.period)
    expected = _last_over(kind, due, before) if kind else ""
    if kind and _LENGTHS[kind] <= (due - before).days + 3:
        is_late = _end(newest.period) < end_of_period(expected)
    else:  # the period runs longer than the pace: it is delivered again and again, so the day counts
        is_late = newest.delivered_at.date() <= before
    return FeedState(source.name, feed, newest.period, expected, due + grace, is_late)


def _end(period: str) -> date:
    try:
        return end_of_period(period) if period else date.min
    except DeclarationError:  # a file named after a month 13
        return date.min


def _kind(period: str) -> str:
    """How long the period is; empty for none."""
    if not period:
        return ""
    if re.search("[Qq]", period):
        return "quarter"
    return {0: "year", 1: "month", 2: "day"}[period.count("-")]


def _last_over(kind: str, due: date, before: date) -> str:
    """The last period of that length that was over on the day before ``due``; of days, the first since ``before``."""
    if kind == "day":
        return (before + timedelta(days=1)).isoformat()
    if kind == "year":
        return str(due.year - 1)
    months = 3 if kind == "quarter" else 1
    last = due.replace(day=1)
    while True:
        last -= timedelta(days=1)
        if last.month % months == 0 and last.day == monthrange(last.year, last.month)[1]:
            return f"{last.year}-Q{last.month // 3}" if kind == "quarter" else f"{last:%Y-%m}"
        last = last.replace(day=1)
