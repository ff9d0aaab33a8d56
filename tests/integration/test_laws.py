"""Laws of the warehouse, over the samples and over a simulated world: ids lead somewhere, and no row is lost."""

from collections.abc import Iterator

import duckdb
import pytest

from conjoin.sources import registry
from conjoin.warehouse.connection import reader
from conjoin.warehouse.models import Model, models
from conjoin.warehouse.pointers import Pointer, pointers, unexplained_ids
from support.published import all_samples, simulated_world, warehouse_of

pytestmark = pytest.mark.slow

MARTS = [model for model in models() if model.schema == "marts"]
POINTERS = [pointer for model in MARTS for pointer in pointers(model)]
#: Where each record of a staged table stands, other than in records_set_aside: a select of record ids.
HOMES = {
    "site_records": "select record_id from marts.site_records_at_sites",
    "site_identifiers": "select record_id from marts.site_identifiers_at_sites",
    "audit_records": "select record_id from marts.audit_event_records union all "
    "select record_id from marts.planned_overlaps",
    "findings": "select record_id from marts.findings_at_events",
    "certificates": "select record_id from marts.certificates_at_sites",
    "complaints": "select record_id from marts.complaints_at_sites",
    "affiliations": "select record_id from marts.affiliations",
    "studies": "select record_id from marts.study_records",
}


@pytest.fixture(scope="module", params=[all_samples, simulated_world], ids=["samples", "simulated"])
def con(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of all samples, or of a simulated world."""
    with reader(warehouse_of(request.param, tmp_path_factory)) as opened:
        yield opened


@pytest.mark.parametrize("model", MARTS, ids=lambda model: model.table)
def test_every_id_of_a_mart_is_found_somewhere_or_says_why_not(model: Model) -> None:
    assert unexplained_ids(model) == []


@pytest.mark.parametrize("pointer", POINTERS, ids=lambda pointer: f"{pointer.model}.{pointer.column}")
def test_an_id_leads_somewhere(con: duckdb.DuckDBPyConnection, pointer: Pointer) -> None:
    assert con.execute(f"{pointer.dangling_sql} limit 5").fetchall() == []


@pytest.mark.parametrize("table", HOMES)
def test_a_delivered_record_is_in_a_mart_or_set_aside_with_a_reason(con: duckdb.DuckDBPyConnection, table: str) -> None:
    aside = f"select record_id from marts.records_set_aside where record_kind = '{table}' and reason is not null"
    delivered = f"select record_id from staging.{table}"

    assert con.execute(f"{delivered} except ({HOMES[table]} union all {aside}) limit 5").fetchall() == []
    assert con.execute(f"select count(*) from staging.{table}").fetchall() != [(0,)]


def test_no_record_is_both_in_a_mart_and_set_aside(con: duckdb.DuckDBPyConnection) -> None:
    refused = "select record_id, load_id, line_number from marts.refused_audits"
    held = " union all ".join(f"({home})" for home in HOMES.values())
    aside = "select record_id from marts.records_set_aside where (record_id, load_id, line_number) not in"

    assert con.execute(f"{aside} ({refused}) intersect ({held}) limit 5").fetchall() == []


def test_every_list_of_buyers_is_counted(con: duckdb.DuckDBPyConnection) -> None:
    delivered = con.execute("select count(*) from staging.site_buyers").fetchall()

    assert con.execute("select sum(record_count) from marts.site_buyers").fetchall() == delivered != [(0,)]


@pytest.mark.parametrize("table", [*HOMES, "site_buyers"])
def test_of_the_current_deliveries_of_a_record_one_counts(con: duckdb.DuckDBPyConnection, table: str) -> None:
    current = f"landing.{table} semi join landing.loads using (load_id)"

    assert con.execute(f"select record_id from {current} except select record_id from staging.{table}").fetchall() == []
    assert con.execute(f"select count(*) - count(distinct record_id) from staging.{table}").fetchall() == [(0,)]


def test_every_row_of_a_file_is_a_record_or_refused_or_repeated_or_skipped(con: duckdb.DuckDBPyConnection) -> None:
    """Rows of the first table that a feed gives, counted where they landed, against the ledger."""
    told = con.execute(
        "select source_name, feed, load_id, rows_read_count - rows_refused_count - rows_repeated_count "
        "- rows_skipped_count from landing.loads where is_current"
    ).fetchall()
    feeds = {(name, feed): declared for name, source in registry.sources().items()
             for feed, declared in source.feed.items()}  # fmt: skip
    wrong = []
    for source, feed, load_id, wanted in told:
        grain, *others = feeds[source, feed].all_emits()
        if grain.when or grain.explode or grain.table in {emit.table for emit in others}:
            continue  # a row gives no record of that table, or several
        landed = con.execute(f"select count(*) from landing.{grain.table} where load_id = $1", [load_id]).fetchall()
        wrong += [(load_id, landed, wanted)] if landed != [(wanted,)] else []

    assert wrong == []


def test_every_refused_row_has_its_reason(con: duckdb.DuckDBPyConnection) -> None:
    told = con.execute(
        "select load_id, rows_refused_count from landing.loads where is_current and rows_refused_count > 0 "
        "except select load_id, count(distinct (sheet_name, line_number)) from marts.rejected_rows "
        "where reason is not null group by load_id"
    ).fetchall()

    assert told == []
