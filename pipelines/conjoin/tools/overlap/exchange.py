"""The steps of a run after both have signed: offer, answer, count.

The offering side hides its keys with a secret and sends them. The answering side hides them once more, and sends them
back beside its own, hidden once. The offering side hides these in turn: what both have is now equal, and nothing else
can be told. In mode ``count`` the doubly hidden values come back sorted, so that the offering side cannot tell which of
its own they were.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from conjoin.errors import MessageRefused, RunUsedUp
from conjoin.keeping.folders import write_private
from conjoin.settings import Settings
from conjoin.tools.overlap.agreement import Agreement, read_agreement
from conjoin.tools.overlap.group import fresh_scalar, hidden, point_of
from conjoin.tools.overlap.messages import Message, Wanted, message_path, read_message, read_points, write_message
from conjoin.tools.overlap.private_run import PrivateRun
from conjoin.tools.overlap.taking_part import Side, acted_upon, committed_list, take_part


@dataclass(frozen=True)
class Counted:
    """How much two lists have in common.

    Attributes:
        count: Keys that both have; None if fewer than ``smallest``.
        smallest: Below this nothing else is told.
        result: The message to send to the other side, if there is one to send.
    """

    count: int | None
    smallest: int
    result: Path | None = None

    def __str__(self) -> str:
        """The result in words."""
        return f"fewer than {self.smallest}" if self.count is None else f"{self.count:,}"


def give_up(settings: Settings, agreement_path: Path) -> str:
    """End a run before its end, also one whose agreement has run out; its id.

    Raises:
        OverlapError: It is no agreement, or its run has not begun here or has ended.
    """
    agreement = read_agreement(agreement_path, None)
    PrivateRun(settings, agreement).end("it was given up")
    return agreement.run


def secret_of(side: Side) -> bytes:
    """The secret of this side's run, made at the first call: it stays until the run ends.

    Raises:
        RunUsedUp: It is gone, and a file hidden with it was sent: a new one would count wrong.
    """
    known = side.run.secret()
    if known:
        return known
    if side.state.sent:
        raise RunUsedUp(
            f"run {side.agreement.run}: its secret is gone, and what was hidden with it cannot be compared any more. "
            "Begin anew with a new run id"
        )
    return side.run.keep_secret(fresh_scalar())


def own_points(side: Side, keys: Sequence[str]) -> dict[bytes, str]:
    """The hidden point of each of a side's keys."""
    run, recipe = side.agreement.run, side.agreement.recipe
    return dict(zip(hidden(secret_of(side), (point_of(run, recipe, key) for key in keys)), keys, strict=True))


def offer(settings: Settings, agreement_path: Path, today: date) -> Path:
    """Hide this side's keys and write the offer; called again, it writes the same.

    Raises:
        OverlapError: The run cannot go on here; see ``take_part`` and ``committed_list``.
    """
    side = take_part(settings, agreement_path, "offering", today)
    points = sorted(own_points(side, committed_list(settings, side).keys))
    return send(side, Wanted(side.agreement, "offer", side.role, side.theirs.digest), {"points": in_digits(points)})


def answer(settings: Settings, agreement_path: Path, offer_path: Path, today: date) -> Path:
    """Answer an offer, the first that is acted upon and no other; called again for the same offer, it writes the same.

    Raises:
        MessageRefused: The offer is not what the run needs.
        OverlapError: The run cannot go on here; see ``take_part`` and ``committed_list``.
    """
    side = take_part(settings, agreement_path, "answering", today)
    agreement = side.agreement
    offered = read_message(offer_path, Wanted(agreement, "offer", "offering", side.mine.digest))
    theirs = read_points(offer_path, "the offer", offered.points, agreement.most_keys)
    _refuse_other_size(offer_path, agreement, len(theirs), side.theirs.list_size)
    side = acted_upon(side, offer_path, offered)
    copy = side.run.answer_file
    if not copy.exists():
        mine = own_points(side, committed_list(settings, side).keys)
        doubled = hidden(secret_of(side), theirs)
        body = {"points": in_digits(sorted(mine)), "doubled": in_digits(shuffled(agreement, doubled))}
        write_private(copy, json.dumps(body))
    path = send(side, Wanted(agreement, "answer", side.role, offered.digest), json.loads(copy.read_text("utf-8")))
    if agreement.mode == "count":
        side.run.forget()  # the answer was all that this side's secret was for
    return path


