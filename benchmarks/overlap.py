"""Overlap between parties that share no lists, measured: ``overlap.py [--rows 5000] [--openmined PYTHON]``.

Prints, for lists of known or linkable overlap, what plain linking finds with both lists on one table, what the count of
one key per site says, and what the two stages find (candidates, then ``conjoin link`` on the candidates alone), with
what they show to the clean team. Then the time of a count between two simulated lists, whole processes. All steps are
the product's own.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pandas as pd

import measuring  # noqa: F401 - puts tests/ on the path
from conjoin.tools.overlap.agreement import write_agreement
from conjoin.tools.overlap.signing import make_identity, public_key_in
from conjoin.tools.overlap.taking_part import read_own_list
from support.parties import RUN, Pair, Party
from support.two_lists import REAL, SIDES, Pairs, hub, linked_pairs, of_two_parties, parties, read, shown

ROOT = Path(__file__).parents[1]


@dataclass
class Lists:
    """Two lists, and which pairs of them people labelled one site or two."""

    title: str
    ours: pd.DataFrame
    theirs: pd.DataFrame
    same: Pairs = field(default_factory=set)
    other: Pairs = field(default_factory=set)


def labelled(name: str, title: str) -> Lists:
    """Labelled records on two sides, so that as many of the true pairs as can be stand across."""
    records, pairs = read(REAL / f"{name.replace('pairs', 'records')}.csv"), read(REAL / f"{name}.csv")
    labels = {label: rows[["id_a", "id_b"]].to_numpy().tolist() for label, rows in pairs.groupby("label")}
    beside: dict[str, set[str]] = defaultdict(set)
    for left, right in labels["1"]:
        beside[left].add(right)
        beside[right].add(left)
    side: dict[str, int] = {}
    for start in sorted(beside):
        waiting = [] if start in side else [start]
        side.setdefault(start, 0)
        while waiting:
            here = waiting.pop()
            for there in sorted(beside[here] - side.keys()):
                side[there] = 1 - side[here]
                waiting.append(there)
    is_ours = records["record_id"].map(lambda name: side.get(name, zlib.crc32(name.encode()) % 2)) == 0
    lists = Lists(title, records[is_ours], records[~is_ours])
    lists.same, lists.other = (across(lists, labels[label]) for label in ("1", "0"))
    return lists


def across(lists: Lists, pairs: Iterable[Iterable[str]]) -> Pairs:
    """Pairs with one record in either list, ours first."""
    ours, theirs = set(lists.ours["record_id"]), set(lists.theirs["record_id"])
    both = [tuple(pair) for pair in pairs]
    return {(a, b) for a, b in [*both, *((b, a) for a, b in both)] if a in ours and b in theirs}


def all_lists() -> list[Lists]:
    """Lists with labels, lists that share something, lists that share little, lists that share next to nothing."""
    contributors, sites = read(REAL / "oar_lists.csv"), hub()
    number = contributors["source"].str[-2:].astype(int)
    half = sites["record_id"].map(lambda name: zlib.crc32(name.encode()) % 2 == 0)
    large = contributors["source"] == "oar_list_15"
    return [
        labelled("eval_pairs_open", "labelled pairs, with sisters chosen to mislead"),
        labelled("read_pairs", "pairs of which the model was unsure"),
        Lists("14 contributors against Open Supply Hub", contributors, sites),
        Lists("7 contributors against 7 others", contributors[number % 2 == 0], contributors[number % 2 == 1]),
        Lists("the largest contributor against 13 others", contributors[large], contributors[~large]),
        Lists("two random halves of Open Supply Hub", sites[half], sites[~half]),
    ]


def pairs_of_keys(pair: Pair) -> Pairs:
    """Pairs that share a key, with both lists laid open."""
    agreement = pair.agreed()
    ours, theirs = (read_own_list(p.settings, agreement, [p.list]).rows_of for p in (pair.offering, pair.answering))
    return {found for key in ours.keys() & theirs.keys() for found in product(ours[key], theirs[key])}


def share(part: int, whole: int) -> str:
    """A share with what it is of."""
    return f"{part / whole:.3f} ({part}/{whole})" if whole else "none to find"


def report(lists: Lists, folder: Path) -> None:
    """Print one section."""
    frames = of_two_parties(lists.ours, lists.theirs)
    plain, sites = linked_pairs(folder, frames)
    counting, opening = parties(folder, frames, "count"), parties(folder, frames, "candidates")
    keyed = pairs_of_keys(counting)
    print(f"\n{lists.title}: {len(lists.ours):,} rows against {len(lists.theirs):,}")
    print(f"  plain linking     {sites} sites in common, {len(plain)} pairs")
    kept = len(keyed & plain)
    print(f"  count-1           {counting.count()} in common; of plain linking's pairs {share(kept, len(plain))};")
    print(f"                    of its own pairs plain linking makes too {share(kept, len(keyed))}")
    clean = shown(opening)
    found, _ = linked_pairs(folder, clean)
    recall = share(len(found & plain), len(plain))
    print(f"  two stages        recall of plain linking's {recall}, {len(found - plain)} other pairs")
    if lists.same:
        for name, pairs in (("plain linking", plain), ("two stages", found)):
            hits, misses = len(pairs & lists.same), len(pairs & lists.other)
            print(f"  labels, {name:14} recall {share(hits, len(lists.same))}, precision {share(hits, hits + misses)}")
    true = plain | lists.same
    for place, (frame, whole) in enumerate(zip(clean, frames, strict=True)):
        idle = set(frame["record_id"]) - {pair[place] for pair in true}
        print(
            f"  shown, {SIDES[place]:10} {len(frame)} of {len(whole):,} rows ({len(frame) / len(whole):.1%}); "
            f"{len(idle)} of these are no match ({len(idle) / max(1, len(frame)):.0%})"
        )


def timed(rows: int, folder: Path) -> None:
    """Print what a count between two simulated lists takes, command by command as whole processes."""
    maker = ROOT / "benchmarks" / "matching" / "make_records.py"
    subprocess.run([sys.executable, str(maker), str(2 * rows), str(folder / "all.csv")], check=True)
    records = read(folder / "all.csv")
    made = Pair(Party(folder / "timed" / SIDES[0], "offering"), Party(folder / "timed" / SIDES[1], "answering"))
    keys = {}
    for number, party in enumerate((made.offering, made.answering)):
        party.folder.mkdir(parents=True)
        records[number::2].to_csv(party.list, index=False)
        keys[party.role] = {"name": party.role, "key": public_key_in(str(make_identity(party.key)))}
    wanted = {"run": RUN, "purpose": "timed", "mode": "count", "expires": pd.Timestamp.now("UTC").date()}
    write_agreement(made.offering.agreement, wanted | {"largest_list": rows} | keys)
    made.carry(made.offering.agreement)
    print(f"\nA count of {rows:,} against {rows:,} simulated sites, whole processes")
    begun, cpu_begun = time.perf_counter(), cpu()
    for party, step, message in (
        (made.offering, ["sign", "agreement.toml", "list.csv", "--key", "ours.key"], "offering-signature"),
        (made.answering, ["sign", "agreement.toml", "list.csv", "--key", "ours.key"], "answering-signature"),
        (made.offering, ["offer", "agreement.toml"], "offer"),
        (made.answering, ["answer", "agreement.toml", f"{RUN}-offer.json"], "answer"),
        (made.offering, ["count", "agreement.toml", f"{RUN}-answer.json"], "result"),
    ):
        started, cpu_started = time.perf_counter(), cpu()
        command = [sys.executable, "-m", "conjoin", "overlap", *step]
        done = subprocess.run(command, cwd=party.folder, check=True, capture_output=True, text=True)
        took = f"{time.perf_counter() - started:6.1f} s {cpu() - cpu_started:6.1f} CPU s"
        print(f"  {step[0]:7} {took}   {done.stdout.splitlines()[0]}", flush=True)
        made.carry(party.message(message))
    print(f"  in all  {time.perf_counter() - begun:6.1f} s {cpu() - cpu_begun:6.1f} CPU s")


def cpu() -> float:
    """User and system time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000, help="rows of each simulated list")
    given = parser.parse_args()
    steps: list[Callable[[Path], None]] = [lambda folder, lists=lists: report(lists, folder) for lists in all_lists()]
    for step in [*steps, lambda folder: timed(given.rows, folder)]:
        with tempfile.TemporaryDirectory() as folder:
            step(Path(folder))


if __name__ == "__main__":
    main()
