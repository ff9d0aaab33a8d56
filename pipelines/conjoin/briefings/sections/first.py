"""The first screen: what could have been one visit, whether it gets better, and what to do next."""

import html
from typing import Any

import pandas as pd

from conjoin import __version__
from conjoin.briefings import figures
from conjoin.briefings.overlap import Scope
from conjoin.briefings.sections.next_steps import next_steps
from conjoin.briefings.texts import Html, beside, show, tiles
from conjoin.briefings.words import counted, money, number, rounded, share, span

_NO_AUDITS = "No audits are known in this scope: nobody delivered any, or none may be shown."
_PACK = """<div class="box warning"><p><b>This is a pack:</b> it was built from what one reader may see. Whether
an audit of another member repeats one is withheld, so single counts may be lower or higher than
those of the whole pooling. Totals over everything, as released, stand <a href="#whole">below</a>.</p></div>"""


def first_screen(scope: Scope) -> Html:
    """The answer in a sentence, four figures, the trend, and the next steps."""
    headline = scope.ask("headline").iloc[0]
    made = f"As of {scope.day}, made with conjoin {__version__}."
    parts = [f'<p class="scope">{html.escape(scope.title)}. {made}</p>', _PACK if scope.is_pack else ""]
    if headline["audit_count"]:
        parts += [_answer(headline), headline_tiles(headline, scope.ask("money_of_avoidable").iloc[0])]
    else:
        parts.append(f'<p class="answer">{_NO_AUDITS}</p>')
    parts.append(beside(trend(scope), next_steps(scope)))
    return Html(f'<section class="first">{"".join(parts)}</section>')


def _answer(headline: "pd.Series[Any]") -> str:
    audits, avoidable = headline["audit_count"], headline["avoidable_count"]
    if not avoidable:
        return (
            f'<p class="answer">None of {counted(audits, "audit")} at {counted(headline["site_count"], "site")} is '
            "known to "
            "repeat one that would have done</p>"
        )
    return (
        f'<p class="answer">{number(avoidable)} of {counted(audits, "audit")} ({share(avoidable, audits)}) could '
        "have been "
        "one visit less: an earlier audit still held and would have done</p>"
    )


def headline_tiles(headline: "pd.Series[Any]", cost: "pd.Series[Any]") -> str:
    """Four figures, each with what it is and what it rests on."""
    avoidable = headline["avoidable_count"]
    told = [
        (
            number(avoidable),
            f"avoidable {'audit' if avoidable == 1 else 'audits'}, of {counted(headline['audit_count'], 'audit')} at "
            f"{counted(headline['site_count'], 'site')}",
        ),
        (
            span(headline["days_low"], headline["days_high"]) if avoidable else "0",
            f"auditor days in them, {number(headline['days_central'])} by the central estimate"
            if avoidable
            else "auditor days",
        ),
        money_tile(cost),
        (number(headline["avoidable_now_count"]), "could be spared at once: the earlier report may be shared"),
    ]
    return tiles(told)


def money_tile(cost: "pd.Series[Any]") -> tuple[str, str]:
    """What the days cost and what that rests on; said to be unknown where no price is."""
    without = cost["audits_without_price_count"]
    if not cost["avoidable_audit_count"]:
        return "USD 0", "to be freed"
    if without == cost["avoidable_audit_count"]:
        return "Not known", "what the days cost: no price a day is on file for these schemes"
    told = f"what the days cost, about {number(rounded(cost['cost_central_usd']))} centrally; most prices are weak"
    if without:
        told += f"; {counted(without, 'audit')} without a price not in it"
    return money(cost["cost_low_usd"], cost["cost_high_usd"]), told


def trend(scope: Scope) -> str:
    """Audits per year, with the avoidable ones."""
    return show(
        figures.draw_avoidable,
        scope.ask("avoidable_by_year"),
        "Audits per year",
        "Each audit counts once. The last year may not be over, and late deliveries still come.",
        "avoidable_by_year",
        "No audit with a day of visit is known in this scope.",
    )
