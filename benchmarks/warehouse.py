"""Building and checking the warehouse beside plain self-joins in DuckDB: ``warehouse.py [--rows N] [--crowd N]``.

Every side starts from the same landed audit records, about twenty at a site, whose sites are known. The peers join
each audit to every later one at its site and write the pairs to a DuckDB file: with all columns of both audits, and
with the two keys and the gap in days alone. Conjoin copies landing, resolves events, classes and explains pairs,
builds and documents every mart, and checks them. Each side is a process of its own; only the ratios travel.
``--crowd`` puts so many of the rows at one more site within 36 months, every one of which is a pair with every other.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb

from conjoin.sql import quote_literal
from measuring import run

SIDES = ("self-join, all columns", "self-join, keys", "conjoin")
_PAIRS = {
    SIDES[0]: "earlier.*, later.*",
    SIDES[1]: "earlier.record_id, later.record_id, later.visit_start - earlier.visit_start as gap_days",
}


def land(project: Path, rows: int) -> None:
    """Generate audits, land them, and say which record is at which site: each vendor code is one."""
    from conjoin.settings import load_settings
    from conjoin.steps.ingest import ingest_source

    settings = load_settings()
    ingest_source(settings, "bulk")
    settings.matching.mkdir()
    records = quote_literal(f"{settings.landing}/bulk/*/site_records.parquet")
    out = quote_literal(str(settings.matching / "site_memberships.parquet"))
    with duckdb.connect() as con:
        con.execute(
            "copy (select distinct record_id, 'site ' || record_id as site_id, 1.0::double as match_probability, "
            f"'known' as method from read_parquet({records}) order by record_id) to {out} (format parquet)"
        )
    print(f"{rows:,} audit records landed")


def join_events(project: Path, side: str) -> None:
    """The peer: every audit with every later audit at its site."""
    audits = quote_literal(f"{project}/.data/landing/bulk/*/audit_records.parquet")
    with duckdb.connect(str(project / f"{SIDES.index(side)}.duckdb")) as con:
        con.execute(f"create temp table audits as from read_parquet({audits})")
        con.execute(
            f"create table pairs as select {_PAIRS[side]} from audits as earlier join audits as later "
            "on earlier.site_record_id = later.site_record_id and "
            "(earlier.visit_start, earlier.record_id) < (later.visit_start, later.record_id)"
        )


def build() -> None:
    """Conjoin: the whole warehouse, checked."""
    from conjoin.settings import load_settings
    from conjoin.steps.build import build_warehouse

    counts = build_warehouse(load_settings()).row_counts
    print(f"{counts['audit_events']:,} events, {counts['audit_pairs']:,} pairs")


def compare(rows: int, crowd: int) -> None:
    """Generate, run every side once, print."""
    from conjoin.content import PROJECT_MARKER
    from support.bulk import write_audit_files

    with tempfile.TemporaryDirectory() as folder:
        write_audit_files(Path(folder), rows, files=20, crowd=crowd)
        (Path(folder) / PROJECT_MARKER).write_text("[run]\nsettle_seconds = 0\n", encoding="utf-8")
        arguments = [__file__, "--rows", str(rows), "--project", folder, "--side"]
        run([*arguments, "land"], {"CONJOIN_PROJECT": folder})
        measured = {side: run([*arguments, side], {"CONJOIN_PROJECT": folder}) for side in SIDES}
    for side in SIDES:
        print(f"{side:>22}  {measured[side].told(peer=measured[SIDES[0]])}")


def main() -> int:
    """Compare, or be one side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--crowd", type=int, default=0)
    parser.add_argument("--side", choices=(*SIDES, "land"), help=argparse.SUPPRESS)
    parser.add_argument("--project", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side is None:
        compare(given.rows, given.crowd)
    elif given.side == "land":
        land(given.project, given.rows)
    elif given.side == "conjoin":
        build()
    else:
        join_events(given.project, given.side)
    return 0


if __name__ == "__main__":
    sys.exit(main())
