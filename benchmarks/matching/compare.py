"""Conjoin and its peers on one file, one after the other: ``compare.py RECORDS.csv [--splink PYTHON]``."""

import argparse
from pathlib import Path

from sides import run_side

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", type=Path)
    parser.add_argument("--splink", help="the Python of Splink's own environment")
    given = parser.parse_args()
    run_side("match_with_conjoin.py", given.records)
    run_side("match_with_recordlinkage.py", given.records)
    if given.splink:
        run_side("match_with_splink.py", given.records, given.splink)
