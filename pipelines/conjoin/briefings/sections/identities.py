"""How sure identities are: links by certainty, errors to expect, and what of the figures hangs on them."""

import re
from math import sqrt
from typing import Any

import pandas as pd

from conjoin import __version__, content
from conjoin.briefings.overlap import Scope
from conjoin.briefings.sections.rests_on import certainty
from conjoin.briefings.texts import Html, bar, beside, nothing, safe, table, tiles, to_do, why_empty
from conjoin.briefings.words import counted, each, number, share, titled
from conjoin.matching.learn.evaluation import PairScores, wilson_interval
from conjoin.matching.pairs.model import SHIPPED_MODEL

_Z = 1.96
#: Below it a link is called unsure, as in the picture beside.
_UNSURE = 0.9
_LISTED, _PAIRS_LISTED = 12, 8
#: Bands in which the model did not have the last word: their probabilities tell no error.
_DECIDED = ("judged", "vetoed")
#: A judged group in the file of the model, as `conjoin train` writes it.
_JUDGED = re.compile(r"^#   ([a-z ]+): (\d+) of (\d+) found, (\d+) of (\d+) wrongly merged$", re.MULTILINE)
_GROUPS = {
    "adjudicated": "Two readers differed, a third decided",
    "double": "Two readers agreed",
    "gold": "One careful reader",
    "read": "Hard pairs, read",
    "read within": "Hard pairs within one list, read",
    "silver": "Near-identical rows, by rule",
}
_PACK = """<div class="box warning"><p><b>This is a pack:</b> sites were put together from what its reader may see, so
links that rest on other members' records are missing, and judgements on such records too.</p></div>"""


def place(scope: Scope) -> str:
    """The scope in words; identities have no period."""
    return scope.title.removesuffix(", all visits on file")


def first_screen(scope: Scope) -> Html:
    """Sites and records, errors to expect, how sure sites are, and what to do."""
    short = scope.ask("identities_in_short").iloc[0]
    wrong, missed = errors(scope, is_accepted=True), errors(scope, is_accepted=False)
    parts = [
        f'<p class="scope">{safe(place(scope))}. As of {scope.day}, made with conjoin {safe(__version__)}.</p>',
        _PACK if scope.is_pack else "",
        f'<p class="answer">{_answer(short, scope.ask("certainty_of_sites"))}</p>',
        tiles(
            [
                (
                    number(short["site_count"]),
                    f"sites, of {counted(short['record_count'], 'record')}; {number(short['joined_site_count'])} rest "
                    "on several",
                ),
                (
                    _expected(wrong),
                    f"of {counted(wrong[3], 'pair')} within sites would be wrong if each stood alone {_of(wrong)}; the "
                    "other records of a site make most surer",
                ),
                (
                    _expected(missed),
                    f"of {counted(missed[3], 'pair')} left apart would be one site if each stood alone {_of(missed)}",
                ),
                (
                    number(short["question_count"]),
                    f"questions wait for a person; {counted(short['open_site_count'], 'site')} hang on them",
                ),
            ]
        ),
        beside(certainty(scope), to_do(_steps(scope))),
    ]
    return Html(f'<section class="first">{"".join(parts)}</section>')


def errors(scope: Scope, is_accepted: bool) -> tuple[float, float, float, int]:
    """Links (or pairs left apart) expected to be wrong: the number, its 95 % interval, and of how many.

    Pairs that a person judged or a rule decided are left out. The interval takes pairs as independent.
    """
    bands = scope.ask("links_by_certainty")
    counting = bands[(bands["is_accepted"] == is_accepted) & ~bands["certainty_band"].isin(_DECIDED)]
    expected, half = float(counting["wrong_expected"].sum()), _Z * sqrt(float(counting["wrong_variance"].sum()))
    count = int(counting["link_count"].sum())
    return expected, max(0.0, expected - half), min(float(count), expected + half), count


def _expected(told: tuple[float, float, float, int]) -> str:
    return f"{round(told[1]):,} to {round(told[2]):,}" if round(told[1]) != round(told[2]) else f"{round(told[0]):,}"


