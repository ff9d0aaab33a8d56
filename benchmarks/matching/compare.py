"""Conjoin and its peers in both worlds, one after the other: ``compare.py [--count N] [--splink PYTHON]``.

Prints what each side took and how good its sites are, then its ratios to Conjoin. ``--setups`` names the set-ups of
Splink to run, ``all`` for every one in splink_setups.py.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from make_records import WORLDS, write_records
from sides import Outcome, run_side
from splink_setups import BEST, FASTEST, SETUPS


def outcomes(records: Path, given: argparse.Namespace) -> Iterator[tuple[str, Outcome | None]]:
    """Each side over one file, by name; Conjoin first."""
    yield "Conjoin", run_side("match_with_conjoin.py", records)
    if not given.without_recordlinkage:
        yield "recordlinkage", run_side("match_with_recordlinkage.py", records)
    for setup in (SETUPS if "all" in given.setups else given.setups) if given.splink else ():
        yield f"Splink {setup}", run_side("match_with_splink.py", records, given.splink, ("--setup", setup))


def ratios(outcome: Outcome, to: Outcome) -> str:
    """What a side took, as multiples of another, and how its F1 differs."""
    measures = {"seconds": "s", "cpu_seconds": "CPU s", "peak_mb": "MB"}
    told = [f"{getattr(outcome, name) / getattr(to, name):.2f}x {unit}" for name, unit in measures.items()]
    return f"{', '.join(told)}, F1 {outcome.scores.f1 - to.scores.f1:+.3f}"


def compare(world: str, given: argparse.Namespace) -> None:
    """Make the records of a world, run every side, and print the ratios to Conjoin."""
    print(f"{world} world, {given.count:,} records", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records.csv"
        write_records(given.count, records, world)
        found = {name: outcome for name, outcome in outcomes(records, given) if outcome}
    for name, outcome in found.items():
        if name != "Conjoin" and "Conjoin" in found:
            print(f"  {name} to Conjoin: {ratios(outcome, found['Conjoin'])}", flush=True)


def main() -> None:
    """Both worlds, or those asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=180_000)
    parser.add_argument("--worlds", nargs="+", choices=WORLDS, default=list(WORLDS))
    parser.add_argument("--splink", help="the Python of Splink's own environment")
    parser.add_argument("--setups", nargs="+", choices=[*SETUPS, "all"], default=[BEST, FASTEST])
    parser.add_argument("--without-recordlinkage", action="store_true", help="its pairs grow too fast for a million")
    given = parser.parse_args()
    for world in given.worlds:
        compare(world, given)


if __name__ == "__main__":
    main()
