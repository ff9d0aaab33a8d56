"""Reading to landing beside DuckDB that only copies: ``reading.py [--rows N] [--files N]``.

The peers read the same CSV files as text and write them to Parquet, compressed as landing is: file by file, and all in
one statement. Conjoin besides archives the originals, accounts for every column, converts, refuses, checks and lands
two canonical tables. Each side is a process of its own; only the ratios travel to another machine.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb

from measuring import run

SIDES = ("file by file", "one statement", "conjoin")


def copy_each(project: Path) -> None:
    """The peer: one Parquet file per CSV file."""
    out = project / "copied"
    out.mkdir()
    with duckdb.connect() as con:
        for path in sorted((project / ".data" / "inbox" / "bulk").glob("*.csv")):
            con.read_csv(str(path), all_varchar=True).write_parquet(str(out / f"{path.stem}.parquet"))


def copy_all(project: Path) -> None:
    """The peer at its best: all files in one statement, on all cores."""
    with duckdb.connect() as con:
        con.read_csv(str(project / ".data/inbox/bulk/*.csv"), all_varchar=True).write_parquet(
            str(project / "copied.parquet")
        )


def ingest(project: Path, rows: int) -> None:
    """Conjoin, from inbox to landing."""
    from conjoin.settings import load_settings
    from conjoin.steps.ingest import ingest_source

    summary = ingest_source(load_settings(), "bulk")
    if summary.rows_read != rows or summary.rows_refused:
        raise SystemExit(f"{project}: {summary.rows_read} rows read, {summary.rows_refused} refused: {summary.notices}")


def compare(rows: int, files: int) -> None:
    """Generate, run every side once, print."""
    from conjoin.content import PROJECT_MARKER
    from support.bulk import write_audit_files

    with tempfile.TemporaryDirectory() as folder:
        delivery = write_audit_files(Path(folder), rows, files)
        (delivery.project / PROJECT_MARKER).write_text("[run]\nsettle_seconds = 0\n", encoding="utf-8")
        size = sum(path.stat().st_size for path in delivery.files) / 1e6
        print(f"{rows:,} rows in {files} files, {size:.0f} MB")
        arguments = [__file__, "--rows", str(rows), "--project", folder]
        measured = {side: run([*arguments, "--side", side], {"CONJOIN_PROJECT": folder}) for side in SIDES}
    for side in SIDES:
        print(f"{side:>14}  {measured[side].told(peer=measured['file by file'])}")
    print(f"conjoin / one statement: {measured['conjoin'].seconds / measured['one statement'].seconds:.1f}x")


def main() -> int:
    """Compare, or be one side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--project", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    match given.side:
        case None:
            compare(given.rows, given.files)
        case "file by file":
            copy_each(given.project)
        case "one statement":
            copy_all(given.project)
        case _:
            ingest(given.project, given.rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
