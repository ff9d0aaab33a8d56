"""What is missing: sources in time or not, what their audits tell, what was refused, and whom to ask for what."""

from typing import Any

import pandas as pd

from conjoin import __version__
from conjoin.briefings.overlap import Scope
from conjoin.briefings.sections.rests_on import coverage_figure
from conjoin.briefings.texts import Html, bar, beside, nothing, safe, table, tiles, to_do, why_empty
from conjoin.briefings.words import counted, each, is_missing, listed, number, share, titled

#: What an audit should tell: the column that counts it, and its name in a heading.
FACTS = {
    "with_day_count": "Day of visit",
    "with_orderer_count": "Orderer",
    "with_firm_count": "Firm",
    "with_scheme_count": "Scheme",
    "with_notice_count": "Notice",
    "with_findings_count": "Findings",
    "with_coordinates_count": "Coordinates",
}
#: States of a source, the most urgent first, as a table tells them.
_STATES = {"refused": "Refused", "late": "Late", "never": "Never delivered"}
_STATES |= {"not_told": "Not told in a pack", "in_time": "In time"}
_STEPS, _LISTED = 5, 20
_PACK = """<div class="box warning"><p><b>This is a pack:</b> it was built from what one reader may see. Of other
members' sources it tells only what the reader may see of them; a fact that is withheld reads here as not
told.</p></div>"""


def first_screen(scope: Scope) -> Html:
    """How many sources are in time, what audits lack, how far each source reaches, and whom to ask."""
    states, audits = _states(scope)["delivery_state"].value_counts(), scope.ask("completeness_of_sources")
    told = {state: int(states.get(state, 0)) for state in _STATES}
    parts = [
        f'<p class="scope">{safe(scope.title)}. As of {scope.day}, made with conjoin {safe(__version__)}.</p>',
        _PACK if scope.is_pack else "",
        f'<p class="answer">{_answer(told, audits)}</p>',
        tiles(
            [
                (number(told["in_time"]), _in_time(told)),
                (number(told["late"]), "late with at least one feed"),
                (number(told["refused"]), "with a file that was refused and not replaced"),
                (number(told["never"]), "declared, and never delivered"),
            ]
        ),
        beside(coverage_figure(scope), to_do(_steps(scope))),
    ]
    return Html(f'<section class="first">{"".join(parts)}</section>')


def _in_time(told: dict[str, int]) -> str:
    withheld = f"; of {number(told['not_told'])} a pack does not tell" if told["not_told"] else ""
    return f"of {counted(sum(told.values()), 'declared source')} in time{withheld}"


def _states(scope: Scope) -> pd.DataFrame:
    """One row per source: the most urgent state of its feeds, and what is said of that feed."""
    feeds = scope.ask("feeds_in_time")
    feeds["urgency"] = feeds["delivery_state"].map([*_STATES].index)
    worst = feeds.sort_values(["urgency", "source_title", "feed"], kind="stable")
    return worst.drop_duplicates("source_name").reset_index(drop=True)


def _answer(told: dict[str, int], audits: pd.DataFrame) -> str:
    missing = told["late"] + told["refused"] + told["never"]
    sources = f"{number(missing)} of {counted(sum(told.values()), 'source')} {'is' if missing == 1 else 'are'}"
    first = f"{sources} late, refused or never delivered"
    count = audits["audit_count"].sum()
    if not count:
        return f"{first}; no audit is known in this scope"
    least = min(FACTS, key=lambda fact: audits[fact].sum())
    part = audits[least].sum()
    return f"{first}; what audits tell least is {FACTS[least].lower()}: {share(part, count)} of {number(count)} do"


def _steps(scope: Scope) -> list[str]:
    """The most urgent of what to ask whom for."""
    steps = [f"{title}: {wanted}" for title, wanted in _wanted(scope)]
    more = len(steps) - _STEPS
    told = steps[:_STEPS] + ([f"{number(more)} more below, by source"] if more > 0 else [])
    return told or ["Nothing is missing that a source could be asked for"]


def _wanted(scope: Scope) -> list[tuple[str, str]]:
    """Sources with what to ask them for: what is refused or late first, then what most audits lack."""
    lacking = {row.source_name: row for row in each(scope.ask("completeness_of_sources"))}
    refused = _refused_by_source(scope)
    states = _states(scope)
    told: list[tuple[int, float, str, str]] = []
    for row in each(states):
        audits = lacking.get(row.source_name)
        weight = float(audits.audit_count) if audits else 0.0
        parts = [
            *_of_delivery(row),
            *_of_rows(refused.get(row.source_name, 0)),
            *(_of_audits(audits) if audits else []),
        ]
        if parts:
            told.append((row.urgency, -weight, row.source_title, "; ".join(parts)))
    return [(title, wanted) for *_, title, wanted in sorted(told)]


