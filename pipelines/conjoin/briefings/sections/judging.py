"""What people judged of identities, what waits for them, and what became of ids."""

from conjoin.briefings.overlap import Scope
from conjoin.briefings.texts import Html, nothing, table, why_empty
from conjoin.briefings.words import counted, each, number, share, titled

_NOT_IN_A_PACK = "This is a pack: judgements and the journal of ids stay in the coordinator's own file."
_EVENTS = {
    "minted": "Made",
    "merged": "Merged into another",
    "split": "Split",
    "withdrawn": "Retired, all records withdrawn",
    "revived": "In use again",
}


def questions(scope: Scope) -> Html:
    """The questions whose answers may move most."""
    told = scope.ask("questions_by_effect")
    rows = [
        [
            f"{row.site_name_left} ({row.source_title_left})",
            f"{row.site_name_right} ({row.source_title_right})",
            f"{100 * row.match_probability:.0f} %",
            titled(row.question, "review_question"),
            row.reason,
            row.if_same,
        ]
        for row in each(told)
    ]
    waiting = number(told["question_count"].iloc[0]) if len(told) else "0"
    return table(
        "Open questions by effect",
        {
            "One record": False,
            "Other record": False,
            "Probability": True,
            "Question": False,
            "For and against": False,
            "If they are one site": False,
        },
        rows,
        "questions_by_effect",
        f"The first {counted(len(told), 'question')} of {waiting}, in the order in which the desk asks them.",
        why_empty(told),
    )


def judgements(scope: Scope) -> Html:
    """Judgements on file, by role; no person is named."""
    title = "Judgements given, by role"
    if scope.is_pack:
        return nothing(title, _NOT_IN_A_PACK)
    told, compared = scope.ask("judgements_by_role"), scope.ask("judgements_compared").iloc[0]
    rows = [
        [
            row.reviewer_role,
            row.judgement_count,
            row.reviewer_count,
            row.same_count,
            row.different_count,
            row.unsure_count,
            f"{row.first_day:%Y-%m-%d} to {row.last_day:%Y-%m-%d}",
        ]
        for row in each(told)
    ]
    twice, agreed = compared["read_twice_count"], compared["agreed_count"]
    agreement = f"; they agreed on {number(agreed)} ({share(agreed, twice)})" if twice else ""
    age = ""
    if len(told):
        days = (scope.day - told["last_day"].max().date()).days
        age = f" The newest is {counted(max(days, 0), 'day')} old."
    return table(
        title,
        {
            "Role": False,
            "Judgements": True,
            "Reviewers": True,
            "Same": True,
            "Different or moved": True,
            "Unsure": True,
            "From and to": False,
        },
        rows,
        "judgements_by_role",
        f"Of {counted(compared['judged_pair_count'], 'pair')} judged same or different, {number(twice)} were judged by "
        f"two readers{agreement}; {number(compared['overturned_count'])} were overturned.{age} Of the whole file, "
        "whatever the country. Whether a reader judged blind is not on file, so agreement is that of the first word "
        "of each.",
        "No judgement is on file: no person has said a word on any pair.",
    )


def ids(scope: Scope) -> Html:
    """Ids made, merged, split, retired."""
    title = "Ids of sites, and what became of them"
    if scope.is_pack:
        return nothing(title, _NOT_IN_A_PACK)
    told = scope.ask("ids_changed")
    rows = [
        [_EVENTS.get(row.id_event, row.id_event), row.id_count, row.recent_id_count, f"{row.last_day:%Y-%m-%d}"]
        for row in each(told)
    ]
    return table(
        title,
        {"Change": False, "Ids": True, "Lately": True, "Last": False},
        rows,
        "ids_changed",
        "Lately: within the 90 days before the journal's last entry. Of the whole file, whatever the country.",
        why_empty(told),
    )