def _of(told: tuple[float, float, float, int]) -> str:
    return f"(about {round(told[0]):,}, 95 % interval)"


def _answer(short: "pd.Series[Any]", sites: pd.DataFrame) -> str:
    if not short["record_count"]:
        return "No site is known in this scope: nobody delivered any, or none may be shown"
    if sites.empty:
        return (
            f"{counted(short['record_count'], 'record')} make {counted(short['site_count'], 'site')}; none was linked"
        )
    unsure = int((sites["weakest_link_probability"] < _UNSURE).sum())
    return (
        f"{counted(short['record_count'], 'record')} make {counted(short['site_count'], 'site')}; {number(unsure)} of "
        f"the {number(len(sites))} with several records {'rests' if unsure == 1 else 'rest'} on a link below "
        f"{share(_UNSURE, 1)}"
    )


def _steps(scope: Scope) -> list[str]:
    """What the person who answers for identities does next, most telling first."""
    steps = []
    waiting = scope.ask("questions_by_effect")
    if len(waiting):
        steps.append(
            f"Answer the {counted(len(waiting), 'question')} below first, of "
            f"{number(waiting['question_count'].iloc[0])} that wait: their answers may move most (conjoin desk, Review)"
        )
    hanging = scope.ask("sure_of_avoidable")["avoidable_audit_count"]
    if len(hanging) and (lost := int(hanging.iloc[0] - hanging.iloc[-1])):
        steps.append(
            f"Say with the figures that {counted(lost, 'avoidable audit')} of {number(hanging.iloc[0])} would not "
            "count if only the surest pairs did"
        )
    if len(crowded := scope.ask("crowded_sites")):
        steps.append(f"Look at {counted(len(crowded), 'site')} with many records or names: one may be several")
    return [*steps, *_of_readers(scope)] or ["Nothing waits: no question is open, and readers agree"]


def _of_readers(scope: Scope) -> list[str]:
    """What second readers are needed for; judgements are in no pack."""
    if scope.is_pack:
        return []
    compared = scope.ask("judgements_compared").iloc[0]
    if not compared["read_twice_count"]:
        return ["Let a second reader judge some pairs blind: no pair was judged by two, so agreement is not known"]
    if apart := compared["read_twice_count"] - compared["agreed_count"]:
        return [f"Settle {counted(apart, 'pair')} on which readers differ"]
    return []


def bands(scope: Scope) -> Html:
    """Pairs by band of certainty."""
    told = scope.ask("links_by_certainty")
    rows = [
        [
            "Linked" if row.is_accepted else "Left apart",
            {"judged": "Judged by a person", "vetoed": "Decided by a rule"}.get(row.certainty_band, row.certainty_band),
            row.link_count,
            "–" if row.certainty_band in _DECIDED else number(row.wrong_expected),
        ]
        for row in each(told)
    ]
    return table(
        "Compared pairs by the probability that both are one site",
        {"Answer": False, "Probability": False, "Pairs": True, "Expected to be wrong": True},
        rows,
        "links_by_certainty",
        "Wrong is a link between two sites, or a missing one within one site. Sums of the model's probabilities, pair "
        "by pair: what the other records of a site say is not in them, and the first screen's interval is "
        "as if pairs were independent, so the truth may lie further off. Pairs that nobody compared are in neither.",
        why_empty(told),
    )


