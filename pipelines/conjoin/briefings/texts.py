"""The words and boxes of the briefing, as HTML: every figure says what it rests on."""

import html
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from conjoin.briefings.figures import Picture
from conjoin.briefings.pages import figure_html
from conjoin.schemas.vocabularies import vocabulary


class Html(str):
    """Text that a notebook shows as HTML."""

    def _repr_html_(self) -> str:
        return str(self)


def show(draw: Callable[[pd.DataFrame], Picture], frame: pd.DataFrame, title: str, note: str, source: str) -> Html:
    """A figure of ``frame`` with its title, its finding, a note on how to read it, and the table it was asked of.

    Without rows there is nothing to draw, and the page says so in the figure's place.
    """
    if frame.empty:
        return Html(f'<h3>{html.escape(title)}</h3><p class="empty">Nothing in this scope to show here.</p>')
    picture = draw(frame)
    return Html(figure_html(picture.figure, picture.alt, title, note, source))


def coverage_box(title: str, coverage: pd.DataFrame, stale: pd.DataFrame, is_pack: bool = False) -> Html:
    """What the briefing rests on, before any claim: sources, rows, months, what is missing, in a pack what is withheld.

    Args:
        title: The scope in words.
        coverage: Rows per source, kind and country.
        stale: Feeds that are late or refused.
        is_pack: Whether the file was built from what one reader may see.
    """
    kinds = coverage.groupby("record_kind")["record_count"].sum()
    rows = ", ".join(f"{count:,} {str(kind).replace('_', ' ')}" for kind, count in kinds.items())
    months = coverage[["month_from", "month_to"]].dropna()
    span = (
        f"{pd.Timestamp(months['month_from'].min()):%B %Y} to {pd.Timestamp(months['month_to'].max()):%B %Y}"
        if len(months)
        else "no dates"
    )
    items = [
        f"<b>Scope:</b> {html.escape(title)}",
        f"<b>Sources:</b> {coverage['source_name'].nunique()}; <b>records:</b> {rows or 'none'}",
        f"<b>Months with records:</b> {span}",
        "<b>Not in it:</b> audits that nobody delivered, records that only their owner may see, and complaint cases",
    ]
    if is_pack:
        items[-1] = (
            "<b>Not in it:</b> what this reader may not see, and complaint cases with the visits that investigate them"
        )
        items.append(
            "<b>Withheld:</b> names and days of other members, and what they accept: of their audits nobody can tell "
            "here whether one repeats another, so the counts below are at most what the whole pooling has"
        )
    if len(stale):
        names = ", ".join(sorted({f"{row.source_title} ({row.feed})" for row in stale.itertuples()}))
        items.append(f"<b>Stale or refused:</b> {html.escape(names)}")
    listed = "".join(f"<li>{item}</li>" for item in items)
    return Html(f'<div class="box"><h3>What this briefing rests on</h3><ul>{listed}</ul></div>')


def _number(value: float) -> str:
    return "0" if np.isnan(value) else f"{value:,.0f}"


def headline_box(headline: pd.DataFrame) -> Html:
    """The headline in days, with its range; counts beside it."""
    row = headline.iloc[0].astype(float)
    if not row["audit_count"]:
        return Html(
            '<p class="empty">No audits are known in this scope: nobody delivered any, or none may be shown.</p>'
        )
    boxes = [
        (_number(row["audit_count"]), f"audits at {_number(row['site_count'])} sites"),
        (
            _number(row["avoidable_count"]),
            "of them fell within the validity of an earlier audit that would have covered them",
        ),
        (
            f"{_number(row['days_low'])} to {_number(row['days_high'])}",
            f"auditor days in those, {_number(row['days_central'])} by the central estimate",
        ),
        (_number(row["avoidable_now_count"]), "could have been spared at once: the earlier report could be shared"),
    ]
    inner = "".join(f"<div><strong>{value}</strong>{text}</div>" for value, text in boxes)
    rests = (
        f"Days are estimated from effort tables for {_number(row['estimated_count'])} audits. Uncertain identities: "
        f"about {row.fillna(0)['doubtful_audits']:.1f} of these audits may belong to another site. No brand is known "
        f"behind {_number(row['facility_count'])} audits that the facility ordered itself and "
        f"{_number(row['unknown_orderer_count'])} of which nobody told who ordered them; the latter never count as "
        "avoidable."
    )
    return Html(f'<div class="figures">{inner}</div><p>{rests}</p>')


def table(frame: pd.DataFrame, headers: dict[str, str]) -> Html:
    """A small table with readable headers."""
    return Html(frame.rename(columns=headers)[list(headers.values())].to_html(index=False, border=0, na_rep=""))


_RELEASED = """<p>Over everything that may stand behind totals, cases never. A cell is told where enough sites and
parties are behind it; <i>withheld</i> cells cannot be worked out from the others, nor from earlier releases. A number
in brackets was told by an earlier release: too little has changed since to tell how much.</p>"""
#: What a breakdown of released totals is called in a heading; '' is all audits together.
_BREAKDOWNS = {
    "": "All audits",
    "country_code": "By country",
    "visit_year": "By year of the visit",
    "scheme": "By scheme",
    "planned_month": "Planned visits, by country and month",
}
_PLANS = {"": "Visits"}
_CLASSES = {
    "": "Audits",
    "avoidable": "Avoidable",
    "not_avoidable": "Repeats that were not",
    "first_known": "First known",
}


def released_box(released: pd.DataFrame | None) -> Html:
    """Totals over the whole pooling as they were released: the same for every reader, with what is withheld."""
    if released is None:
        return Html("<p>This is the coordinator's own file. What may be told to others is in the packs.</p>")
    if released.empty:
        return Html('<p class="empty">No totals have been released yet.</p>')
    parts = [_RELEASED]
    for breakdown in sorted(set(released["breakdown"]), key=lambda name: [*_BREAKDOWNS].index(name)):
        heading = _BREAKDOWNS[breakdown]
        rows = released[released["breakdown"] == breakdown]
        if len(rows):
            told = set(rows["audit_class"])
            classes = {name: title for name, title in _CLASSES.items() if name in told}
            classes |= {name: name for name in sorted(told - classes.keys())}  # of a project's own policy
            classes = classes if len(classes) > 1 else _PLANS
            parts.append(_released_table(heading, rows, classes))
    return Html("\n".join(parts))


def _released_table(heading: str, rows: pd.DataFrame, classes: dict[str, str]) -> str:
    titles = {**vocabulary("country").titles, **vocabulary("scheme").titles}
    head = "".join(f'<th scope="col">{html.escape(title)}</th>' for title in classes.values())
    lines = []
    for value, cells in rows.groupby("value", sort=True):
        known = {cell.audit_class: cell for cell in cells.itertuples()}
        told = "".join(f"<td>{_released_cell(known.get(name))}</td>" for name in classes)
        title = titles.get(str(value), str(value)) or "All"
        lines.append(f'<tr><th scope="row">{html.escape(title)}</th>{told}</tr>')
    return (
        f"<h3>{html.escape(heading)}</h3><table><thead><tr><th></th>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _released_cell(cell: Any) -> str:
    if cell is None or pd.isna(cell.audit_count):
        return "<i>withheld</i>"
    return f"{cell.audit_count:,}" if cell.is_current else f"({cell.audit_count:,})"
