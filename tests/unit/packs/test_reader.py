"""Who sees which delivered row, for every kind of reader, every visibility and every kind of row."""

from collections.abc import Iterator
from datetime import date
from itertools import product

import duckdb
import pytest

from conjoin.packs.reader import Reader, reader_of, reader_of_totals
from conjoin.schemas.vocabularies import vocabulary

DAY = date(2026, 11, 30)
VISIBILITIES = vocabulary("visibility").codes
#: Who sees the rows of others as rows, by visibility: written down from the agreement, not from the code.
SEES = {
    "public": {"public"},
    "kestrel_sport": {"public", "consortium_site"},
    "fair_wear": {"public", "consortium_site"},
    "case_desk": {"public", "consortium_site", "restricted_case"},
    "coordinator": {"public", "consortium_site", "consortium_aggregate"},
    "totals": {"public", "consortium_site", "consortium_aggregate"},
}


def reader(name: str) -> Reader:
    return reader_of_totals(DAY) if name == "totals" else reader_of(name, DAY)


@pytest.fixture
def audits(con: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """One audit of each visibility, source, kind and status."""
    con.execute(
        "create table audits (source_name varchar, visibility varchar, audit_kind varchar, audit_status varchar, "
        "visit_start date, issued_date date, uploaded_date date, self_assessed_date date)"
    )
    for source, visibility, kind, status, day in product(
        ("kestrel_sport", "northwind", "nobody_answers_for_it"),
        VISIBILITIES,
        ("periodic_full", "complaint"),
        ("done", "planned"),
        ("2026-05-04", "2012-05-04"),
    ):
        con.execute(
            "insert into audits values (?, ?, ?, ?, ?, null, null, null)", [source, visibility, kind, status, day]
        )
    yield con


def expected(name: str, source: str, visibility: str, kind: str, status: str, day: str) -> bool:
    """The agreement: cases for case workers; one's own whole; plans one's own; the old leaves; else by visibility."""
    follows_cases = name == "case_desk"
    if (kind == "complaint" or visibility == "restricted_case") and not follows_cases:
        return False
    if source == name:
        return True
    if (status == "planned" and name != "totals") or day.startswith("2012"):
        return False
    if source == "nobody_answers_for_it" and visibility != "public":
        return False
    return visibility in SEES[name]


@pytest.mark.parametrize("name", SEES)
def test_a_reader_sees_what_the_agreement_says(name: str, audits: duckdb.DuckDBPyConnection) -> None:
    condition = reader(name).may_see("audit_records")
    columns = "source_name, visibility, audit_kind, audit_status, visit_start::varchar"
    seen = set(audits.execute(f"select {columns} from audits where {condition}").fetchall())
    every = audits.execute(f"select {columns} from audits").fetchall()
    assert seen == {row for row in every if expected(name, *row)}


def test_a_table_that_the_policy_does_not_name_is_closed() -> None:
    assert reader("coordinator").may_see("wages") == "false"


def test_complaints_are_for_case_workers_alone(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "create table complaints as select 'ccc' as source_name, unnest($1::varchar[]) as visibility", [VISIBILITIES]
    )
    seen = {
        name: con.execute(
            f"select count(*) from complaints where {reader_of(name, DAY).may_see('complaints')}"
        ).fetchall()
        for name in ("ccc", "kestrel_sport", "coordinator", "public")
    }
    assert set(map(str, seen.values())) == {"[(0,)]"}
    told = reader_of("case_desk", DAY).may_see("complaints")
    assert con.execute(f"select count(*) from complaints where {told}").fetchall() == [(3,)]


def test_rows_about_a_withheld_company_are_left_out(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table site_buyers (source_name varchar, visibility varchar, buyer_name varchar)")
    con.execute(
        "insert into site_buyers values ('fla', 'consortium_site', 'Northwind Outfitters'), "
        "('fla', 'consortium_site', ' kestrel sport '), ('fla', 'public', 'Bramble'), "
        "('kestrel_sport', 'owner_only', 'Us')"
    )
    condition = reader("kestrel_sport").may_see("site_buyers")
    seen = con.execute(f"select trim(buyer_name) from site_buyers where {condition} order by all").fetchall()
    assert seen == [("Bramble",), ("Us",), ("kestrel sport",)]
