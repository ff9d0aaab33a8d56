"""What packs cost beside one build: CPU seconds of matching and building everything, and of the pack of every reader.

Run: python benchmarks/packs.py [--sites 2000] [--readers 40]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from conjoin.packs.build_pack import build_pack
from conjoin.packs.reader import Reader, reader_of, reader_of_totals
from conjoin.schemas.policy import parties
from conjoin.settings import Settings
from support.consortia import DAY, declared_consortium, write_small_world


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process, all threads."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main() -> None:
    """Print both, and their ratio for the wanted number of readers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=2000)
    parser.add_argument("--readers", type=int, default=40)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data=folder / "data", threads=2)
        world = write_small_world(folder / "world", seed=1, sites=wanted.sites)
        state = declared_consortium(settings, world).state(folder / "state")

        def build(reader: Reader, file: str) -> None:
            build_pack(settings, state, reader, folder / file)

        build(reader_of("public", DAY), "warm.duckdb")
        whole = cpu_seconds(lambda: build(replace(reader_of_totals(DAY), name="whole"), "whole.duckdb"))
        print(f"everything, matched, built and written: {whole:.1f} s of CPU")
        names = [name for name, party in parties().items() if party.kind in ("member", "initiative")]
        costs = {name: cpu_seconds(lambda name=name: build(reader_of(name, DAY), f"{name}.duckdb")) for name in names}
        for name, cost in costs.items():
            print(f"  {name}: {cost:.1f} s, {cost / whole:.2f} of it")
        mean = sum(costs.values()) / len(costs)
        print(f"{wanted.readers} readers: {wanted.readers * mean:.0f} s, {wanted.readers * mean / whole:.1f} times it")


if __name__ == "__main__":
    main()
