"""What a dossier lists of visits: audits, what repeated what, findings, certificates, plans, procedures, buyers."""

from collections.abc import Mapping
from typing import Any

from conjoin.briefings.sections.site.parts import Listing, day_of, part_of
from conjoin.briefings.subjects.dossier import Dossier
from conjoin.briefings.subjects.site import Rows
from conjoin.briefings.subjects.timeline import orderer_of
from conjoin.briefings.texts import Html
from conjoin.briefings.words import MISSING, counted, month, number, reason_in_words, titled

_LISTED = 60
_DOUBTFUL = 0.9
_OPENED = {
    "member_buyer": "a buyer that is a member",
    "disclosure": "the initiative's own list of sites",
    "certificate": "a certificate in force",
    "anyone": "nothing: it is open to anyone",
}
_CLOSED_LAST = {"open": 0, "in_progress": 1}


def audits(dossier: Dossier) -> Html:
    """Every visit of the site that the file holds."""
    rows = [
        [
            day_of(audit["visit_start"]),
            titled(audit["scheme"], "scheme"),
            titled(audit["audit_kind"], "audit_kind"),
            orderer_of(audit),
            audit["audit_firm"] or MISSING,
            _holds(audit),
            audit["grade_raw"] or MISSING,
            number(audit["auditor_days"]) + (" est." if audit["days_estimated"] and audit["auditor_days"] else ""),
            _remarks(audit),
        ]
        for audit in reversed(dossier.rows("audits"))
    ]
    heads = {
        "Visit": False,
        "Scheme": False,
        "Kind": False,
        "Ordered by": False,
        "Audit firm": False,
        "Holds until": False,
        "Grade": False,
        "Days": True,
        "Remarks": False,
    }
    return part_of(
        dossier,
        "audits",
        Listing(
            "Every visit on file, the newest first",
            heads,
            "the audits of this site, each once however many sources tell of it",
            "No audit of this site is known here.",
        ),
        rows,
        "Days marked est. come from effort tables. By rule: the source told no end, the scheme's rule gives it.",
    )


def repeats(dossier: Dossier) -> Html:
    """The later and the earlier of two audits, what the later was, and why the earlier would not have done."""
    pairs = dossier.rows("pairs")
    told = _telling(pairs)
    rows = [
        [
            f"{_visit(pair, 'b')}; {counted(pair['gap_days'], 'day')} after {_visit(pair, 'a')}",
            _what(pair),
        ]
        for pair in told[:_LISTED]
    ]
    more, horizon = len(pairs) - len(rows), dossier.scope.rule("horizon_months")
    rest = f" {counted(more, 'more pair')} with audits further back not listed." if more else ""
    return part_of(
        dossier,
        "pairs",
        Listing(
            "What repeated what, and why",
            dict.fromkeys(["Later and earlier audit", "What it was, why, and what would have had to differ"], False),
            f"pairs of audits of this site up to {horizon} months apart, and the rules in force",
            "No audit here follows another within the time that the rules look at.",
        ),
        rows,
        "Pairs that could have been one visit come first; of every other audit, the nearest one before it is listed."
        f"{rest}",
    )


def _telling(pairs: Rows) -> Rows:
    """All pairs that could have been one visit; of every other audit, the pair with the nearest audit before it."""
    spared = [pair for pair in pairs if pair["is_avoidable"]]
    repeated = {pair["event_id_b"] for pair in spared}
    nearest: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        best = nearest.get(pair["event_id_b"])
        if pair["event_id_b"] not in repeated and (best is None or pair["gap_days"] < best["gap_days"]):
            nearest[pair["event_id_b"]] = pair
    return [*spared, *nearest.values()]


def findings(dossier: Dossier) -> Html:
    """Findings by topic, those that are not closed first."""
    found = sorted(dossier.rows("findings"), key=lambda row: _CLOSED_LAST.get(row["finding_status"], 2))
    rows = [
        [
            titled(row["topic"], "topic"),
            titled(row["severity_band"], "severity_band"),
            titled(row["finding_status"], "finding_status"),
            row["finding_count"],
            row["audit_count"],
            day_of(row["next_due_date"]),
        ]
        for row in found
    ]
    unsettled = sum(row["finding_count"] for row in found if row["finding_status"] in _CLOSED_LAST)
    return part_of(
        dossier,
        "findings",
        Listing(
            f"{counted(unsettled, 'finding')} not closed" if unsettled else "Findings by topic",
            {
                "Topic": False,
                "Severity": False,
                "State": False,
                "Findings": True,
                "In audits": True,
                "Correction due": False,
            },
            "findings that sources delivered for audits of this site",
            "No finding was delivered for an audit of this site.",
        ),
        rows,
        "A state is as last delivered. Where nobody told it, a finding counts as neither open nor closed.",
    )


