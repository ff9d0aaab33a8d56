"""One side of a run: its role, its list, its commitment to that list, and the signatures of both.

A side signs the agreement and its commitment in one message, before anything of the other's list is seen. Every later
step reads the list anew and refuses to go on if it is not the one that was committed to.
"""

import secrets
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from conjoin.errors import AgreementRefused, MessageRefused, OverlapError
from conjoin.settings import Settings
from conjoin.tools.overlap.agreement import Agreement, Role, other, read_agreement
from conjoin.tools.overlap.messages import Message, Wanted, message_path, read_message, write_message
from conjoin.tools.overlap.private_run import PrivateRun, State
from conjoin.tools.overlap.signing import public_key_of
from conjoin.tools.overlap.sites import read_sites

_NONCE_BYTES = 32
_DOMAIN = b"conjoin overlap: commitment, version 1\n"


@dataclass(frozen=True)
class OwnList:
    """A party's list as keys.

    Attributes:
        rows_of: Key to the record_ids of the rows that make it.
        row_count: Rows of the list.
        mute_count: Rows that say too little to make a key: they cannot be found in common.
        notices: What a person should know about the input.
    """

    rows_of: dict[str, list[str]]
    row_count: int
    mute_count: int
    notices: list[str]

    @property
    def keys(self) -> list[str]:
        """The keys, each once, sorted."""
        return sorted(self.rows_of)


@dataclass(frozen=True)
class Side:
    """One side in the middle of a run.

    Attributes:
        agreement: What both signed.
        path: Its file; messages lie beside it.
        run: The private folder.
        state: How far this side is.
        mine: This side's signature message.
        theirs: The other side's.
    """

    agreement: Agreement
    path: Path
    run: PrivateRun
    state: State
    mine: Message
    theirs: Message

    @property
    def role(self) -> Role:
        """This side's role."""
        return self.state.role

    @property
    def key_file(self) -> Path:
        """This side's private key."""
        return Path(self.state.key_file)


def commitment(agreement: Agreement, role: Role, nonce: bytes, keys: list[str]) -> str:
    """A digest that binds a side to its sorted keys and, for the nonce in it, tells nothing of them."""
    digest = sha256(_DOMAIN + nonce)
    for part in (agreement.digest, role, *keys):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()


def sign_agreement(
    settings: Settings, agreement_path: Path, files: list[Path], key_file: Path, today: date
) -> tuple[Path, OwnList]:
    """Sign an agreement and commit to a list; signing again with the same list writes the same file again.

    Args:
        settings: Where the private folder of the run is made.
        agreement_path: The agreement.
        files: The list, as for ``conjoin link``.
        key_file: The private key of one of the two parties.
        today: The day, UTC.

    Returns:
        The message to send to the other side, and the list that it binds this side to.

    Raises:
        AgreementRefused: The agreement cannot be used, or the key is neither party's.
        RunUsedUp: The run id was used before.
        OverlapError: The list is too large, makes no key, or is another than the one that was signed with.
        SourceError: As ``conjoin.tools.link_files.load_files``.
    """
    agreement = read_agreement(agreement_path, today)
    role = agreement.role_of(public_key_of(key_file))
    run = PrivateRun(settings, agreement)
    known = run.going_on() if run.found() else None
    own = read_own_list(settings, agreement, files)
    nonce = bytes.fromhex(known.nonce) if known else secrets.token_bytes(_NONCE_BYTES)
    bound = commitment(agreement, role, nonce, own.keys)
    if known and (known.commitment, known.role) != (bound, role):
        raise OverlapError(
            f"run {agreement.run} was signed here with another list or key; a commitment cannot be changed. Sign with "
            "the list as it was, or make a new agreement with a new run id"
        )
    if not known:
        paths = [str(file.resolve()) for file in files]
        run.begin(State(agreement.digest, role, paths, str(key_file.resolve()), nonce.hex(), bound))
    path = message_path(agreement_path, agreement, "signature", role)
    body = {"commitment": bound, "list_size": len(own.keys)}
    write_message(path, Wanted(agreement, "signature", role), key_file, body)
    return path, own


