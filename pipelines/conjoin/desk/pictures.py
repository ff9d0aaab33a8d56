"""Pictures drawn as SVG without script or style: bars over years, and the audits of a site in time.

Each has its finding in words as its text for those who cannot see it, and stands above a table of the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

import pandas as pd
from markupsafe import Markup

from conjoin.briefings.words import titled
from conjoin.desk.render import said
from conjoin.plain import visible

_INK, _MUTED, _LINE, _BLUE, _PALE, _AMBER = "#1d2530", "#46505e", "#c5ced9", "#2f6690", "#a9c6dd", "#b3541e"
_FONT = 'font-family="system-ui, Segoe UI, Noto Sans, sans-serif" font-size="13"'
_WIDTH = 720
_YEARS_DRAWN = 8


def _safe(text: object) -> str:
    return escape(visible(str(text)), quote=True)


def _picture(height: float, title: str, parts: Sequence[str]) -> Markup:
    drawn = "".join(parts)
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="drawn" role="img" aria-label="{_safe(title)}" viewBox="0 0 {_WIDTH} {height:.0f}" '
        f"{_FONT}>{drawn}</svg>"
    )


def _text(x: float, y: float, text: object, anchor: str = "start", fill: str = _INK, weight: str = "400") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}">'
        f"{_safe(text)}</text>"
    )


def _bar(x: float, y: float, width: float, height: float, fill: str, title: str = "") -> str:
    told = f"<title>{_safe(title)}</title>" if title else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}" fill="{fill}">{told}</rect>'
    )


def years_picture(years: Sequence[Mapping[str, Any]]) -> Markup:
    """Audits per year as bars, the avoidable ones dark at their foot.

    Args:
        years: visit_year, audit_count, avoidable_count, in order.
    """
    most = max((int(year["audit_count"]) for year in years), default=0) or 1
    step = (_WIDTH - 20) / max(len(years), 1)
    width, foot, room = min(step * 0.7, 56), 190, 150
    parts = []
    for place, year in enumerate(years):
        middle = 10 + step * (place + 0.5)
        whole, spared = int(year["audit_count"]), int(year["avoidable_count"])
        high, low = room * whole / most, room * spared / most
        told = f"{year['visit_year']}: {whole:,} audits, {spared:,} could have been one visit less"
        parts += [
            _bar(middle - width / 2, foot - high, width, high, _PALE, told),
            _bar(middle - width / 2, foot - low, width, low, _BLUE, told) if spared else "",
            _text(middle, foot - high - 6, f"{whole:,}", "middle", _MUTED),
            _text(middle, foot + 18, year["visit_year"], "middle"),
        ]
        if spared:
            parts.append(_text(middle, foot + 35, f"{spared:,}", "middle", _BLUE, "700"))
    parts.append(f'<line x1="0" y1="{foot}" x2="{_WIDTH}" y2="{foot}" stroke="{_INK}"/>')
    last = years[-1] if years else None
    finding = (
        f"{said(last['audit_count'])} audits in {last['visit_year']}, {said(last['avoidable_count'])} of which could "
        "have been one visit less"
        if last
        else "No audits"
    )
    return _picture(foot + 44, finding, parts)


def bars_picture(heading: str, labels: Sequence[str], values: Sequence[float]) -> Markup:
    """One bar a row, its label before it and its number behind it.

    Args:
        heading: What is counted.
        labels: Of the rows.
        values: Of the rows, none below 0.
    """
    most = max(values, default=0) or 1
    parts = []
    for row, (label, value) in enumerate(zip(labels, values, strict=True)):
        y, length = 24 * row + 4, 380 * max(value, 0) / most
        shown = label if len(label) < 36 else f"{label[:34]}…"
        parts += [_text(250, y + 13, shown, "end"), _bar(258, y + 2, length, 14, _BLUE)]
        parts.append(_text(264 + length, y + 13, said(round(value, 1)), "start", _MUTED))
    place = max(range(len(values)), key=lambda row: values[row], default=0)
    finding = f"{heading}: most in {labels[place]}, {said(round(values[place], 1))}" if labels else heading
    return _picture(24 * len(labels) + 10, finding, parts)


@dataclass(frozen=True)
class _Span:
    first: date
    last: date

    def x(self, day: date) -> float:
        """Where a day lies on the picture."""
        days = max((self.last - self.first).days, 1)
        return 200 + (_WIDTH - 210) * (min(max(day, self.first), self.last) - self.first).days / days


def recent(audits: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The audits of the last years before the last one: a visit of long ago would press the others together."""
    dated = [audit for audit in audits if audit["visit_start"]]
    last = max((audit["visit_start"].year for audit in dated), default=0)
    return [audit for audit in dated if audit["visit_start"].year > last - _YEARS_DRAWN]