def _of_delivery(row: Any) -> list[str]:
    feed = str(row.feed).replace("_", " ")
    return {
        "refused": [f"deliver {feed} again, corrected"],
        "late": [f"the {feed} due by {row.due_date:%Y-%m-%d}" if not is_missing(row.due_date) else f"the {feed} due"],
        "never": ["a first delivery"],
    }.get(row.delivery_state, [])


def _of_rows(count: int) -> list[str]:
    return [f"corrections of {counted(count, 'refused row')}"] if count else []


def _of_audits(row: Any) -> list[str]:
    """Facts that fewer than half of a source's audits tell."""
    missing = [title.lower() for fact, title in FACTS.items() if getattr(row, fact) * 2 < row.audit_count]
    return [f"{listed(missing)} of its {counted(row.audit_count, 'audit')}"] if missing else []


def _refused_by_source(scope: Scope) -> dict[str, int]:
    rows = scope.ask("refused_rows_by_source")
    sums = rows[rows["what"] == "rows"].groupby("source_name")["refused_row_count"].sum()
    return {str(name): int(count) for name, count in sums.items()}


def completeness(scope: Scope) -> Html:
    """What share of each source's audits tells each fact."""
    told = scope.ask("completeness_of_sources")
    rows: list[list[object]] = [
        [row.source_title, row.audit_count, *(bar(getattr(row, fact), row.audit_count) for fact in FACTS)]
        for row in each(told)
    ]
    if len(rows) > 1:
        sums = told[["audit_count", *FACTS]].sum()
        rows.append(["All sources", sums["audit_count"], *(bar(sums[fact], sums["audit_count"]) for fact in FACTS)])
    return table(
        "What audits tell, by source",
        {"Source": False, "Audits": True, **dict.fromkeys(FACTS.values(), True)},
        rows,
        "completeness_of_sources",
        "Delivered audits, so one that two sources tell counts with both. Findings: at least one; an audit without "
        "any may have found nothing. Coordinates: the source itself says where the site is.",
        why_empty(told),
    )


def delivery(scope: Scope) -> Html:
    """Every source with its state."""
    rows = []
    for row in each(scope.ask("feeds_in_time")):
        last = "–" if is_missing(row.last_landed_on) else f"{row.last_landed_on:%Y-%m-%d}"
        due = "–" if is_missing(row.due_date) else f"{row.due_date:%Y-%m-%d}"
        feed = "–" if row.feed == "none" else str(row.feed).replace("_", " ")
        rows.append([row.source_title, feed, _STATES[row.delivery_state], last, due])
    return table(
        "Sources and feeds, complete",
        {"Source": False, "Feed": False, "State": False, "Last delivered": False, "Due by": False},
        rows,
        "feeds_in_time",
        "Of the whole file, whatever the country and period of this page.",
        "No source is declared.",
    )


def refused(scope: Scope) -> Html:
    """Rows and files that were refused, and why; no cell is quoted."""
    told, titles = scope.ask("refused_rows_by_source"), _titles(scope)
    rows = [
        [
            titles.get(row.source_name, row.source_name),
            f"{str(row.feed).replace('_', ' ')}{'' if row.what == 'rows' else ', whole file'}",
            "–" if is_missing(row.column_name) else row.column_name,
            row.reason,
            number(row.refused_row_count),
            row.advice,
        ]
        for row in each(told.head(_LISTED))
    ]
    more = f" The first {_LISTED} of {number(len(told))}; conjoin ask refused_rows_by_source tells all."
    return table(
        "What was refused, and why",
        {"Source": False, "Feed": False, "Column": False, "Reason": False, "Rows": True, "What to do": False},
        rows,
        "refused_rows_by_source",
        f"No cell of a file is quoted here.{more if len(told) > _LISTED else ''}",
        f"No row and no file {'of this reader ' if scope.is_pack else ''}is refused.",
    )


