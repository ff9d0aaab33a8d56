"""A nightly delivery beside a run over everything: ``increment.py [--records N] [--share PERCENT]``.

Simulated site lists of seven sources are landed. Then Conjoin matches all of them, from nothing; every further record
of the same industry arrives, one per hundred records, most of them at known sites; and Conjoin matches again. Each
run is a process of its own, from landed files to kept results, start-up included. Only the ratio travels.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import duckdb
from make_records import SOURCES, write_records

from conjoin.content import PROJECT_MARKER
from conjoin.sql import quote_literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import Measured, run  # stands one folder above

_DECLARATION = """# An invented site list, only for measuring.
title      = "Simulated list"
summary    = "Generated site records"
owner      = "benchmarks@conjoin.example"
schedule   = "0 5 1 * *"
visibility = "consortium_site"
terms      = "Generated; free of any terms"

[feed.sites]
grain   = "one row per site record"
pattern = "list_{period}.csv"
format  = "csv"
emits   = ["site_records"]

[feed.sites.key]
site_records = ["record_id"]

[feed.sites.columns]
"record_id" = "site_id_source"
"name"      = "site_name"
"address"   = "site_address"
"country"   = "country_code"
"city"      = "city_name"

[feed.sites.expect]
min.rows = 1
"""


def declare(project: Path) -> None:
    """Make a project folder with the declarations of all sources."""
    (project / PROJECT_MARKER).write_text("[run]\nsettle_seconds = 0\n", encoding="utf-8")
    for number in range(SOURCES):
        declaration = project / "sources" / "brands" / f"list_{number}" / "source.toml"
        declaration.parent.mkdir(parents=True)
        declaration.write_text(_DECLARATION, encoding="utf-8")


def deliver(project: Path, records: Path, period: str, where: str) -> None:
    """Put the records that fit into the inboxes, one file a source."""
    read = f"read_csv({quote_literal(str(records))}, all_varchar = true)"
    with duckdb.connect() as con:
        for number in range(SOURCES):
            out = project / ".data" / "inbox" / f"list_{number}" / f"list_{period}.csv"
            out.parent.mkdir(parents=True, exist_ok=True)
            con.execute(
                f"copy (select record_id, name, address, country, city from (select *, row_number() over () as n "
                f"from {read}) where source = 's{number}' and {where} order by n) to {quote_literal(str(out))} (header)"
            )


def ingest() -> None:
    """Land what waits for every source."""
    from conjoin.settings import load_settings
    from conjoin.steps.ingest import ingest_source

    for number in range(SOURCES):
        ingest_source(load_settings(), f"list_{number}")


def match() -> None:
    """Match what is landed."""
    from conjoin.settings import load_settings
    from conjoin.steps.match import match_sites

    found = match_sites(load_settings())
    print(f"{found.record_count:,} records, {found.site_count:,} sites", flush=True)


def measure(records: int, share: float) -> dict[str, Measured]:
    """Run over everything, deliver more, run again, and run once more with nothing new."""
    step = round(100 / share) + 1
    with tempfile.TemporaryDirectory() as folder:
        project, table = Path(folder), Path(folder) / "records.csv"
        declare(project)
        write_records(round(records * (1 + share / 100)), table)
        environment = {"CONJOIN_PROJECT": folder}
        deliver(project, table, "2026-01", f"n % {step} <> 0")
        run([__file__, "--side", "ingest"], environment)
        measured = {"everything": run([__file__, "--side", "match"], environment)}
        deliver(project, table, "2026-02", f"n % {step} = 0")
        run([__file__, "--side", "ingest"], environment)
        measured[f"{share:g} % more"] = run([__file__, "--side", "match"], environment)
        measured["nothing new"] = run([__file__, "--side", "match"], environment)
    return measured


def main() -> int:
    """Measure, or be one side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=180_000)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--side", choices=("ingest", "match"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        (ingest if given.side == "ingest" else match)()
        return 0
    measured = measure(given.records, given.share)
    for name, side in measured.items():
        print(f"{name:>12}  {side.told(peer=measured['everything'])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
