"""Conjoin and Splink on one file, one after the other: ``compare.py RECORDS.csv --splink PYTHON``."""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from conjoin.matching.evaluation import score_clusters

HERE = Path(__file__).parent


def run_once(python: str, script: str, records: Path) -> None:
    """Run one side as a whole process and print what it took and found."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sites.csv"
        began = time.perf_counter()
        process = subprocess.Popen([python, str(HERE / script), str(records), str(out)])
        _, status, usage = wait_for(process.pid)
        seconds = time.perf_counter() - began
        if status:
            print(f"{script}: failed")
            return
        found = pd.read_csv(out, dtype=str).merge(pd.read_csv(records, dtype=str), on="record_id")
    scores = score_clusters(found["site_id"], found["truth"])
    print(
        f"{script}: {seconds:.1f} s, {usage.ru_maxrss / 1024:.0f} MB, precision {scores.precision:.3f}, "
        f"recall {scores.recall:.3f}, F1 {scores.f1:.3f}, largest {scores.largest}"
    )


def wait_for(pid: int) -> tuple[int, int, resource.struct_rusage]:
    """Wait for one process and return what it used."""
    return os.wait4(pid, 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("--splink", help="the Python of Splink's own environment")
    given = parser.parse_args()
    run_once(sys.executable, "match_with_conjoin.py", given.records)
    if given.splink:
        run_once(given.splink, "match_with_splink.py", given.records)