def out_of_use(scope: Scope) -> Html:
    """Files withdrawn or replaced."""
    title = "Files withdrawn or replaced"
    if scope.is_pack:
        return nothing(title, "This is a pack: it tells of no file that no longer counts.")
    told = scope.ask("files_out_of_use")
    rows = [
        [row.source_title, str(row.feed).replace("_", " "), row.file_count, f"{row.last_delivered_on:%Y-%m-%d}"]
        for row in each(told)
    ]
    return table(
        title,
        {"Source": False, "Feed": False, "Files": True, "Last of them delivered": False},
        rows,
        "files_out_of_use",
        "They could be read, and are in no figure any more.",
        "No file was withdrawn or replaced.",
    )


def cost_of_lacks(scope: Scope) -> Html:
    """What a lack costs in the figures."""
    row = scope.ask("lacks_of_audits").iloc[0]
    spared = scope.ask("spared_if_orderers_were_known")["visit_count"].sum()
    costs = {
        "orderer_unknown_count": (
            "Orderer unknown",
            f"never counted as avoidable; told, up to {counted(spared, 'repeat')} more might be",
        ),
        "day_unknown_count": ("Day of visit unknown", "stand in no year and no period"),
        "notice_unknown_count": ("Notice unknown", "where a buyer asks for less notice, an earlier one cannot show it"),
        "topics_assumed_count": ("Topics assumed", "taken from the scheme: may cover less than is assumed"),
        "validity_assumed_count": ("Validity assumed", "taken from the scheme: may have ended earlier or later"),
        "days_estimated_count": ("Auditor days estimated", "taken from effort tables, with a range"),
        "country_unknown_count": ("Country unknown", "missing on the map and in every page of a country"),
    }
    rows = [
        [title, row[name], bar(row[name], row["audit_count"]), cost]
        for name, (title, cost) in costs.items()
        if row[name]
    ]
    return table(
        "What a lack costs in the figures",
        {"Lack": False, "Audits": True, "Of all": True, "What follows": False},
        rows,
        "lacks_of_audits",
        f"Of {counted(row['audit_count'], 'audit')} that may enter totals, each counted once, whoever told of it. "
        "Repeats under unknown orderers overlap, so their number is an upper bound.",
        "No fact that a figure needs is missing, or no audit is known in this scope.",
    )


def told_twice(scope: Scope) -> Html:
    """Sources that tell the same events."""
    told, titles = scope.ask("events_told_twice"), _titles(scope)
    pairs = told.groupby(["source_name_a", "source_name_b"], sort=False, as_index=False)[
        ["event_count", "conflicting_event_count"]
    ].sum()
    pairs = pairs.sort_values(
        ["event_count", "source_name_a", "source_name_b"], ascending=[False, True, True], kind="stable"
    )
    rows = [
        [
            titles.get(row.source_name_a, row.source_name_a),
            titles.get(row.source_name_b, row.source_name_b),
            row.event_count,
            row.conflicting_event_count,
        ]
        for row in each(pairs.head(_LISTED))
    ]
    more = f" The first {_LISTED} of {number(len(pairs))} pairs." if len(pairs) > _LISTED else ""
    return table(
        "Sources that tell the same audits",
        {"Best dated by": False, "Told again by": False, "Audits": True, "Told differently": True},
        rows,
        "events_told_twice",
        f"An audit that several sources tell counts once in every figure.{more}",
        why_empty(told),
    )


def without_audits(scope: Scope) -> Html:
    """Countries with sites and no audits."""
    told = scope.ask("countries_without_audits")
    rows = [
        [titled(row.country_code, "country"), row.site_count, row.buyer_link_count] for row in each(told.head(_LISTED))
    ]
    more = f" The first {_LISTED} of {number(len(told))}." if len(told) > _LISTED else ""
    return table(
        "Countries with sites and no audit",
        {"Country": False, "Sites": True, "Links of buyers to them": True},
        rows,
        "countries_without_audits",
        f"Nobody delivered an audit there, in any year; that does not say that none was made.{more}",
        "Every country with sites has an audit.",
    )


def whom_to_ask(scope: Scope) -> Html:
    """What to ask each source for."""
    return table(
        "What to ask whom for",
        {"Source": False, "Ask for": False},
        [[title, wanted] for title, wanted in _wanted(scope)],
        "completeness_of_sources",
        "Refused files first, then late feeds, then those who never delivered, then facts that fewer than half of a "
        "source's audits tell.",
        "Nothing is missing that a source could be asked for.",
    )


def _titles(scope: Scope) -> dict[str, str]:
    feeds = scope.ask("feeds_in_time")
    return dict(zip(feeds["source_name"], feeds["source_title"], strict=True))
