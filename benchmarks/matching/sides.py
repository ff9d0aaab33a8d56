"""The sides of the matching benchmarks: one script each, run as a whole process over one file and scored."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from conjoin.matching.learn.evaluation import ClusterScores, score_clusters

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """What one side took, its start-up included, and how good its sites are.

    Attributes:
        seconds: Wall clock.
        cpu_seconds: User and system time; the steadier figure where a machine is shared.
        peak_mb: Largest resident memory.
        scores: Its sites against the known ones.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float
    scores: ClusterScores

    def __str__(self) -> str:
        """The figures in one line."""
        scores = self.scores
        return (
            f"{self.seconds:.1f} s, {self.cpu_seconds:.1f} CPU s, {self.peak_mb:.0f} MB, precision "
            f"{scores.precision:.3f}, recall {scores.recall:.3f}, F1 {scores.f1:.3f}, largest {scores.largest}"
        )


def run_side(script: str, records: Path, python: str = sys.executable, arguments: Sequence[str] = ()) -> Outcome | None:
    """Run one side over a file with the columns record_id and truth; None if it fails, which is printed.

    Args:
        script: A script of this folder that takes the records and where to write ``record_id, site_id``.
        records: The records, as ``make_records.py`` writes them.
        python: The Python of the side's own environment.
        arguments: Further arguments of the script.
    """
    told = " ".join([script, *arguments])
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "sites.csv"
        began = time.perf_counter()
        process = subprocess.Popen([python, "-W", "ignore", str(HERE / script), str(records), str(out), *arguments])
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            print(f"{told}: failed with {process.returncode}", flush=True)
            return None
        truth = pd.read_csv(records, dtype=str, usecols=["record_id", "truth"])
        found = pd.read_csv(out, dtype=str).merge(truth, on="record_id", validate="one_to_one")
    scores = score_clusters(found["site_id"], found["truth"])
    outcome = Outcome(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, scores)
    print(f"{told}: {outcome}", flush=True)
    return outcome