def timeline_picture(audits: Sequence[Mapping[str, Any]]) -> Markup:
    """A row for each recent audit: a mark on its day, a bar as long as its result holds.

    Args:
        audits: Rows of ``sql/site_audits.sql``.
    """
    dated = recent(audits)
    if not dated:
        return Markup("")
    ends = [audit["valid_to"] or audit["visit_start"] for audit in dated]
    first = date(min(audit["visit_start"] for audit in dated).year, 1, 1)
    span = _Span(first, date(max(ends).year + 1, 1, 1))
    height = 26 * len(dated) + 30
    parts = []
    years = range(span.first.year, span.last.year + 1)
    every = max(1, -(-len(years) // 10))
    for year in years[::every]:
        x = span.x(date(year, 1, 1))
        parts.append(f'<line x1="{x:.1f}" y1="22" x2="{x:.1f}" y2="{height}" stroke="{_LINE}"/>')
        parts.append(_text(x, 14, year, "middle" if year < span.last.year else "end", _MUTED))
    for row, audit in enumerate(dated):
        y = 34 + 26 * row
        start, end = span.x(audit["visit_start"]), span.x(audit["valid_to"] or audit["visit_start"])
        fill = _AMBER if audit["is_avoidable"] else _BLUE
        scheme = titled(audit["scheme"], "scheme")
        told = f"{audit['visit_start']} {scheme}, ordered by {said(audit['commissioner'])}"
        parts.append(_text(190, y + 9, scheme if len(scheme) < 27 else f"{scheme[:25]}…", "end"))
        if audit["valid_to"]:
            parts.append(_bar(start, y + 2, end - start, 7, "#e9c3ab" if audit["is_avoidable"] else _PALE, told))
        parts.append(
            f'<circle cx="{start:.1f}" cy="{y + 5.5:.1f}" r="5" fill="{fill}"><title>{_safe(told)}</title></circle>'
        )
    spared = sum(bool(audit["is_avoidable"]) for audit in dated)
    finding = f"{len(dated)} audits from {dated[0]['visit_start']} to {dated[-1]['visit_start']}, {spared} avoidable"
    return _picture(height, finding, parts)


def waterfall_picture(steps: pd.DataFrame) -> Markup:
    """Evidence for and against one site as bars from a middle line, in bits, one comparison per row.

    Args:
        steps: comparison, finding, evidence_weight.
    """
    weights = [float(weight) for weight in steps["evidence_weight"]]
    most = max(map(abs, weights), default=1) or 1
    middle, room = 470, 180
    parts = [f'<line x1="{middle}" y1="0" x2="{middle}" y2="{24 * len(steps) + 4}" stroke="{_INK}"/>']
    told = zip(steps["comparison"], steps["finding"], weights, strict=True)
    for row, (comparison, finding, weight) in enumerate(told):
        y = 24 * row + 4
        length = room * abs(weight) / most
        left = middle if weight >= 0 else middle - length
        parts.append(_bar(left, y + 2, length, 14, _BLUE if weight >= 0 else _AMBER))
        parts.append(_text(4, y + 14, f"{comparison.replace('_', ' ')}: {finding}"[:44]))
        place = (left + length + 6, "start") if weight >= 0 else (left - 6, "end")
        parts.append(_text(place[0], y + 14, f"{weight:+.1f}", place[1], _MUTED))
    return _picture(24 * len(steps) + 10, f"Evidence adds up to {sum(weights):+.1f} bits", parts)
