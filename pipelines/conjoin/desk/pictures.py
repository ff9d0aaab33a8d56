"""Pictures drawn as SVG without script or style: bars over years, bars of an answer, evidence as a waterfall.

Each has its finding in words as its text for those who cannot see it, and stands above a table of the same numbers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from conjoin.briefings.subjects.timeline import AMBER, BLUE, INK, MUTED, PALE, WIDTH, bar, picture, text
from conjoin.desk.render import said


def _marked(height: float, title: str, parts: Sequence[str]) -> Markup:
    return Markup(picture(height, title, parts))  # noqa: S704 - every text in it went through escape


def years_picture(years: Sequence[Mapping[str, Any]]) -> Markup:
    """Audits per year as bars, the avoidable ones dark at their foot.

    Args:
        years: visit_year, audit_count, avoidable_count, in order.
    """
    most = max((int(year["audit_count"]) for year in years), default=0) or 1
    step = (WIDTH - 20) / max(len(years), 1)
    width, foot, room = min(step * 0.7, 56), 190, 150
    parts = []
    for place, year in enumerate(years):
        middle = 10 + step * (place + 0.5)
        whole, spared = int(year["audit_count"]), int(year["avoidable_count"])
        high, low = room * whole / most, room * spared / most
        told = f"{year['visit_year']}: {whole:,} audits, {spared:,} could have been one visit less"
        parts += [
            bar(middle - width / 2, foot - high, width, high, PALE, told),
            bar(middle - width / 2, foot - low, width, low, BLUE, told) if spared else "",
            text(middle, foot - high - 6, f"{whole:,}", "middle", MUTED),
            text(middle, foot + 18, year["visit_year"], "middle"),
        ]
        if spared:
            parts.append(text(middle, foot + 35, f"{spared:,}", "middle", BLUE, "700"))
    parts.append(f'<line x1="0" y1="{foot}" x2="{WIDTH}" y2="{foot}" stroke="{INK}"/>')
    last = years[-1] if years else None
    finding = (
        f"{said(last['audit_count'])} audits in {last['visit_year']}, {said(last['avoidable_count'])} of which could "
        "have been one visit less"
        if last
        else "No audits"
    )
    return _marked(foot + 44, finding, parts)


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
        parts += [text(250, y + 13, shown, "end"), bar(258, y + 2, length, 14, BLUE)]
        parts.append(text(264 + length, y + 13, said(round(value, 1)), "start", MUTED))
    place = max(range(len(values)), key=lambda row: values[row], default=0)
    finding = f"{heading}: most in {labels[place]}, {said(round(values[place], 1))}" if labels else heading
    return _marked(24 * len(labels) + 10, finding, parts)


def waterfall_picture(steps: pd.DataFrame) -> Markup:
    """Evidence for and against one site as bars from a middle line, in bits, one comparison per row.

    Args:
        steps: comparison, finding, evidence_weight.
    """
    weights = [float(weight) for weight in steps["evidence_weight"]]
    most = max(map(abs, weights), default=1) or 1
    middle, room = 470, 180
    parts = [f'<line x1="{middle}" y1="0" x2="{middle}" y2="{24 * len(steps) + 4}" stroke="{INK}"/>']
    told = zip(steps["comparison"], steps["finding"], weights, strict=True)
    for row, (comparison, finding, weight) in enumerate(told):
        y = 24 * row + 4
        length = room * abs(weight) / most
        left = middle if weight >= 0 else middle - length
        parts.append(bar(left, y + 2, length, 14, BLUE if weight >= 0 else AMBER))
        parts.append(text(4, y + 14, f"{comparison.replace('_', ' ')}: {finding}"[:44]))
        place = (left + length + 6, "start") if weight >= 0 else (left - 6, "end")
        parts.append(text(place[0], y + 14, f"{weight:+.1f}", place[1], MUTED))
    return _marked(24 * len(steps) + 10, f"Evidence adds up to {sum(weights):+.1f} bits", parts)
