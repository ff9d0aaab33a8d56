"""DuckDB measures canonical tables, Great Expectations judges the figures."""

from typing import Any

import duckdb

from conjoin.schemas.expectations import Check, judge, table_checks
from conjoin.schemas.profile import measure
from conjoin.schemas.tables import table
from conjoin.sources.envelopes import envelope_checks, envelope_measures
from conjoin.sources.mapping import Reading
from conjoin.sql import quote_identifier
from support import quillhaven

Con = duckdb.DuckDBPyConnection


def buyers(con: Con, rows: list[dict[str, Any]]) -> str:
    """A relation of ``site_buyers`` with the given cells."""
    wanted = table("site_buyers")
    plain = {"record_id": "q:0123456789abcdef", "source_name": "q", "load_id": "l", "line_number": 2}
    plain |= {"visibility": "public", "site_record_id": "q:0123456789abcdef", "buyer_name": "Q", "as_of_date": None}
    columns = ", ".join(f"{quote_identifier(entry.name)} {entry.sql_type}" for entry in wanted.fields)
    con.execute(f"create table buyers ({columns})")
    for row in rows:
        con.execute(
            f"insert into buyers values ({', '.join('?' * len(wanted.columns))})", list({**plain, **row}.values())
        )
    return "buyers"


def test_measures_of_a_table(con: Con) -> None:
    rows = [{}, {"record_id": "q:xyz", "visibility": "secret"}, {"buyer_name": None, "as_of_date": "2026-04-30"}]
    found = measure(con, buyers(con, rows), table("site_buyers"))
    assert found["site_buyers.rows"] == 3
    assert found["site_buyers.duplicate_keys"] == 1
    assert found["site_buyers.malformed.record_id"] == 1
    assert found["site_buyers.unknown.visibility"] == 1
    assert found["site_buyers.missing.buyer_name"] == 1
    assert found["site_buyers.fill_rate.as_of_date"] == 1 / 3
    assert "site_buyers.missing.as_of_date" not in found


def test_an_empty_table_has_no_fill_rates(con: Con) -> None:
    found = measure(con, buyers(con, []), table("site_buyers"))
    assert found["site_buyers.rows"] == 0
    assert found["site_buyers.fill_rate.buyer_name"] is None


def test_each_row_of_measures_is_judged_by_each_check(con: Con) -> None:
    measures = measure(con, buyers(con, [{}, {"buyer_name": None}]), table("site_buyers"))
    rows = {"load-1": measures, "load-2": {**measures, "site_buyers.missing.buyer_name": 0.0, "rows": 12.0}}
    checks = [*table_checks(table("site_buyers")), Check("rows", "warn", max_value=10, note="rows in the file")]
    failed = [result for result in judge("q", rows, checks) if not result.is_passed]
    assert {(result.target, result.check_name, result.severity) for result in failed} == {
        ("load-1", "site_buyers.duplicate_keys", "refuse"),
        ("load-1", "site_buyers.missing.buyer_name", "refuse"),
        ("load-2", "site_buyers.duplicate_keys", "refuse"),
        ("load-2", "rows", "warn"),
    }
    told = {result.check_name: (result.observed_value, result.expected_value, result.note) for result in failed}
    assert told["rows"] == ("12", "at most 10", "rows in the file")
    assert told["site_buyers.missing.buyer_name"] == ("1", "0", "never empty")


def test_nothing_to_judge_gives_no_result() -> None:
    assert judge("q", {"load-1": {"other": 1.0}}, [Check("rows", "refuse", min_value=1)]) == []


def test_bounds_in_words() -> None:
    assert Check("rows", "warn", 1, 9).expected == "at least 1 and at most 9"
    assert Check("rows", "warn", 0, 0).expected == "0"


def test_envelopes_follow_the_declaration() -> None:
    expect = {"min": {"rows": 5, "fill_rate": {"audit_firm": 0.9}}, "max": {"rows": 50, "fill_rate": {"notice": 0.5}}}
    feed = quillhaven.source(expect=expect).feed["log"]
    bounds = {
        check.measure: (check.severity, check.min_value, check.max_value) for check in envelope_checks("q.log", feed)
    }
    assert bounds == {
        "q.log.rows": ("refuse", 5, None),
        "q.log.share_of_last": ("refuse", 0.6, None),
        "q.log.rows_high": ("warn", None, 50),
        "q.log.refused_share": ("refuse", None, 0.5),
        "q.log.audit_records.fill_rate.audit_firm": ("refuse", 0.9, None),
        "q.log.audit_records.fill_rate_high.notice": ("warn", None, 0.5),
    }
    rates = {"audit_records.fill_rate.audit_firm": 0.25, "audit_records.fill_rate.notice": None}
    measures = envelope_measures("q.log", feed, Reading({}, 8, 6, 2, 0, 0), dict(rates), rows_last=16)
    assert set(measures) == set(bounds)
    assert (measures["q.log.refused_share"], measures["q.log.share_of_last"]) == (0.25, 0.5)
    assert envelope_measures("q.log", feed, Reading({}, 0, 0, 0, 0, 0), {}, None)["q.log.share_of_last"] is None