def measured(scope: Scope) -> Html:
    """What the shipped model was measured at: where, on which pairs."""
    text = content.find(SHIPPED_MODEL).read_text(encoding="utf-8")
    version = re.search(r'^version = "(.+)"', text, re.MULTILINE)
    groups = [
        PairScores(name, int(of), int(found), int(false), int(merged))
        for name, found, of, merged, false in _JUDGED.findall(text)
    ]
    rows = [
        [
            _GROUPS.get(one.group, one.group.capitalize()),
            f"{number(one.found_count)} of {number(one.true_count)}",
            _with_interval(one.found_count, one.true_count),
            f"{number(one.merged_count)} of {number(one.false_count)}",
            _with_interval(one.merged_count, one.false_count),
            "–" if one.f1 is None else f"{one.f1:.3f}",
        ]
        for one in groups
    ]
    title = "What the model was measured at"
    if not rows:
        return nothing(
            title, "The file of the model tells no measurement; `conjoin evaluate` measures on judged pairs."
        )
    heads = {"Judged pairs": False, "Found": True, "Share found, 95 %": True}
    heads |= {"Wrongly merged": True, "Share merged, 95 %": True, "F1": True}
    return table(
        title,
        heads,
        rows,
        "",
        f"Model {version[1] if version else 'without a version'}, on open lists of factories, not on the records of "
        "this file; each pair by a model that had not seen its cluster. Pairs were chosen hard, so shares are no "
        "shares of all pairs.",
        rests_on="judged pairs of open lists, as the file of the model tells them",
    )


def _with_interval(hits: int, count: int) -> str:
    if not count:
        return "–"
    low, high = wilson_interval(hits, count)
    return f"{100 * hits / count:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def by_country(scope: Scope) -> Html:
    """Records that meet another source, by country."""
    told = scope.ask("joined_by_country")
    rows = [
        [
            titled(row.country_code, "country"),
            row.record_count,
            row.site_count,
            bar(row.record_joined_count, row.record_count),
        ]
        for row in each(told.head(_LISTED))
    ]
    return table(
        "Records that meet another source, by country",
        {"Country": False, "Records": True, "Sites": True, "Meet another source": True},
        rows,
        "joined_by_country",
        f"Few mean lists that do not overlap, or names that matching cannot read.{_more(told)}",
        why_empty(told),
    )


def by_sources(scope: Scope) -> Html:
    """Sites that two sources both name."""
    told = scope.ask("joined_by_sources")
    rows = [
        [
            row.source_title_a,
            row.source_title_b,
            row.shared_site_count,
            bar(row.shared_site_count, row.smaller_site_count),
        ]
        for row in each(told.head(_PAIRS_LISTED))
    ]
    return table(
        "Sites that two sources both name",
        {"One source": False, "Other source": False, "Common sites": True, "Of the smaller": True},
        rows,
        "joined_by_sources",
        f"Each site counts once.{_more(told, _PAIRS_LISTED)}",
        why_empty(told),
    )


def apart(scope: Scope) -> Html:
    """Near-twins that a rule keeps apart."""
    told = scope.ask("pairs_kept_apart")
    rows = [
        [
            str(row.veto_kind)[:1].upper() + str(row.veto_kind)[1:],
            row.link_count,
            row.near_twin_count,
            f"{100 * row.probability_high:.0f} %",
        ]
        for row in each(told)
    ]
    return table(
        "Near-twins that a rule keeps apart",
        {"Kept apart by": False, "Pairs": True, "With 95 % or more": True, "Highest": True},
        rows,
        "pairs_kept_apart",
        "The probability is that of the comparisons alone. A rule that parts many near-twins is worth a look.",
        why_empty(told),
    )


def crowded(scope: Scope) -> Html:
    """Sites with many records or names."""
    told = scope.ask("crowded_sites")
    rows = [
        [
            row.site_name,
            row.record_count,
            row.source_count,
            row.name_count,
            f"{100 * row.weakest_link_probability:.0f} %",
            "yes" if row.is_identity_open else "no",
        ]
        for row in each(told)
    ]
    return table(
        "Sites with many records or names",
        {"Site": False, "Records": True, "Sources": True, "Names": True, "Weakest link": True, "Question open": False},
        rows,
        "crowded_sites",
        "A suspicion, no finding: one place spelt in many ways, or several chained together. More than three names, or "
        "more than two records a source; the fifteen first.",
        why_empty(told),
    )


def _more(told: pd.DataFrame, listed: int = _LISTED) -> str:
    return f" The first {listed} of {number(len(told))}." if len(told) > listed else ""
