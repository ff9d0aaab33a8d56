"""What the rules decided, in sentences: why the earlier result would not do, and what would have had to differ."""

from collections.abc import Mapping
from typing import Any

from conjoin.desk.render import said, titled

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
