"""Two audits in words: why the earlier one would not have done, and what would have had to be different.

A pair is a row of ``marts.audit_pairs``.
"""

from collections.abc import Mapping
from typing import Any

from conjoin.briefings.words import counted, number, reason_in_words, titled
from conjoin.plain import visible

#: What stands against the body of the earlier audit.
_BODIES = {
    "accredited_body": "by a body that the register names as accredited on that day",
    "apsca_member": "by a member firm of APSCA",
    "scheme_in_policy": "under a scheme that the buyer's policy names",
    "not_the_facility_itself": "by somebody other than the facility itself",
}


def reasons_told(pair: Mapping[str, Any]) -> str:
    """Why the earlier of two audits would not have done for the later one's orderer; "" where no reason is told."""
    parts = [_lower(reason_in_words(reason)) for reason in pair["reasons"] or []]
    return "; ".join(parts)


def difference_told(pair: Mapping[str, Any]) -> str:
    """What would have had to be different for the later audit to be spared; "" where nothing is known of it."""
    parts = []
    if pair["days_missing"]:
        parts.append(f"valid {counted(pair['days_missing'], 'day')} longer")
    if pair["topics_missing"]:
        parts.append(
            f"covering {', '.join(titled(topic, 'topic').lower() for topic in pair['topics_missing'])} as well"
        )
    if pair["grade_needed"]:
        is_passing = pair["grade_needed"] == "passing"
        parts.append("a grade that passes" if is_passing else f"a grade of {visible(pair['grade_needed'])} or better")
    if pair["notice_needed"]:
        parts.append(f"{titled(pair['notice_needed'], 'notice').lower()}")
    if pair["body_needed"]:
        parts.append(_BODIES.get(pair["body_needed"], visible(pair["body_needed"])))
    if pair["workers_beyond"]:
        parts.append(f"a workforce nearer by {number(pair['workers_beyond'])}")
    return ", ".join(parts)


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
