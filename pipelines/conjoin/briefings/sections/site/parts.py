"""What the parts of a dossier share: a part that the file lacks says so, and what the whole page rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conjoin import __version__
from conjoin.briefings.subjects.dossier import Dossier
from conjoin.briefings.texts import Html, items, nothing, safe, table
from conjoin.briefings.words import MISSING, listed

#: Parts that a file may lack.
_NAMES = {
    "audits": "audits",
    "pairs": "pairs of audits",
    "findings": "findings",
    "certificates": "certificates",
    "planned": "planned visits",
    "procedures": "complaint procedures",
    "buyers": "buyers",
    "links": "links between records",
    "questions": "open questions of identity",
}


@dataclass(frozen=True)
class Listing:
    """How a part is listed.

    Attributes:
        title: Its heading.
        heads: Heads of its columns, True for those of numbers.
        rests: What its rows are, in words.
        empty: What to say where there is none.
    """

    title: str
    heads: Mapping[str, bool]
    rests: str
    empty: str


def part_of(dossier: Dossier, part: str, listing: Listing, rows: Sequence[Sequence[object]], note: str = "") -> Html:
    """A table of a part; a sentence in its place where the file lacks it, or it is empty."""
    if dossier.lacks(part):
        return nothing(listing.title, f"This file holds no {_NAMES.get(part, 'records')}: it was made without them.")
    return table(listing.title, listing.heads, rows, note=note, empty=listing.empty, rests_on=listing.rests)


def day_of(day: Any) -> str:
    """A day, or that none is told."""
    return MISSING if day is None else f"{day}"


def rests_on(dossier: Dossier) -> Html:
    """Sources that speak of the site, what is not in the page, the rules, the day and the version."""
    by_source: dict[str, int] = {}
    for record in dossier.rows("records"):
        title = dossier.source_title(record["source_name"])
        by_source[title] = by_source.get(title, 0) + 1
    sources = ", ".join(f"{title} ({count})" for title, count in sorted(by_source.items()))
    stale = dossier.scope.ask("stale_feeds")
    late = sorted(set(stale["source_title"]) & set(by_source)) if len(stale) else []
    rule = dossier.scope.rule
    lacking = [_NAMES[name] for name in _NAMES if dossier.lacks(name)]
    parts = [
        f"<b>Sources that name it, with their records:</b> {safe(sources or 'none')}",
        f"<b>For whom:</b> {safe(dossier.whose.told)}",
        "<b>Not in it:</b> audits that nobody delivered, complaint cases"
        + (", and visits that investigate them" if dossier.whose.closed else "")
        + (f"; this file holds no {listed(lacking)}" if lacking else ""),
        "<b>Avoidable</b> is an audit that happened and need not have: ordered by another party inside the validity of "
        "an earlier audit whose topics cover it, with a passing grade, at an unchanged site",
        f"<b>Rules:</b> pairs of audits up to {rule('horizon_months')} months apart; a follow-up comes within "
        f"{rule('followup_months')} months, a renewal within {rule('renewal_days')} days of the end of validity",
        f"<b>Made</b> as of {dossier.scope.day} with conjoin {__version__}",
    ]
    if late:
        parts.insert(1, f"<b>Late or refused:</b> {safe(listed(late))}")
    return Html(f'<div class="box"><h3>What this page rests on</h3>{items(parts)}</div>')
