"""Values and decisions in words: counts, days and codes as people read them, and why an earlier result would not do."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from conjoin.plain import visible
from conjoin.schemas.vocabularies import vocabularies

MISSING = "–"


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def said(value: object) -> str:
    """A value as people read it: counts with separators, days as days, what is missing as a dash."""
    if _is_missing(value):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if isinstance(value, float | np.floating):
        value = float(value)
        return f"{value:,.0f}" if value.is_integer() or abs(value) >= 100 else f"{value:,.2f}".rstrip("0")
    if isinstance(value, datetime | pd.Timestamp):
        moment = pd.Timestamp(value)
        return f"{moment:%Y-%m-%d}" if moment == moment.normalize() else f"{moment:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(said(one) for one in value) or MISSING
    return visible(str(value)) or MISSING


def share(value: object) -> str:
    """A share as whole percent."""
    return MISSING if _is_missing(value) else f"{float(str(value)):.0%}"


@cache
def _titles(name: str) -> Mapping[str, str]:
    return vocabularies()[name].titles


def titled(code: object, name: str) -> str:
    """The title of a code of a vocabulary; what is no code as it stands."""
    return MISSING if _is_missing(code) else _titles(name).get(str(code), said(code))


#: How each reason reads, with what would have had to be different (columns of ``marts.audit_pairs``).
_REASONS: dict[str, str] = {
    "site_changed": "the site had changed since",
    "outdated": "the earlier result was no longer valid or too old for the buyer's policy",
    "grade_too_low": "its grade was too low",
    "scope_missing": "it did not cover the same topics",
    "announced": "it was announced, and the buyer asks for less notice",
    "unaccredited": "its scheme or audit body is none that the buyer accepts",
    "orderer_unknown": "it is not known who ordered one of the two",
}
#: What stands against the body of the earlier audit.
_BODIES = {
    "accredited_body": "by a body that the register names as accredited on that day",
    "apsca_member": "by a member firm of APSCA",
    "scheme_in_policy": "under a scheme that the buyer's policy names",
    "not_the_facility_itself": "by somebody other than the facility itself",
}


def reason_title(reason: str) -> str:
    """A reason as the beginning of a sentence."""
    told = _REASONS.get(reason, reason.replace("_", " "))
    return told[:1].upper() + told[1:]


def reason_in_words(pair: Mapping[str, Any]) -> str:
    """Why the earlier of two audits would not have done for the later one's orderer; "" where no reason is told."""
    parts = [_REASONS.get(reason, reason.replace("_", " ")) for reason in pair["reasons"] or []]
    return "; ".join(parts)


def different_in_words(pair: Mapping[str, Any]) -> str:
    """What would have had to be different for the later audit to be spared; "" where nothing is known of it."""
    parts = []
    if pair["days_missing"]:
        parts.append(f"valid {said(pair['days_missing'])} days longer")
    if pair["topics_missing"]:
        parts.append(
            f"covering {', '.join(titled(topic, 'topic').lower() for topic in pair['topics_missing'])} as well"
        )
    if pair["grade_needed"]:
        is_passing = pair["grade_needed"] == "passing"
        parts.append("a grade that passes" if is_passing else f"a grade of {said(pair['grade_needed'])} or better")
    if pair["notice_needed"]:
        parts.append(f"{titled(pair['notice_needed'], 'notice').lower()}")
    if pair["body_needed"]:
        parts.append(_BODIES.get(pair["body_needed"], said(pair["body_needed"])))
    if pair["workers_beyond"]:
        parts.append(f"a workforce nearer by {said(pair['workers_beyond'])}")
    return ", ".join(parts)