def take_part(settings: Settings, agreement_path: Path, role: Role | None, today: date) -> Side:
    """This side of a run that both have signed and that has not ended.

    Args:
        settings: Where the private folder of the run is.
        agreement_path: The agreement; both signatures lie beside it.
        role: The role whose turn it is; None if either may do this.
        today: The day, UTC.

    Raises:
        AgreementRefused: The agreement cannot be used, or it is the other side's turn.
        RunUsedUp: The run has not begun here, or has ended.
        MessageRefused: A signature is missing, does not hold, or is another than the one that was seen first.
    """
    agreement = read_agreement(agreement_path, today)
    run = PrivateRun(settings, agreement)
    state = run.going_on()
    if role and state.role != role:
        raise AgreementRefused(
            f"run {agreement.run}: this is for {agreement.party(role).name}, the {role} side; you are "
            f"{agreement.party(state.role).name}, the {state.role} side"
        )
    paths = [message_path(agreement_path, agreement, "signature", side) for side in (state.role, other(state.role))]
    mine = read_message(paths[0], Wanted(agreement, "signature", state.role))
    theirs = read_message(paths[1], Wanted(agreement, "signature", other(state.role)))
    if mine.commitment != state.commitment:
        raise AgreementRefused(
            f"run {agreement.run}: the signature beside the agreement is not the one made here; sign again"
        )
    return acted_upon(Side(agreement, agreement_path, run, state, mine, theirs), paths[1], theirs)


def acted_upon(side: Side, path: Path, received: Message) -> Side:
    """Note, before anything is done with it, that this is the one message of its kind that this side acts upon.

    Raises:
        MessageRefused: Another one of its kind was acted upon before.
    """
    known = side.state.received.get(received.kind)
    if known == received.digest:
        return side
    if known:
        raise MessageRefused(
            f"{path.name}: another {received.kind} was acted upon in this run, and a run takes one only. To compare "
            "again, make a new agreement with a new run id"
        )
    state = replace(side.state, received={**side.state.received, received.kind: received.digest})
    return replace(side, state=side.run.keep(state))


def read_own_list(settings: Settings, agreement: Agreement, files: list[Path]) -> OwnList:
    """A party's list as the agreement's recipe reads it.

    Raises:
        OverlapError: It is larger than agreed, or no row makes a key.
    """
    sites, notices = read_sites(settings, files)
    if len(sites) > agreement.largest_list:
        raise OverlapError(
            f"your list has {len(sites):,} rows, and the agreement allows {agreement.largest_list:,}; agree on a "
            "larger number in a new agreement, or give a part of the list"
        )
    rows_of: dict[str, list[str]] = defaultdict(list)
    mute_count = 0
    for site in sites:
        keys = agreement.made_by.keys_of(site)
        mute_count += not keys
        for key in keys:
            rows_of[key].append(site.record_id)
    if not rows_of:
        raise OverlapError(
            f"{', '.join(file.name for file in files)}: no row says a country and a name; nothing to compare"
        )
    return OwnList(dict(rows_of), len(sites), mute_count, notices)


def committed_list(settings: Settings, side: Side) -> OwnList:
    """The list of this side, if it still is the one that it committed to.

    Raises:
        OverlapError: It has changed since it was signed.
        SourceError: It cannot be read any more.
    """
    own = read_own_list(settings, side.agreement, [Path(file) for file in side.state.files])
    if commitment(side.agreement, side.role, bytes.fromhex(side.state.nonce), own.keys) != side.state.commitment:
        raise OverlapError(
            f"{', '.join(side.state.files)}: changed since the agreement was signed, and what was signed cannot be "
            "changed. Put the file back as it was, or make a new agreement with a new run id"
        )
    return own
