"""The audits of a site in time, as SVG without script or style, and the strokes of which such pictures are drawn.

Each picture has its finding in words as its text for those who cannot see it, and stands above a table of the same
numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from conjoin.briefings.words import MISSING, counted, titled
from conjoin.plain import visible

INK, MUTED, LINE, BLUE, PALE, AMBER = "#1d2530", "#46505e", "#c5ced9", "#2f6690", "#a9c6dd", "#b3541e"
WIDTH = 720
_PALE_AMBER = "#e9c3ab"
_FONT = 'font-family="system-ui, Segoe UI, Noto Sans, sans-serif" font-size="13"'
_YEARS_DRAWN = 8
#: Where the days begin, and how many letters fit before them.
_LEFT, _LETTERS = 250, 33


def _safe(told: object) -> str:
    return escape(visible(str(told)), quote=True)


def picture(height: float, title: str, parts: Sequence[str]) -> str:
    """A picture of that height from its parts, with its finding as title."""
    drawn = "".join(parts)
    return (
        f'<svg class="drawn" role="img" aria-label="{_safe(title)}" viewBox="0 0 {WIDTH} {height:.0f}" '
        f"{_FONT}>{drawn}</svg>"
    )


def text(x: float, y: float, told: object, anchor: str = "start", fill: str = INK, weight: str = "400") -> str:
    """A text at a point."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}">'
        f"{_safe(told)}</text>"
    )


def bar(x: float, y: float, width: float, height: float, fill: str, title: str = "") -> str:
    """A bar with what a pointer that rests on it is told."""
    told = f"<title>{_safe(title)}</title>" if title else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" fill="{fill}">{told}</rect>'
    )


@dataclass(frozen=True)
class _Span:
    first: date
    last: date

    def x(self, day: date) -> float:
        """Where a day lies on the picture."""
        days = max((self.last - self.first).days, 1)
        return _LEFT + 10 + (WIDTH - _LEFT - 30) * (min(max(day, self.first), self.last) - self.first).days / days


def recent(audits: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The audits of the last years before the last one: a visit of long ago would press the others together."""
    dated = [audit for audit in audits if audit["visit_start"]]
    last = max((audit["visit_start"].year for audit in dated), default=0)
    return [audit for audit in dated if audit["visit_start"].year > last - _YEARS_DRAWN]


def timeline_finding(audits: Sequence[Mapping[str, Any]]) -> str:
    """What the picture of these audits shows, in words."""
    dated = recent(audits)
    spared = sum(bool(audit["is_avoidable"]) for audit in dated)
    days = f"from {dated[0]['visit_start']} to {dated[-1]['visit_start']}" if dated else "with a day"
    return f"{counted(len(dated), 'audit')} {days}, {spared} avoidable"


def timeline_picture(audits: Sequence[Mapping[str, Any]]) -> str:
    """A row for each recent audit: who ordered it, a mark on its day, a bar as long as its result holds.

    Args:
        audits: Rows of ``sql/site_audits.sql``.
    """
    dated = recent(audits)
    if not dated:
        return ""
    ends = [audit["valid_to"] or audit["visit_start"] for audit in dated]
    first = date(min(audit["visit_start"] for audit in dated).year, 1, 1)
    span = _Span(first, date(max(ends).year + 1, 1, 1))
    height = 26 * len(dated) + 30
    parts = []
    years = range(span.first.year, span.last.year + 1)
    every = max(1, -(-len(years) // 10))
    for year in years[::every]:
        x = span.x(date(year, 1, 1))
        parts.append(f'<line x1="{x:.1f}" y1="22" x2="{x:.1f}" y2="{height}" stroke="{LINE}"/>')
        parts.append(text(x, 14, year, "middle", MUTED))
    parts += [_row(audit, span, 34 + 26 * row) for row, audit in enumerate(dated)]
    return picture(height, timeline_finding(audits), parts)


def _row(audit: Mapping[str, Any], span: _Span, y: float) -> str:
    start, end = span.x(audit["visit_start"]), span.x(audit["valid_to"] or audit["visit_start"])
    scheme, orderer = titled(audit["scheme"], "scheme"), orderer_of(audit)
    told = f"{audit['visit_start']} {scheme}, ordered by {orderer}"
    label = f"{orderer}, {scheme}" if orderer != MISSING else scheme
    holds = _PALE_AMBER if audit["is_avoidable"] else PALE
    return (
        text(_LEFT - 10, y + 9, label if len(label) <= _LETTERS else f"{label[: _LETTERS - 2]}…", "end")
        + (bar(start, y + 2, end - start, 7, holds, told) if audit["valid_to"] else "")
        + f'<circle cx="{start:.1f}" cy="{y + 5.5:.1f}" r="5" fill="{AMBER if audit["is_avoidable"] else BLUE}">'
        f"<title>{_safe(told)}</title></circle>"
    )


def orderer_of(audit: Mapping[str, Any]) -> str:
    """Who ordered an audit, in words."""
    if audit["commissioner"]:
        return visible(str(audit["commissioner"]))
    return "the facility itself" if audit["commissioner_type"] == "facility" else MISSING
