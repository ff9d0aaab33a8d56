"""Cluster F1 on the Leipzig affiliations: ``affiliations.py AFFILIATIONS.csv [--splink PYTHON]``.

The set (Database Group, Leipzig University, CC BY 4.0, as the mismo project reshaped it: record_id, label_true,
affiliation) holds one string per record: department, institution and place in any order, no country. Both sides get
what stands before the first comma as the name and the rest as the address.
"""

import argparse
import csv
import tempfile
from pathlib import Path

from sides import run_side

COLUMNS = ("record_id", "source", "name", "address", "country", "city", "truth")


def write_records(affiliations: Path, out: Path) -> None:
    """The records in the form of the other benchmarks; each from a source of its own, since the set is no list."""
    with affiliations.open(encoding="utf-8", newline="") as given, out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for number, row in enumerate(csv.DictReader(given)):
            name, _, rest = row["affiliation"].lstrip(", ").partition(",")
            writer.writerow([f"r{row['record_id']}", f"s{number}", name, rest.strip(), "", "", row["label_true"]])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("affiliations", type=Path)
    parser.add_argument("--splink", help="the Python of Splink's own environment")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records.csv"
        write_records(asked.affiliations, records)
        run_side("match_with_conjoin.py", records)
        if asked.splink:
            run_side("match_affiliations_with_splink.py", records, asked.splink)