def certificates(dossier: Dossier) -> Html:
    """Certificates of the site, the last to end first."""
    rows = [
        [
            titled(row["scheme"], "scheme"),
            row["certification_body"] or MISSING,
            titled(row["certificate_status"], "certificate_status") + (", in force" if row["is_in_force"] else ""),
            day_of(row["issued_date"]),
            day_of(row["valid_to"]),
            dossier.source_title(row["source_name"]),
        ]
        for row in dossier.rows("certificates")
    ]
    heads = ["Scheme", "Body", "State", "Issued", "Ends", "Told by"]
    return part_of(
        dossier,
        "certificates",
        Listing(
            "Certificates",
            dict.fromkeys(heads, False),
            "certificates that sources delivered for this site",
            "No certificate of this site was delivered.",
        ),
        rows,
    )


def planned(dossier: Dossier) -> Html:
    """Planned visits, by month alone, and what could be done instead."""
    rows = [
        [
            month(row["visit_month"]) if row["visit_month"] else MISSING,
            titled(row["scheme"], "scheme"),
            row["commissioner"] or MISSING,
            _instead(row),
        ]
        for row in dossier.rows("planned")
    ]
    return part_of(
        dossier,
        "planned",
        Listing(
            "Planned visits",
            dict.fromkeys(["Month", "Scheme", "Planned by", "Instead"], False),
            "planned visits still to come; days of plans are not told",
            "No visit to this site is planned, or none was delivered with a month to come.",
        ),
        rows,
    )


def procedures(dossier: Dossier) -> Html:
    """Complaint procedures that are open to the site's workers; cases never."""
    rows = [
        [
            row["procedure_name"],
            row["who_may_complain"] or MISSING,
            _OPENED.get(row["opened_through"], str(row["opened_through"] or MISSING).replace("_", " ")),
            row["procedure_url"] or MISSING,
        ]
        for row in dossier.rows("procedures")
    ]
    return part_of(
        dossier,
        "procedures",
        Listing(
            "Complaint procedures open to its workers",
            dict.fromkeys(["Procedure", "Who may complain", "Open through", "Where"], False),
            "the initiatives' procedures and the buyers, lists and certificates that open them",
            "None is known here; one may be open all the same, through a buyer that nobody delivered.",
        ),
        rows,
        "Complaint cases are never told on this page.",
    )


def buyers(dossier: Dossier) -> Html:
    """Who names the site as its supplier."""
    rows = [
        [
            row["buyer_name"],
            ", ".join(dossier.source_title(name) for name in row["told_by"].split(", ")),
            day_of(row["last_as_of_date"]),
        ]
        for row in dossier.rows("buyers")[:_LISTED]
    ]
    more = len(dossier.rows("buyers")) - len(rows)
    return part_of(
        dossier,
        "buyers",
        Listing(
            "Buyers that name it",
            dict.fromkeys(["Buyer", "Told by", "Last told"], False),
            "lists of suppliers and audit logs",
            "No buyer is known here.",
        ),
        rows,
        f"{counted(more, 'more buyer', 'more buyers')} not listed." if more else "",
    )


def _holds(audit: Mapping[str, Any]) -> str:
    assumed = " (by rule)" if audit["valid_to"] and audit["is_validity_assumed"] else ""
    return f"{day_of(audit['valid_to'])}{assumed}"


def _remarks(audit: Mapping[str, Any]) -> str:
    told = []
    if audit["is_avoidable"]:
        told.append("could have been one visit less")
    if not audit["counts_as_audit"]:
        told.append("not counted as an audit")
    if audit["event_probability"] is not None and audit["event_probability"] < _DOUBTFUL:
        told.append("perhaps another site's")
    return "; ".join(told)


def _visit(pair: Mapping[str, Any], which: str) -> str:
    visit = {name: pair[f"{name}_{which}"] for name in ("visit_start", "scheme", "commissioner", "commissioner_type")}
    return f"{day_of(visit['visit_start'])} {titled(visit['scheme'], 'scheme')}, {orderer_of(visit)}"


def _what(pair: Mapping[str, Any]) -> str:
    decided = f" (decided by {pair['decided_by']})" if pair["decided_by"] else ""
    told = [_sentence(f"{pair['class_title']}{decided}")]
    if pair["is_avoidable"] and not pair["decided_by"]:
        told.append("The earlier audit still held, covered its topics, and would have been accepted.")
    if pair["why"]:
        told.append(_sentence(pair["why"]))
    if pair["different"]:
        told.append(f"It would have done {pair['different']}.")
    return " ".join(told)


def _sentence(told: str) -> str:
    return f"{told[:1].upper()}{told[1:]}."


def _instead(visit: Mapping[str, Any]) -> str:
    covering = titled(visit["covering_scheme"], "scheme")
    if visit["covering_event_id"] and not visit["first_obstacle"]:
        return f"The {covering} audit holds until {day_of(visit['covering_valid_to'])} and would do"
    if visit["covering_event_id"]:
        why = reason_in_words(visit["first_obstacle"])
        return f"The {covering} audit holds, but: {why[:1].lower()}{why[1:]}"
    others = visit["other_planner_count"]
    return f"{counted(others, 'other party plans', 'other parties plan')} a visit that month" if others else MISSING