def count(settings: Settings, agreement_path: Path, received: Path, today: date) -> Counted:
    """How many both have: for the offering side out of the answer, for the answering side as the result says.

    The run ends with it on this side, and its secret is destroyed.

    Raises:
        MessageRefused: The file is not what the run needs.
        OverlapError: The run cannot go on here; see ``take_part``.
    """
    side = take_part(settings, agreement_path, None, today)
    agreement = side.agreement
    refuse_mode(received, agreement, "count")
    if side.role == "answering":
        sent = side.state.sent.get("answer", "")
        told = read_message(received, Wanted(agreement, "result", "offering", sent))
        found = Counted(told.count, agreement.smallest_result)
    else:
        found = _counted(settings, side, received)
    side.run.end(f"the count was {found}")
    return found


def _counted(settings: Settings, side: Side, received: Path) -> Counted:
    agreement = side.agreement
    mine = own_points(side, committed_list(settings, side).keys)
    answered, doubled, theirs = read_answer(side, received, len(mine))
    both = set(doubled) & set(hidden(secret_of(side), theirs))
    told = len(both) if len(both) >= agreement.smallest_result else None
    path = send(side, Wanted(agreement, "result", side.role, answered.digest), {"count": told})
    return Counted(told, agreement.smallest_result, path)


def read_answer(side: Side, path: Path, own_count: int) -> tuple[Message, list[bytes], list[bytes]]:
    """An answer to this side's offer: the message, the offered points hidden twice, and the other side's hidden once.

    Raises:
        MessageRefused: It is not what the run needs.
    """
    agreement = side.agreement
    answered = read_message(path, Wanted(agreement, "answer", "answering", side.state.sent.get("offer", "")))
    doubled = read_points(path, "what was offered", answered.doubled, own_count, agreement.mode == "count")
    if len(doubled) != own_count:
        raise MessageRefused(f"{path.name}: {own_count:,} keys were offered and {len(doubled):,} came back; refused")
    theirs = read_points(path, "the other list", answered.points, agreement.most_keys)
    _refuse_other_size(path, agreement, len(theirs), side.theirs.list_size)
    return answered, doubled, theirs


def shuffled(agreement: Agreement, doubled: list[bytes]) -> list[bytes]:
    """Doubly hidden values as the mode wants them: sorted, which is a random order, or in the order offered."""
    return sorted(doubled) if agreement.mode == "count" else doubled


def in_digits(points: Sequence[bytes]) -> list[str]:
    """Points as messages hold them."""
    return [point.hex() for point in points]


def refuse_mode(path: Path, agreement: Agreement, mode: str) -> None:
    """Refuse a step of one mode under an agreement of the other.

    Raises:
        MessageRefused: The agreement is of the other mode.
    """
    if agreement.mode != mode:
        step = {"count": "`conjoin overlap count`", "candidates": "`conjoin overlap open`"}
        raise MessageRefused(
            f"{path.name}: the agreement of run {agreement.run} is of mode {agreement.mode!r}; that goes on with "
            f"{step[agreement.mode]}. For {step[mode]} both sign another agreement"
        )


def send(side: Side, wanted: Wanted, body: Mapping[str, object]) -> Path:
    """Write a message beside the agreement and note that it left; the path."""
    path = message_path(side.path, side.agreement, wanted.kind, side.role)
    sent = write_message(path, wanted, side.key_file, body)
    side.run.keep(replace(side.state, sent={**side.state.sent, wanted.kind: sent.digest}))
    return path


def _refuse_other_size(path: Path, agreement: Agreement, found: int, signed: int) -> None:
    if found != signed:
        raise MessageRefused(
            f"{path.name}: {found:,} keys, but its sender signed a list of {signed:,} for run {agreement.run}; refused"
        )
