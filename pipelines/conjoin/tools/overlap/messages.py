"""What the two sides send each other: files of JSON, each signed, each naming its run and what it answers.

A message is read whole or not at all: its size, kind, run, agreement, sender, signature and what it follows are checked
before a word of its body is used.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from conjoin.declared import mistakes
from conjoin.errors import MessageRefused
from conjoin.keeping.folders import write_private
from conjoin.tools.overlap.agreement import Agreement, Role, canonical
from conjoin.tools.overlap.group import POINT_BYTES, first_bad_point
from conjoin.tools.overlap.signing import is_signed, sign

Kind = Literal["signature", "offer", "answer", "result", "common"]
_DOMAIN = b"conjoin overlap: message, version 1\n"
_ROOM = 10_000
"""Bytes of a message beside its points."""
_BYTES_PER_POINT = 2 * POINT_BYTES + 8
_TEXT = Annotated[str, Field(max_length=200)]


class Message(BaseModel):
    """One file from one side to the other.

    Attributes:
        conjoin_overlap: Version of the format.
        kind: Which step it is.
        run: The run id.
        agreement: Digest of the agreement.
        sender: Role of the sender.
        follows: Digest of the message that it follows; empty for a signature.
        commitment: Of a signature: what binds the signer to its list, see ``exchange.commitment``.
        list_size: Of a signature: how many keys the list has.
        points: Points in hexadecimal digits: of an offer and an answer the sender's own, sorted; of a common the
            answering side's that both have, sorted.
        doubled: Of an answer: the offered points, hidden by both; sorted in mode ``count``, else in the order offered.
        count: Of a result: how many, or nothing where there are fewer than agreed.
        signature: Of all the rest, by the sender's key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    conjoin_overlap: Literal[1] = 1
    kind: Kind
    run: _TEXT
    agreement: _TEXT
    sender: Role
    follows: _TEXT = ""
    commitment: _TEXT = ""
    list_size: Annotated[int, Field(ge=0)] = 0
    points: list[str] = []
    doubled: list[str] = []
    count: Annotated[int, Field(ge=0)] | None = None
    signature: _TEXT = ""

    @property
    def signed_text(self) -> bytes:
        """What the signature is of."""
        return _DOMAIN + canonical(self.model_dump(mode="json", exclude={"signature"}))

    @property
    def digest(self) -> str:
        """What the next message names it by."""
        return sha256(canonical(self.model_dump(mode="json"))).hexdigest()


@dataclass(frozen=True)
class Wanted:
    """What a message must be: a step of a run, from one side, after another message."""

    agreement: Agreement
    kind: Kind
    sender: Role
    follows: str = ""


def message_path(agreement_path: Path, agreement: Agreement, kind: Kind, sender: Role) -> Path:
    """Where a message lies by default: beside the agreement, with the run and the step in its name."""
    step = f"{sender}-signature" if kind == "signature" else kind
    return agreement_path.parent / f"{agreement.run}-{step}.json"


def write_message(path: Path, wanted: Wanted, key_file: Path, body: Mapping[str, object]) -> Message:
    """Sign a message and write it, whole or not at all."""
    agreement = wanted.agreement
    head = {"kind": wanted.kind, "run": agreement.run, "agreement": agreement.digest}
    plain = Message.model_validate(head | {"sender": wanted.sender, "follows": wanted.follows, **body})
    signed = plain.model_copy(update={"signature": sign(key_file, plain.signed_text)})
    write_private(path, json.dumps(signed.model_dump(mode="json"), indent=0) + "\n")
    return signed


def read_message(path: Path, wanted: Wanted) -> Message:
    """A message that is what is wanted.

    Raises:
        MessageRefused: It is not there, too large, not a message, of another run, agreement, step or sender, unsigned
            or altered, or follows another message.
    """
    found, agreement = _parsed(path, wanted), wanted.agreement
    sender = agreement.party(wanted.sender)
    if found.run != agreement.run:
        raise MessageRefused(
            f"{path.name}: this is of run {found.run!r}, not of {agreement.run!r}; ask for the right file"
        )
    if (found.kind, found.sender) != (wanted.kind, wanted.sender):
        raise MessageRefused(
            f"{path.name}: this is the {found.kind} of the {found.sender} side; what is needed now is the "
            f"{wanted.kind} of the {wanted.sender} side, {sender.name}"
        )
    if found.agreement != agreement.digest:
        raise MessageRefused(
            f"{path.name}: {sender.name} has another agreement under run {agreement.run}: one of the two was altered. "
            "Compare them word by word, and begin anew with a new run id"
        )
    if not is_signed(sender.key, found.signed_text, found.signature):
        raise MessageRefused(
            f"{path.name}: not signed by {sender.name}, or altered after it was signed; nothing was done with it. Ask "
            f"{sender.name} for the file again, by another way"
        )
    if found.follows != wanted.follows:
        raise MessageRefused(
            f"{path.name}: this {found.kind} follows another file than the one that was sent from here; ask "
            f"{sender.name} which of your files it read"
        )
    return found


def read_points(path: Path, name: str, values: list[str], most: int, is_sorted: bool = True) -> list[bytes]:
    """The points of a message, each checked.

    Args:
        path: The message, for what is told.
        name: The list's name within it.
        values: Points in hexadecimal digits.
        most: How many there may be.
        is_sorted: Whether they must be in rising order, so that their order tells nothing.

    Raises:
        MessageRefused: There are too many, one is no point of the group, one stands there twice, or they are unsorted.
    """
    if len(values) > most:
        raise MessageRefused(
            f"{path.name}: {name} has {len(values):,} keys, and the agreement allows {most:,}; refused"
        )
    try:
        points = [bytes.fromhex(value) for value in values]
    except ValueError as error:
        raise MessageRefused(f"{path.name}: {name} holds something else than hexadecimal digits; refused") from error
    bad = first_bad_point(points)
    if bad is not None:
        raise MessageRefused(
            f"{path.name}: value {bad + 1} of {name} is no point of the group ristretto255. No Conjoin writes such a "
            "value: do not go on with this run, and ask the sender"
        )
    if len(set(points)) < len(points):
        raise MessageRefused(f"{path.name}: {name} holds a value twice, which no Conjoin writes; refused")
    if is_sorted and any(left > right for left, right in pairwise(points)):
        raise MessageRefused(f"{path.name}: {name} is not sorted, so its order may tell something; refused")
    return points


def _parsed(path: Path, wanted: Wanted) -> Message:
    if not path.is_file():
        sender = wanted.agreement.party(wanted.sender).name
        raise MessageRefused(f"{path}: the {wanted.kind} of {sender} is not there; ask for it and put it there")
    most = _ROOM + 2 * wanted.agreement.most_keys * _BYTES_PER_POINT
    if path.stat().st_size > most:
        raise MessageRefused(
            f"{path.name}: {path.stat().st_size:,} bytes; a list of {wanted.agreement.largest_list:,} rows, the "
            f"largest that the agreement allows, needs at most {most:,}. It was not read"
        )
    try:
        return Message.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise MessageRefused(f"{path.name}: no overlap message: {'; '.join(mistakes(error)[:3])}") from error
    except (ValueError, RecursionError) as error:
        raise MessageRefused(
            f"{path.name}: no overlap message, or cut off on its way ({error}); ask for it again"
        ) from error
