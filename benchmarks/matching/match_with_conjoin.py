"""One whole process: ``match_with_conjoin.py RECORDS.csv SITES.csv``."""

import sys
import time
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from conjoin.matching import run
from conjoin.matching.inputs import load_input
from conjoin.matching.pairs import records
from conjoin.sql import quote_literal

COLUMNS = {
    "record_id": "record_id",
    "source": "source_name",
    "name": "site_name",
    "address": "site_address",
    "country": "country_code",
    "city": "city_name",
    "latitude": "latitude",
    "longitude": "longitude",
}
"""The columns of a world, and what Conjoin calls them."""
APART = {
    "collapse_records": (records, "normalise"),
    "normalise_contents": (records, "normalise"),
    "write_results": (run, "ids, links, explanations, questions"),
}
"""Steps of a run that are not on the way from index to cluster, who calls them, and what they do."""


def clocks() -> npt.NDArray[np.float64]:
    """Seconds on the wall, and of the processors."""
    return np.array([time.perf_counter(), time.process_time()])


def timed(spent: dict[str, npt.NDArray[np.float64]], function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function, adding its seconds to ``spent``."""

    def measured(*arguments: Any) -> Any:
        began = clocks()
        try:
            return function(*arguments)
        finally:
            spent[APART[name][1]] = spent.get(APART[name][1], 0) + clocks() - began

    return measured


def load(con: duckdb.DuckDBPyConnection, records_file: str) -> None:
    """Read the records, and their identifiers where the file has any."""
    table = con.sql(f"from read_csv({quote_literal(records_file)}, all_varchar = true)")
    named = [f"{column} as {name}" for column, name in COLUMNS.items() if column in table.columns]
    identifiers = None
    if "os_id" in table.columns:
        told = "record_id as site_record_id, 'os_id' as id_scheme, os_id as id_value"
        identifiers = table.filter("os_id <> ''").project(told).df()
    load_input(con, table.project(", ".join(named)).df(), identifiers)


def main(records_file: str, sites_file: str) -> None:
    """Match, and print the seconds from index to cluster."""
    con = duckdb.connect()
    load(con, records_file)
    spent: dict[str, npt.NDArray[np.float64]] = {}
    for name, (caller, _) in APART.items():
        setattr(caller, name, timed(spent, getattr(caller, name), name))
    began = clocks()
    summary = run.match_records(con, run.MatchOptions())
    seconds, cpu_seconds = clocks() - began - sum(spent.values())
    print(f"index to cluster {seconds:.2f} s, {cpu_seconds:.2f} CPU s, {summary.candidate_pair_count} pairs")
    print("  not counted: " + ", ".join(f"{name} {apart[0]:.2f}" for name, apart in spent.items()), flush=True)
    con.execute(f"copy (select record_id, site_id from matching.site_memberships) to {quote_literal(sites_file)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
