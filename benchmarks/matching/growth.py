"""How time grows with the records: ``growth.py [--counts 100000 300000 1000000] [--splink PYTHON --splink-up-to N]``.

Prints, for whole processes from file to file, the slope of the line through the logarithms of records and seconds: 1
means twice the time for twice the records. Splink runs beside it up to the size that its memory allows.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sides import HERE, Outcome, run_side


def slope(outcomes: dict[int, Outcome], measure: str) -> float:
    """The growth exponent of a measure over all sizes, by least squares."""
    counts = np.log(list(outcomes))
    values = np.log([getattr(outcome, measure) for outcome in outcomes.values()])
    return float(np.polyfit(counts, values, 1)[0])


def main() -> None:
    """Make the records of each size, match them, and print the slopes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[100_000, 300_000, 1_000_000])
    parser.add_argument("--splink", help="the Python of Splink's own environment")
    parser.add_argument("--splink-up-to", type=int, default=1_000_000)
    given = parser.parse_args()
    sides: dict[str, dict[int, Outcome]] = {"conjoin": {}, "splink": {}}
    with tempfile.TemporaryDirectory() as folder:
        for count in given.counts:
            print(f"{count:,} records", flush=True)
            records = Path(folder) / f"{count}.csv"
            subprocess.run([sys.executable, str(HERE / "make_records.py"), str(count), str(records)], check=True)
            pythons = {"conjoin": sys.executable}
            if given.splink and count <= given.splink_up_to:
                pythons["splink"] = given.splink
            for side, python in pythons.items():
                outcome = run_side(f"match_with_{side}.py", records, python)
                if outcome:
                    sides[side][count] = outcome
    for side, outcomes in sides.items():
        if len(outcomes) > 1:
            told = ", ".join(f"{name} {slope(outcomes, name):.2f}" for name in ("seconds", "cpu_seconds", "peak_mb"))
            print(f"{side}, exponent from {min(outcomes):,} to {max(outcomes):,} records: {told}")


if __name__ == "__main__":
    main()
