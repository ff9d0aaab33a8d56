"""Released totals over the whole pooling, as a pack's page shows them."""

import html
from typing import Any

import pandas as pd

from conjoin.briefings.texts import Html, grid
from conjoin.schemas.vocabularies import vocabulary

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
        rows = released[released["breakdown"] == breakdown]
        told = set(rows["audit_class"])
        classes = {name: title for name, title in _CLASSES.items() if name in told}
        classes |= {name: name for name in sorted(told - classes.keys())}  # of a project's own policy
        classes = classes if len(classes) > 1 else _PLANS
        parts.append(
            f"<section><h3>{html.escape(_BREAKDOWNS[breakdown])}</h3>{_released_table(rows, classes)}</section>"
        )
    return Html("\n".join(parts))


def _released_table(rows: pd.DataFrame, classes: dict[str, str]) -> str:
    titles = {**vocabulary("country").titles, **vocabulary("scheme").titles}
    lines = []
    for value, cells in rows.groupby("value", sort=True):
        known = {cell.audit_class: cell for cell in cells.itertuples()}
        title = titles.get(str(value), str(value)) or "All"
        lines.append([title, *(_released_cell(known.get(name)) for name in classes)])
    return grid({"": False, **dict.fromkeys(classes.values(), True)}, lines)


def _released_cell(cell: Any) -> str:
    if cell is None or pd.isna(cell.audit_count):
        return "withheld"
    return f"{cell.audit_count:,}" if cell.is_current else f"({cell.audit_count:,})"
