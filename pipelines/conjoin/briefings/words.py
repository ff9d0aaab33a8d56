"""Numbers and reasons as people read them: counts with separators, ranges, money; why an earlier audit would not do."""

from collections.abc import Iterator, Sequence
from datetime import date
from math import floor, log10
from typing import Any

import numpy as np
import pandas as pd

from conjoin.plain import visible
from conjoin.schemas.vocabularies import vocabulary

MISSING = "–"
_UNKNOWN = {"country": "Country not told", "commissioner_type": "Nobody told who", "scheme": "Scheme not told"}
#: How each reason reads: why the earlier audit would not have done.
REASONS = {
    "site_changed": "The site had changed since",
    "outdated": "The earlier result was no longer valid, or too old for the buyer",
    "grade_too_low": "Its grade was too low",
    "scope_missing": "It did not cover the same topics",
    "announced": "It was announced, and the buyer asks for less notice",
    "unaccredited": "Its scheme or audit body is none that the buyer accepts",
    "orderer_unknown": "Nobody told who ordered one of the two",
}
#: What would have had to be different.
_NEEDED = {
    "site_changed": "nothing: a changed site has to be seen again",
    "outdated": "a longer validity, or an earlier look at what is still valid",
    "grade_too_low": "a grade that passes, or a critical finding closed before the visit",
    "scope_missing": "a report that covers the missing topics as well",
    "announced": "an earlier audit with less notice",
    "unaccredited": "the buyer's policy naming the scheme, or a body that it accepts",
    "orderer_unknown": "the source telling who ordered the audit",
}


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of an answer, with a column as an attribute."""
    return iter(frame.itertuples())


def is_missing(value: object) -> bool:
    """Whether there is no value."""
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def number(value: Any) -> str:
    """A number: with separators, with a decimal only where it says something; a dash for none."""
    if is_missing(value):
        return MISSING
    rounded = round(float(value), 1 if abs(float(value)) < 100 else 0)
    return f"{rounded:,.0f}" if rounded.is_integer() else f"{rounded:,.1f}"


def span(low: Any, high: Any) -> str:
    """A range; one number where both ends read alike."""
    ends = number(low), number(high)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def rounded(value: Any) -> float:
    """An amount to two figures: prices are too weak for more."""
    if is_missing(value) or not value:
        return 0.0
    return round(float(value), 1 - floor(log10(abs(float(value)))))


def money(low: Any, high: Any) -> str:
    """A range of US dollars."""
    return f"USD {span(rounded(low), rounded(high))}"


def counted(count: Any, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def share(part: Any, whole: Any) -> str:
    """A share as whole percent; "under 1 %" for less."""
    if is_missing(part) or not whole:
        return MISSING
    percent = 100 * float(part) / float(whole)
    return "under 1 %" if 0 < percent < 0.5 else f"{percent:.0f} %"


def titled(code: object, name: str) -> str:
    """The title of a code of a vocabulary; what is no code as it stands."""
    if is_missing(code) or code in ("unknown", "none"):
        return _UNKNOWN.get(name, MISSING)
    return vocabulary(name).titles.get(str(code), visible(str(code)))


def month(value: date | pd.Timestamp) -> str:
    """A month with its year."""
    return f"{pd.Timestamp(value):%B %Y}"


def listed(parts: Sequence[str]) -> str:
    """Parts as a sentence lists them."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def reason_in_words(reason: object) -> str:
    """A reason; one of a project's own rules reads as it is named."""
    return REASONS.get(str(reason), visible(str(reason)).replace("_", " ").capitalize())


def difference_in_words(row: Any) -> str:
    """What would have had to be different, for a row of reasons_of_repeats."""
    needed = _NEEDED.get(str(row.reason), MISSING)
    if row.reason == "outdated" and not is_missing(row.days_missing_median):
        return (
            f"{needed}; {counted(row.days_missing_median, 'day')} longer in the middle case where length would "
            "have done"
        )
    topics = row.topics_missing_most
    if row.reason == "scope_missing" and isinstance(topics, list | np.ndarray) and len(topics):
        most = listed([titled(topic, "topic").lower() for topic in topics])
        return f"{needed}; most often missing: {most}"
    return needed
