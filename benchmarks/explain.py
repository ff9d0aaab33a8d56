"""``conjoin explain`` on a warehouse of many records: ``explain.py [--records N] [--asked N]``.

Simulated records are matched, and the marts that the command reads are built into a project of their own. Then the
command is asked, as a process of its own each time, about linked pairs, pairs within one site without a link, and pairs
of two sites; the median, the slowest and the median CPU seconds of each kind are printed, start-up included.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

from conjoin.content import PROJECT_MARKER
from conjoin.sql import quote_literal
from measuring import Measured, run

_MARTS = ("marts.site_link_evidence", "marts.match_review_queue", "marts.sites", "marts.site_successions")
#: Pairs to ask about, by kind.
_KINDS = {
    "linked": "select record_id_left, record_id_right from marts.site_links where is_accepted",
    "one site, no link": "select l.record_id, r.record_id from marts.site_records_at_sites as l "
    "join marts.site_records_at_sites as r on l.site_id = r.site_id and l.record_id < r.record_id "
    "anti join marts.site_links as k on k.record_id_left = l.record_id and k.record_id_right = r.record_id",
    "two sites": "select record_id_left, record_id_right from marts.site_links where not is_accepted",
}


def build(records: str, warehouse: str) -> None:
    """Match the records and build the marts that explain a pair."""
    from conjoin.matching.inputs import load_input
    from conjoin.matching.run import MatchOptions, match_records
    from conjoin.schemas.tables import system_tables
    from conjoin.steps.match import write_results
    from conjoin.warehouse import build as building
    from conjoin.warehouse.models import models_for

    # Ids as a warehouse has them: a source, and sixteen hexadecimal digits.
    given = (
        "select source || ':' || md5(record_id)[:16] as record_id, source as source_name, name as site_name, "
        "address as site_address, city as city_name, country as country_code "
        f"from read_csv({quote_literal(records)}, all_varchar = true)"
    )
    matched = Path(warehouse).with_name("matched")
    matched.mkdir()
    with duckdb.connect() as con:
        load_input(con, con.sql(given).df())
        summary = match_records(con, MatchOptions())
        con.execute("create or replace table matching.judgements as from input.judgements")
        write_results(con, matched)
    with duckdb.connect(warehouse) as con:
        building.create_schemas(con)
        building.load_landing(con, lambda _: [])
        for name, table in system_tables().items():
            files = [str(path) for path in matched.glob(f"{name}.parquet")]
            building.load_parquet(con, f"{building.system_schema(name)}.{name}", table, files)
        building.load_content(con)
        con.execute(
            f"insert into landing.site_records by name select *, 'public' as visibility, '{'0' * 16}' as load_id, "
            f"row_number() over () as line_number from ({given})"
        )
        current = f"select '{'0' * 16}' as load_id, 'bulk' as source_name, true as is_current"
        con.execute(f"insert into landing.loads by name {current}")
        building.run_models(con, models_for(_MARTS))
        con.execute("checkpoint")
    print(f"{summary.record_count:,} records, {summary.link_count:,} links, {summary.site_count:,} sites")


def ask(project: Path, warehouse: Path, asked: int) -> None:
    """Ask about pairs of each kind and print what it took."""
    environment = {"CONJOIN_PROJECT": str(project)}
    conjoin = str(Path(sys.executable).with_name("conjoin"))
    for kind, select in _KINDS.items():
        with duckdb.connect(str(warehouse), read_only=True) as con:
            pairs = con.execute(f"{select} using sample reservoir({asked} rows) repeatable (7)").fetchall()
        found = []
        for left, right in pairs:
            with Path(os.devnull).open("w") as nowhere:
                saved = os.dup(1)
                os.dup2(nowhere.fileno(), 1)
                try:
                    found.append(run([conjoin, "explain", left, right], environment))
                finally:
                    os.dup2(saved, 1)
                    os.close(saved)
        _tell(kind, found)


def _tell(kind: str, found: list[Measured]) -> None:
    if not found:
        print(f"{kind:>20}  no such pair")
        return
    seconds = [one.seconds for one in found]
    print(
        f"{kind:>20}  median {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s, "
        f"{statistics.median(one.cpu_seconds for one in found):.2f} CPU s, {max(one.peak_mb for one in found):.0f} MB"
    )


def main() -> None:
    """Make the records and the warehouse, then ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--asked", type=int, default=7)
    parser.add_argument("--build", nargs=2, metavar=("RECORDS", "WAREHOUSE"))
    parser.add_argument("--keep", type=Path, help="Folder to work in, which is kept; a warehouse in it is asked again.")
    arguments = parser.parse_args()
    if arguments.build:
        build(*arguments.build)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or Path(scratch)
        folder.mkdir(exist_ok=True)
        (folder / PROJECT_MARKER).touch()
        warehouse = folder / ".data" / "warehouse" / "conjoin.duckdb"
        if not warehouse.exists():
            warehouse.parent.mkdir(parents=True)
            make = Path(__file__).parent / "matching" / "make_records.py"
            subprocess.run([sys.executable, make, str(arguments.records), folder / "records.csv"], check=True)
            made = run([__file__, "--build", str(folder / "records.csv"), str(warehouse)])
            print(f"built in {made.seconds:.0f} s")
        ask(folder, warehouse, arguments.asked)


if __name__ == "__main__":
    main()
