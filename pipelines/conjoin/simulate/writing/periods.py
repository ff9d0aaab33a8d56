"""Which files of a feed there are: their periods and names, and which row stands in which."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from conjoin.simulate.industry.truth import AS_OF, stacked
from conjoin.sources.conversions import end_of_period
from conjoin.sources.descriptor import PERIOD, Feed, Source
from conjoin.sources.patterns import match_feed

_REDELIVERED_SHARE = 0.1  # of the rows of one file that the next one holds again
_LISTED_SHARE = 0.95  # of a list that each generation of it names
_YEARS, _FILES = 7, 2


def periods_of(source: Source, feed_name: str, folder: Path) -> list[str | None]:
    """Periods of the feed's files, in order; [None] where its pattern has none.

    The way of writing them is that of the shipped sample; without one it follows from the schedule.
    """
    feed = source.feed[feed_name]
    if PERIOD not in feed.pattern:
        return [None]
    shapes = [
        matched[1]
        for path in sorted((folder / "sample").glob("*"))
        if (matched := match_feed(source, path.name)) and matched[0] == feed_name and matched[1]
    ]
    if shapes:
        unit = _unit_of(shapes[-1])
    else:
        month = source.schedule.split()[3]
        unit = "M" if month == "*" else "Q" if "," in month or "/" in month else "Y"
    if unit == "D":
        return [(AS_OF - pd.Timedelta(days=30)).strftime("%Y-%m-%d"), AS_OF.strftime("%Y-%m-%d")]
    last = AS_OF.to_period(unit)
    count = _YEARS if unit == "Y" else _FILES
    return [_text(last - back) for back in range(count - 1, -1, -1)]


def _unit_of(text: str) -> str:
    if re.search(r"[Qq]", text):
        return "Q"
    return {4: "Y", 7: "M"}.get(len(text), "D")


def _text(period: pd.Period) -> str:
    if period.freqstr.startswith("Q"):
        return f"{period.year}-Q{period.quarter}"
    return str(period)


def file_name(feed: Feed, period: str | None) -> str:
    """A name that the feed's pattern matches."""
    name = feed.pattern.replace(PERIOD, period or "").replace("*", AS_OF.strftime("%Y-%m-%d"))
    return re.sub(r"\[(.).*?\]", r"\1", name).replace("?", "1")


def with_periods(
    base: pd.DataFrame, periods: list[str | None], is_list: bool, rng: np.random.Generator
) -> pd.DataFrame:
    """The rows with ``period`` and ``as_of_date``, in order of the periods.

    A list names nearly all its rows in every period; anything else stands in the first file that could know it, and a
    tenth of it in the next file again.
    """
    ends = [pd.Timestamp(end_of_period(period)) if period else AS_OF for period in periods]
    if is_list:
        parts = [base[rng.random(len(base)) < _LISTED_SHARE] if len(periods) > 1 else base for _ in periods]
    else:
        place = np.minimum(np.searchsorted(np.array(ends, "datetime64[s]"), _known_on(base)), len(ends) - 1)
        again = (rng.random(len(base)) < _REDELIVERED_SHARE) & (place < len(ends) - 1)
        parts = [base[(place == number) | (again & (place == number - 1))] for number in range(len(ends))]
    named = [
        part.assign(period=period, as_of_date=min(end, AS_OF).replace(day=1))
        for part, period, end in zip(parts, periods, ends, strict=True)
    ]
    return stacked(named)


def _known_on(base: pd.DataFrame) -> np.ndarray:
    """The day from which a row can be told: of the report, the visit, the month of a case; else the beginning."""
    names = [
        name
        for name in ("uploaded_date", "issued_date", "visit_end", "self_assessed_date", "complaint_month")
        if name in base
    ]
    if not names:
        return np.full(len(base), np.datetime64("2000-01-01", "s"))
    known = base[names].bfill(axis=1).iloc[:, 0]
    return known.fillna(pd.Timestamp("2000-01-01")).to_numpy(dtype="datetime64[s]")
