"""Every rule case of tests/cases holds on a warehouse built with the real models."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from support.rule_cases import Case, audit_records, build_cases, cases

CASES = cases()
IDS = [f"{case.file}: {case.told['name']}" for case in CASES]


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect()
    build_cases(con, CASES)
    yield con
    con.close()


def _rows(con: duckdb.DuckDBPyConnection, sql: str, *given: Any) -> list[dict[str, Any]]:
    cursor = con.execute(sql, list(given))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def test_there_are_cases_for_every_class_and_reason() -> None:
    told = [line.split() for case in CASES for line in case.told.get("pairs", [])]
    assert {words[2] for words in told} == {
        "pilot", "joint_visit", "complaint_triggered", "certification_cycle", "followup", "renewal", "own_repeat",
        "repeat_avoidable", "repeat_justified",
    }  # fmt: skip
    assert {reason for words in told for reason in words[3:]} == {
        "site_changed", "outdated", "grade_too_low", "scope_missing", "announced", "unaccredited",
        "orderer_unknown",
    }  # fmt: skip
    assert len({case.told["name"] for case in CASES}) == len(CASES) >= 500


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_rows_become_events(warehouse: duckdb.DuckDBPyConnection, case: Case) -> None:
    found = _rows(
        warehouse,
        "select event_id, list(record_id order by record_id) as records from marts.audit_event_records "
        "where site_id = $1 group by event_id",
        case.site_id,
    )
    done = {case.label(row["record_id"]) for row in audit_records(case) if row["audit_status"] == "done"}
    expected = case.told.get("events", sorted(done))
    assert sorted(" ".join(map(case.label, row["records"])) for row in found) == sorted(expected)
    refused = _rows(
        warehouse, "select record_id, reason from marts.refused_audits where starts_with(record_id, $1)",
        case.record_id(""),
    )  # fmt: skip
    assert sorted(f"{case.label(row['record_id'])} {row['reason']}" for row in refused) == case.told.get("refused", [])


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=name) for case, name in zip(CASES, IDS, strict=True) if "pairs" in case.told]
)
def test_pairs_get_their_class_and_reasons(warehouse: duckdb.DuckDBPyConnection, case: Case) -> None:
    found = _rows(
        warehouse, "select event_id_a, event_id_b, gap_days, pair_class, reason, reasons from marts.audit_pairs "
        "where site_id = $1", case.site_id,
    )  # fmt: skip
    told = {}
    for row in found:
        labels = [case.label(row[name]) for name in ("event_id_a", "event_id_b")]
        # Of two audits that begin on one day, neither is the earlier one.
        pair = " ".join(labels if row["gap_days"] else sorted(labels))
        told[pair] = " ".join([row["pair_class"], *(row["reasons"] or [])])
        assert row["reason"] == (row["reasons"] or [None])[0]
    expected = {" ".join(line.split()[:2]): " ".join(line.split()[2:]) for line in case.told["pairs"]}
    assert told == expected, case.told["why"]


@pytest.mark.parametrize(
    ("case", "label"),
    [
        pytest.param(case, label, id=f"{name}, {label}")
        for case, name in zip(CASES, IDS, strict=True)
        for label in case.told.get("expect", {})
    ],
)
def test_events_say_what_is_expected(warehouse: duckdb.DuckDBPyConnection, case: Case, label: str) -> None:
    (event,) = _rows(warehouse, "select * from marts.audit_events where event_id = $1", case.record_id(label))
    expected = case.told["expect"][label]
    assert {name: _plain(case, event[name]) for name in expected} == {
        name: _plain(case, value) for name, value in expected.items()
    }


def _plain(case: Case, value: Any) -> Any:
    """Ids as labels, parties without the number of their case; an empty text is nothing."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, str):
        return value.replace(case.record_id(""), "").removeprefix(f"{case.number:03} ") or None
    return value


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=name) for case, name in zip(CASES, IDS, strict=True) if "relations" in case.told]
)
def test_rows_are_related(warehouse: duckdb.DuckDBPyConnection, case: Case) -> None:
    found = _rows(
        warehouse, "select record_id_a, record_id_b, relation from marts.record_pairs where site_id = $1", case.site_id
    )
    told = [
        " ".join([*sorted(case.label(row[name]) for name in ("record_id_a", "record_id_b")), row["relation"]])
        for row in found
    ]
    assert sorted(told) == sorted(case.told["relations"])


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=name) for case, name in zip(CASES, IDS, strict=True) if "planned" in case.told]
)
def test_planned_visits_are_compared(warehouse: duckdb.DuckDBPyConnection, case: Case) -> None:
    found = _rows(warehouse, "select * from marts.planned_overlaps where site_id = $1", case.site_id)
    expected = case.told["planned"]
    assert sorted(case.label(row["record_id"]) for row in found) == sorted(expected)
    for row in found:
        wanted = expected[case.label(row["record_id"])]
        assert {name: _plain(case, row[name]) for name in wanted} == wanted
