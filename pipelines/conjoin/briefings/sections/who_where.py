"""Who ordered the audits that could have been spared, who meets whom, and where."""

import pandas as pd

from conjoin.briefings import figures
from conjoin.briefings.overlap import Scope
from conjoin.briefings.texts import Html, nothing, safe, show, source_line, table, why_empty
from conjoin.briefings.words import counted, each, listed, number, share, span, titled
from conjoin.briefings.world_map import world_map

_FIGURES = {"Audits": True, "Avoidable": True, "Share": True, "Report could be shared": True, "Auditor days": True}
_LISTED = 20


def orderers(scope: Scope) -> Html:
    """Who ordered the audits, with the avoidable ones."""
    told = scope.ask("avoidable_by_orderer")
    least = scope.rule("smallest_cell")
    rows: list[list[object]] = []
    for row in each(told.head(_LISTED)):
        kind = titled(row.commissioner_type, "commissioner_type")
        name = row.commissioner if isinstance(row.commissioner, str) else _unnamed(row.commissioner_type, kind)
        rows.append([name, kind if isinstance(row.commissioner, str) else "", *_figures(row)])
    rows += _rest(told, "other orderer", 1)
    withheld = " Whether an audit of another member repeats one is withheld: it counts as not avoidable here."
    return table(
        "Who ordered audits, and how many of them could have been one visit less",
        {"Ordered by": False, "Kind": False, **_FIGURES},
        rows,
        "avoidable_by_orderer",
        f"Counted where the later audit was ordered. Orderers with audits at fewer than {least} sites stand "
        "together. That an "
        "audit could have been spared is no fault of its orderer alone: the earlier report has to be offered."
        f"{withheld if scope.is_pack else ''}",
        why_empty(told),
    )


def _unnamed(kind: str, title: str) -> str:
    if kind == "facility":
        return "Facilities themselves"
    if kind == "withheld":
        return "Other members, whose names are withheld"
    return "Nobody told who" if kind == "unknown" else f"Others: {title.lower()}"


def schemes(scope: Scope) -> Html:
    """Under which schemes."""
    told = scope.ask("avoidable_by_scheme")
    rows = [[titled(row.scheme, "scheme"), *_figures(row)] for row in each(told.head(_LISTED))]
    rows += _rest(told, "other scheme")
    return table(
        "By scheme of the later audit",
        {"Scheme": False, **_FIGURES},
        rows,
        "avoidable_by_scheme",
        "An audit stands under its own scheme, not under that of the audit before.",
        why_empty(told),
    )


def meetings(scope: Scope) -> Html:
    """Who meets whom at the same sites."""
    return show(
        figures.draw_organisations,
        scope.ask("organisations_side_by_side"),
        "Sites that two organisations both had audited",
        f"Read a row and a column: the cell counts the sites at which both ordered an audit in the scope. Below "
        f"{scope.rule('smallest_cell')} sites no number is shown.",
        "organisations_side_by_side",
    )


def sharing(scope: Scope) -> Html:
    """Audits that did not happen because another was used."""
    row = scope.ask("avoided_by_sharing").iloc[0]
    if not row["audit_count"]:
        return nothing("Avoided by sharing", "No audits are known in this scope.")
    told = (
        f"On {counted(row['shared_audit_count'], 'audit')} of {number(row['audit_count'])} more than one "
        "organisation relied, "
        f"which spared {counted(row['avoided_count'], 'audit')}: organisations beyond the first. These did not "
        "happen, and are "
        "never added to the avoidable ones, which did."
    )
    return Html(
        f'<section class="told" data-question="avoided_by_sharing"><h3>Avoided by sharing</h3><p>{told}</p>'
        f'<p class="source">{safe(source_line("avoided_by_sharing"))}</p></section>'
    )


def where(scope: Scope) -> Html:
    """Countries on the map and in a table."""
    told = scope.ask("avoidable_by_country")
    rows = [[titled(row.country_code, "country"), *_figures(row)] for row in each(told.head(_LISTED))]
    rows += _rest(told, "other country", 0, "other countries")
    listed_ = table(
        "By country of the site", {"Country": False, **_FIGURES}, rows, "avoidable_by_country", "", why_empty(told)
    )
    return Html(f"{'' if scope.country else _map(told)}{listed_}")


def _map(told: pd.DataFrame) -> str:
    known = told[told["country_code"].notna()]
    if known.empty:
        return ""
    most = [
        f"{titled(row.country_code, 'country')} ({number(row.avoidable_count)})"
        for row in each(known.head(3))
        if row.avoidable_count
    ]
    finding = f"Most avoidable audits were in {listed(most)}" if most else "No avoidable audit is known in any country"
    said = {
        row.country_code: f"{number(row.avoidable_count)} of {counted(row.audit_count, 'audit')} avoidable"
        for row in each(known)
    }
    values = dict(zip(known["country_code"], known["avoidable_count"].astype(float), strict=True))
    note = (
        "Coloured by avoidable audits; grey: no audit known. Borders as in Natural Earth; no opinion on any is meant."
    )
    return (
        '<figure data-question="avoidable_by_country"><h3>Avoidable audits by '
        f"country</h3>{world_map(values, said, finding)}"
        f"<figcaption><b>{safe(finding)}.</b> {note} "
        f'<span class="source">{safe(source_line("avoidable_by_country"))}</span></figcaption></figure>'
    )


def _rest(told: pd.DataFrame, one: str, empty_cells: int = 0, many: str = "") -> list[list[object]]:
    """One row for all that is not listed: none where all is."""
    rest = told.iloc[_LISTED:]
    if rest.empty:
        return []
    sums = rest[[name for name in rest.columns if name.endswith("_count") or name.startswith("days_")]].sum()
    return [[counted(len(rest), one, many), *[""] * empty_cells, *_figures(sums)]]


def _figures(row: object) -> list[object]:
    audits, avoidable = getattr(row, "audit_count"), getattr(row, "avoidable_count")  # noqa: B009 - tuple or series
    now, low, high = (getattr(row, name) for name in ("avoidable_now_count", "days_low", "days_high"))
    return [audits, avoidable, share(avoidable, audits), now, span(low, high) if avoidable else "0"]
