"""Why the earlier result would not do and what would have had to differ; what pairs were; the three claims."""

from typing import Any

from conjoin.briefings import figures
from conjoin.briefings.overlap import Scope
from conjoin.briefings.texts import Html, show, table
from conjoin.briefings.words import counted, difference_in_words, each, is_missing, number, reason_in_words

_VERDICTS = {"borne_out": "Borne out", "not_borne_out": "Not borne out", "refuted": "Refuted", "undecided": "Undecided"}


def reasons(scope: Scope) -> Html:
    """Each reason with its audits, and what would have had to be different."""
    told = scope.ask("reasons_of_repeats")
    rows = [
        [reason_in_words(row.reason), row.audit_count, row.lone_audit_count, difference_in_words(row)]
        for row in each(told)
    ]
    return table(
        "Why the earlier result would not do, and what would have had to be different",
        {"Reason": False, "Repeat audits": True, "By this alone": True, "Needed for one visit": False},
        rows,
        "reasons_of_repeats",
        "Repeats for another orderer that were not avoidable. An audit may have several reasons and several earlier "
        "audits, so "
        "rows do not add up; “by this alone” are audits to which some earlier one would have done but for this.",
        "No audit in this scope repeats one of another orderer that would not have done.",
    )


def classes(scope: Scope) -> Html:
    """What the later of two audits was to the earlier."""
    return show(
        figures.draw_pair_classes,
        scope.ask("classes_of_pairs"),
        "What the later of two audits was to the earlier",
        "Every pair of audits at one site has one class; an audit with several earlier ones stands in several pairs, "
        "so pairs "
        "outnumber audits.",
        "classes_of_pairs",
    )


def claims(scope: Scope) -> Html:
    """The three conclusions of Jo-In, tested on everything that the warehouse holds."""
    told = scope.ask("three_claims")
    rows = [
        [
            row.claim,
            _VERDICTS.get(row.verdict, str(row.verdict)),
            f"{_share(row, 'held')}, {row.share_of}",
            "–" if is_missing(row.compared_share) else _share(row, "compared"),
            _audits(row),
        ]
        for row in each(told)
    ]
    return table(
        "The three conclusions of Jo-In on overlap",
        {
            "Claim": False,
            "Here": False,
            "Share, with its 95 % interval": False,
            "Compared with": False,
            "Rests on": False,
        },
        rows,
        "three_claims",
        "Over everything in the file, whatever the country and period of this page. A claim is borne out only beyond "
        "the intervals.",
    )


def _audits(row: Any) -> str:
    beside = f" beside {number(row.compared_audit_count)}" if row.compared_audit_count else ""
    return f"{counted(row.audit_count, 'audit')}{beside}"


def _share(row: Any, which: str) -> str:
    value, low, high = (getattr(row, f"{which}_share{end}") for end in ("", "_low", "_high"))
    return "no such audits" if is_missing(value) else f"{100 * value:.0f} % ({100 * low:.0f} to {100 * high:.0f} %)"
