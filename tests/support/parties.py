"""Two parties of an overlap run in one process: two folders, two keys, and files that are carried between them."""

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from conjoin.settings import Settings
from conjoin.tools.overlap.agreement import Agreement, Role, read_agreement, write_agreement
from conjoin.tools.overlap.exchange import Counted, answer, count, offer
from conjoin.tools.overlap.messages import Message
from conjoin.tools.overlap.opening import Opened, open_candidates
from conjoin.tools.overlap.signing import make_identity, public_key_in, sign
from conjoin.tools.overlap.sites import Site
from conjoin.tools.overlap.taking_part import sign_agreement

TODAY = date(2026, 3, 2)
RUN = "spring-2026"


def site(
    record_id: str, name: str, address: str = "harbour", country: str = "TR", numbers: tuple[int, ...] = ()
) -> Site:
    """A site as the recipes see it, without reading a file."""
    words = tuple(sorted(set(name.split())))
    told = sum(int.from_bytes(word.encode()[:6], "big") for word in words)
    return Site(
        record_id, country, bool(words), words, told, "".join(name.split()), tuple(address.split()), numbers, ()
    )


@dataclass
class Party:
    """One side: its folder, where agreement and messages lie, and its private data folder."""

    folder: Path
    role: Role

    @property
    def settings(self) -> Settings:
        return Settings(data=self.folder / "data")

    @property
    def agreement(self) -> Path:
        return self.folder / "agreement.toml"

    @property
    def key(self) -> Path:
        return self.folder / "ours.key"

    @property
    def list(self) -> Path:
        return self.folder / "list.csv"

    @property
    def private(self) -> Path:
        return self.settings.data / "overlap" / RUN

    def message(self, step: str) -> Path:
        return self.folder / f"{RUN}-{step}.json"

    def sign(self, today: date = TODAY) -> Path:
        return sign_agreement(self.settings, self.agreement, [self.list], self.key, today)[0]

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.private / "state.json").read_text(encoding="utf-8"))
        return found


@dataclass
class Pair:
    """Both sides of one run."""

    offering: Party
    answering: Party

    def carry(self, path: Path) -> Path:
        """Copy a file to the other side."""
        target = self.answering if path.parent == self.offering.folder else self.offering
        return Path(shutil.copy(path, target.folder / path.name))

    def sign(self) -> "Pair":
        for party in (self.offering, self.answering):
            self.carry(party.sign())
        return self

    def offer(self) -> Path:
        return self.carry(offer(self.offering.settings, self.offering.agreement, TODAY))

    def answer(self) -> Path:
        party = self.answering
        return self.carry(answer(party.settings, party.agreement, party.message("offer"), TODAY))

    def count(self) -> Counted:
        party = self.offering
        found = count(party.settings, party.agreement, party.message("answer"), TODAY)
        assert found.result
        self.carry(found.result)
        return found

    def hear(self) -> Counted:
        party = self.answering
        return count(party.settings, party.agreement, party.message("result"), TODAY)

    def open_one(self, party: Party) -> Opened:
        step = "answer" if party.role == "offering" else "common"
        out = party.folder / "clean.csv"
        found = open_candidates(party.settings, party.agreement, party.message(step), out, TODAY)
        if found.common:
            self.carry(found.common)
        return found

    def open(self) -> tuple[Opened, Opened]:
        return self.open_one(self.offering), self.open_one(self.answering)

    def to_answer(self) -> "Pair":
        """Everything up to the answer."""
        self.sign()
        self.offer()
        self.answer()
        return self

    def agreed(self) -> Agreement:
        return read_agreement(self.offering.agreement, TODAY)


Meet = Callable[..., Pair]


def meeting(folder: Path, lists: dict[Path, list[Site]]) -> Meet:
    """Makes pairs: each call writes an agreement and hands each side its list; ``lists`` is what reading finds."""

    def meet(ours: Iterable[Site], theirs: Iterable[Site], **changes: Any) -> Pair:
        pair = Pair(Party(folder / "offering", "offering"), Party(folder / "answering", "answering"))
        for party, sites in ((pair.offering, ours), (pair.answering, theirs)):
            shutil.rmtree(party.folder, ignore_errors=True)
            party.folder.mkdir(parents=True)
            make_identity(party.key)
            lists[party.list.resolve()] = list(sites)
        names = {"offering": "Fjord Wool", "answering": "Quay Outdoor"}
        keys = {p.role: public_key_in(str(p.key.with_suffix(".pub"))) for p in (pair.offering, pair.answering)}
        wanted = {"run": RUN, "purpose": "Joint visits", "mode": "count", "largest_list": 50, "largest_share": 1.0}
        wanted |= {"expires": TODAY + timedelta(days=30)}
        wanted |= {role: {"name": names[role], "key": keys[role]} for role in names}
        write_agreement(pair.offering.agreement, wanted | changes)
        pair.carry(pair.offering.agreement)
        return pair

    return meet


def resigned(path: Path, key: Path, **changes: Any) -> Path:
    """A message changed and signed anew by the holder of a key: what a party that alters its software can send."""
    found = Message.model_validate(json.loads(path.read_text(encoding="utf-8"))).model_copy(update=changes)
    signed = found.model_copy(update={"signature": sign(key, found.signed_text)})
    path.write_text(json.dumps(signed.model_dump(mode="json")), encoding="utf-8")
    return path
