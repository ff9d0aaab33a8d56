"""Two lists as two parties have them: linked on one table, or through a run of overlap with real files."""

from collections import defaultdict
from itertools import product
from pathlib import Path

import pandas as pd

from conjoin.settings import Settings
from conjoin.tools.link_files import link_files
from conjoin.tools.overlap.agreement import write_agreement
from conjoin.tools.overlap.signing import make_identity, public_key_in
from support.guide import ROOT
from support.parties import RUN, TODAY, Pair, Party

REAL = ROOT / "tests" / "data" / "real"
SIDES = ("offering", "answering")
Pairs = set[tuple[str, str]]


def read(path: Path) -> pd.DataFrame:
    """A file of texts."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def hub() -> pd.DataFrame:
    """The slice of Open Supply Hub as a list."""
    rows = read(REAL / "os_hub" / "production_sites.csv").rename(columns={"os_id": "record_id"})
    return rows.assign(source="hub")


def of_two_parties(ours: pd.DataFrame, theirs: pd.DataFrame) -> list[pd.DataFrame]:
    """Two lists whose sources say whose they are: no list of one party is a list of the other."""
    return [
        frame.assign(source=f"{side}: " + frame["source"]) for side, frame in zip(SIDES, (ours, theirs), strict=True)
    ]


def linked_pairs(folder: Path, frames: list[pd.DataFrame]) -> tuple[Pairs, int]:
    """Pairs across two lists that plain linking makes one site, and how many sites they are."""
    files = []
    for number, frame in enumerate(frames):
        files.append(folder / f"linked_{number}.csv")
        frame.to_csv(files[-1], index=False)
    link_files(Settings(data=folder / "data"), files, folder / "sites.csv")
    site = dict(read(folder / "sites.csv")[["record_id", "site_id"]].itertuples(index=False))
    at: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for number, frame in enumerate(frames):
        for record in frame["record_id"]:
            at[site[record]][number].append(record)
    shared = [sides for sides in at.values() if all(sides)]
    return {pair for sides in shared for pair in product(*sides)}, len(shared)


def parties(folder: Path, frames: list[pd.DataFrame], mode: str) -> Pair:
    """Two parties with an agreement, each with its list."""
    made = Pair(Party(folder / mode / SIDES[0], "offering"), Party(folder / mode / SIDES[1], "answering"))
    wanted = {"run": RUN, "purpose": "measured", "mode": mode, "expires": TODAY, "largest_list": 100_000}
    for party, frame in zip((made.offering, made.answering), frames, strict=True):
        party.folder.mkdir(parents=True)
        frame.to_csv(party.list, index=False)
        wanted[party.role] = {"name": party.role, "key": public_key_in(str(make_identity(party.key)))}
    write_agreement(made.offering.agreement, wanted | {"largest_share": 1.0})
    made.carry(made.offering.agreement)
    return made.to_answer()


def shown(pair: Pair) -> list[pd.DataFrame]:
    """What the clean team gets, under the ids of the lists."""
    pair.open()
    frames = []
    for party in (pair.offering, pair.answering):
        frame = read(party.folder / "clean.csv")
        frames.append(frame.assign(record_id=frame["record_id"].str.removeprefix(f"{party.role}:")))
    return frames
