"""The first screen of a dossier: where the site is, what could have been one visit, its audits in time, what next."""

from typing import Any

from conjoin import __version__
from conjoin.briefings.subjects.dossier import Dossier
from conjoin.briefings.subjects.timeline import orderer_of, recent, timeline_finding, timeline_picture
from conjoin.briefings.texts import Html, beside, nothing, safe, tiles, to_do
from conjoin.briefings.words import MISSING, counted, month, number, reason_in_words, share, span, titled

_ROWS_DRAWN = 14
_MOST_STEPS = 5


def first_screen(dossier: Dossier) -> Html:
    """Name and place, the answer in a sentence, four figures, the timeline and the next steps."""
    parts = [f"<h1>{safe(dossier.name)}</h1>", _place(dossier), *_warnings(dossier), _answer(dossier)]
    if dossier.audits:
        parts.append(_tiles(dossier))
    parts.append(beside(_timeline(dossier), _next(dossier)))
    return Html(f'<section class="first">{"".join(parts)}</section>')


def _place(dossier: Dossier) -> str:
    row = dossier.row
    least, most = row["worker_count_min"], row["worker_count_max"]
    told = [
        row["site_name_native"],
        ", ".join(str(part) for part in (row["site_address"], row["city_name"]) if part),
        titled(row["country_code"], "country"),
        f"{span(least, most)} workers" if least is not None else "",
        "closed" if row["is_closed"] else "",
        f"Site id {row['site_id']}",
    ]
    where = "; ".join(safe(part) for part in told if part)
    return f'<p class="scope">{where}. As of {dossier.scope.day}, made with conjoin {__version__}.</p>'


def _warnings(dossier: Dossier) -> list[str]:
    told = []
    if dossier.found.is_successor and dossier.found.history:
        told.append(f"<b>You asked for another id:</b> {safe(dossier.found.history.verdict)}")
    questions = dossier.rows("questions")
    if questions or dossier.row["is_identity_open"]:
        about = f": {counted(len(questions), 'question')} on which records are this site" if questions else ""
        told.append(f"<b>Its identity hangs on an open question</b>{about}. The figures below may change.")
    if dossier.whose.is_pack:
        told.append(
            f"<b>This is from a pack:</b> {safe(dossier.whose.told)} Audits and names of others may be missing, and "
            "days of others are the first of their quarter, so single counts may be lower or higher "
            "than those of the whole."
        )
    return [f'<div class="box warning"><p>{sentence}</p></div>' for sentence in told]


def _answer(dossier: Dossier) -> str:
    audits, avoidable = len(dossier.audits), len(dossier.avoidable)
    if not audits:
        told = "No audit of this site is known here: nobody delivered one, or none may be shown"
    elif avoidable:
        told = (
            f"{number(avoidable)} of {counted(audits, 'audit')} here ({share(avoidable, audits)}) could have been one "
            "visit less: an earlier audit still held and would have done"
        )
    else:
        one = "The one audit here is not known to repeat" if audits == 1 else f"None of {audits} audits here repeats"
        told = f"{one} one that would have done"
    return f'<p class="answer">{told}</p>'


def _tiles(dossier: Dossier) -> str:
    """Four figures, each with what it is and what it rests on."""
    spared, records = dossier.avoidable, dossier.rows("records")
    low, central, high = (
        sum(audit[name] or 0 for audit in spared) for name in ("auditor_days_low", "auditor_days", "auditor_days_high")
    )
    estimated = sum(bool(audit["days_estimated"]) for audit in spared)
    now = sum(bool(audit["avoidable_now"]) for audit in spared)
    middle = f", {number(central)} by the central estimate" if low != high else ""
    days = f"auditor days in them{middle}; those of {estimated} of {counted(len(spared), 'audit')} are estimated"
    sources = len({record["source_name"] for record in records})
    told = [
        (
            number(len(spared)),
            f"avoidable {'audit' if len(spared) == 1 else 'audits'}, of {counted(len(dossier.audits), 'audit')}; "
            f"{number(now)} could have been spared at once: the earlier report may be shared",
        ),
        (span(low, high) if spared else "0", days if spared else "auditor days in them"),
        (number(len(dossier.holding)), _holding(dossier)),
        (
            number(sources),
            f"{'source names' if sources == 1 else 'sources name'} this site, in {counted(len(records), 'record')}; "
            f"its weakest link is {_sure(dossier.row['weakest_link_probability'])}",
        ),
    ]
    return tiles([(value, safe(text)) for value, text in told])


def _holding(dossier: Dossier) -> str:
    held = dossier.holding
    until = f", {'the longest ' if len(held) > 1 else ''}until {held[0]['valid_to']}" if held else ""
    return f"{'audit holds' if len(held) == 1 else 'audits hold'} on {dossier.scope.day}{until}"


def _sure(probability: Any) -> str:
    return "its only record" if probability is None else f"{100 * probability:.0f} % sure"


def _timeline(dossier: Dossier) -> str:
    drawn = recent(dossier.rows("audits"))[-_ROWS_DRAWN:]
    if not drawn:
        return nothing("Audits in time", "No audit with a day of visit is known here.")
    more = len(dossier.rows("audits")) - len(drawn)
    rest = f" {counted(more, 'other visit stands', 'other visits stand')} in the table below alone." if more else ""
    return (
        f'<figure class="timeline"><h3>Audits in time</h3><div class="picture" tabindex="0">{timeline_picture(drawn)}'
        f"</div><figcaption><b>{safe(timeline_finding(drawn))}.</b> A mark is the day of the visit, a bar how long its "
        f"result holds; amber audits could have been spared.{rest} "
        '<span class="source">Rests on the audits of this site, as listed below.</span></figcaption></figure>'
    )


def _next(dossier: Dossier) -> str:
    steps = [
        *_covered(dossier),
        *_joint(dossier),
        *_blocked(dossier),
        *_held(dossier),
        *_findings(dossier),
        *_certificates(dossier),
        *_questions(dossier),
    ][:_MOST_STEPS]
    steps = steps or ["Nothing here asks for a step: no visit is planned, no finding is open, and no result holds"]
    return to_do(steps)


def _covered(dossier: Dossier) -> list[str]:
    return [
        f"Use the report that is there: the visit planned for {_in(visit['visit_month'])} "
        f"({titled(visit['scheme'], 'scheme')}) falls into the validity of an audit that would do "
        f"({titled(visit['covering_scheme'], 'scheme')}, until {visit['covering_valid_to']})"
        for visit in dossier.rows("planned")
        if visit["covering_event_id"] and not visit["first_obstacle"]
    ][:2]


def _joint(dossier: Dossier) -> list[str]:
    months = [visit["visit_month"] for visit in dossier.rows("planned") if visit["other_planner_count"]]
    return [f"Visit together: more than one party plans a visit in {_in(min(months))}"] if months else []


def _blocked(dossier: Dossier) -> list[str]:
    found = [visit for visit in dossier.rows("planned") if visit["covering_event_id"] and visit["first_obstacle"]]
    return [
        f"Settle before {_in(visit['visit_month'])}: an audit holds that would not do, because "
        f"{_lower(reason_in_words(visit['first_obstacle']))}"
        for visit in found[:1]
    ]


def _held(dossier: Dossier) -> list[str]:
    if not dossier.holding:
        return []
    last = dossier.holding[0]
    orderer = orderer_of(last)
    whose = f", ordered by {orderer}" if orderer != MISSING else ""
    return [
        f"Ask for the report before ordering another audit: that of {last['visit_start']} "
        f"({titled(last['scheme'], 'scheme')}{whose}) holds until {last['valid_to']}"
    ]


def _findings(dossier: Dossier) -> list[str]:
    unsettled = [row for row in dossier.rows("findings") if row["finding_status"] in ("open", "in_progress")]
    count = sum(row["finding_count"] for row in unsettled)
    due = min((row["next_due_date"] for row in unsettled if row["next_due_date"]), default=None)
    late = "was" if due and due < dossier.scope.day else "is"
    first = f"; the first correction {late} due on {due}" if due else ""
    return (
        [f"Follow up {counted(count, 'finding')} that {'is' if count == 1 else 'are'} not closed{first}"]
        if count
        else []
    )


def _certificates(dossier: Dossier) -> list[str]:
    within = dossier.scope.rule("expiry_days")
    return [
        f"Plan the renewal: the {titled(row['scheme'], 'scheme')} certificate ends on {row['valid_to']}"
        for row in reversed(dossier.rows("certificates"))
        if row["is_in_force"] and row["days_left"] is not None and row["days_left"] <= within
    ][:1]


def _questions(dossier: Dossier) -> list[str]:
    count = len(dossier.rows("questions"))
    return [f"Judge {counted(count, 'open question')} on which records are this site"] if count else []


def _in(day: Any) -> str:
    return month(day) if day else "a month that nobody told"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
