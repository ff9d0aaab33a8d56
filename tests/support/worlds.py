"""Simulated worlds with perfect site identity: the deliveries as read, or the truth as if it had been delivered."""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from conjoin.schemas.tables import system_tables, tables
from conjoin.sources import mapping, registry
from conjoin.sources.descriptor import Source
from conjoin.sources.emits import Delivery
from conjoin.sources.patterns import match_feed
from conjoin.sql import quote_literal
from conjoin.warehouse import build
from conjoin.warehouse.models import models_for

_TODAY = date(2026, 11, 1)


def build_delivered(con: duckdb.DuckDBPyConnection, world: Path, marts: list[str]) -> None:
    """Read every delivered file, put every site record at its true site, and build the marts."""
    _prepare(con)
    load_rows = []
    for name, source in registry.sources().items():
        for path in sorted((world / "inbox" / name).iterdir()):
            load_rows.append(land(con, source, path))
    sites = quote_literal(str(world / "truth" / "site_records.csv"))
    con.execute(
        "insert into matching.site_memberships by name "
        f"select record_id, true_site_id as site_id, 1.0 as match_probability from read_csv({sites})"
    )
    _build(con, load_rows, marts)


def build_audits(con: duckdb.DuckDBPyConnection, audits: str, marts: list[str]) -> None:
    """Build the marts over a select of landed audit records; every site record is a site of its own."""
    _prepare(con)
    said = "load_id: 'told', line_number: 1, source_name: 'told', visibility: 'consortium_site', audit_status: 'done'"
    con.execute(f"insert into landing.audit_records by name select unnest({{{said}}}), * from ({audits})")
    _build(con, [_load("told", "told", "told.csv", None)], marts)


def build_truth(con: duckdb.DuckDBPyConnection, world: Path, marts: list[str]) -> None:
    """Every true event as one perfect record, named by its true id, and every true case; then build the marts."""
    _prepare(con)
    events = pd.read_csv(world / "truth" / "events.csv", low_memory=False)
    cases = pd.read_csv(world / "truth" / "cases.csv")
    con.register("true_events", events.assign(topics_in_scope=events["topics_in_scope"].astype("string")))
    con.register("true_cases", cases)
    said = "load_id: 'truth', line_number: 1, source_name: 'truth', visibility: 'consortium_site'"
    con.execute(
        f"""insert into landing.audit_records by name
        select unnest({{{said}}}), true_event_id as record_id, true_site_id as site_record_id, scheme, audit_kind,
            audit_status, commissioner, commissioner_type, audit_firm, auditor_party::int as auditor_party, notice,
            visit_start::date as visit_start, visit_end::date as visit_end, issued_date::date as issued_date,
            uploaded_date::date as uploaded_date, self_assessed_date::date as self_assessed_date,
            valid_to::date as valid_to, grade_raw, severity_band, string_split(topics_in_scope, '|') as topics_in_scope,
            worker_count as worker_count_min, worker_count as worker_count_max, auditor_days, is_report_shareable
        from true_events"""
    )
    con.execute(
        f"""insert into landing.complaints by name
        select unnest({{{said}}}), true_case_id as record_id, true_site_id as site_record_id,
            complaint_month::date as complaint_month, topic, 'urgent_appeal' as case_kind
        from true_cases"""
    )
    con.execute(
        "insert into matching.site_memberships by name "
        "select distinct true_site_id as record_id, true_site_id as site_id, 1.0 as match_probability from true_events"
    )
    _build(con, [_load("truth", "truth", "truth.csv", None)], marts)


def _prepare(con: duckdb.DuckDBPyConnection) -> None:
    build.create_schemas(con)
    build.load_landing(con, lambda _: [])
    for name, table in system_tables().items():
        build.load_parquet(con, f"{build.system_schema(name)}.{name}", table, [])
    build.load_content(con)
    mapping.prepare(con)


def land(con: duckdb.DuckDBPyConnection, source: Source, path: Path) -> dict[str, object]:
    matched = match_feed(source, path.name)
    assert matched is not None, path
    load_id = f"{source.name}.{path.name}"
    delivery = Delivery(source, matched[0], load_id, path.name, _TODAY, matched[1])
    for table, relation in mapping.read_delivery(con, path, delivery).tables.items():
        columns = ", ".join(tables()[table].columns)
        con.execute(f"insert into landing.{table} by name select {columns} from {relation}")
    return _load(load_id, source.name, path.name, matched[1])


def _load(load_id: str, source_name: str, file_name: str, period: str | None) -> dict[str, object]:
    return {
        "load_id": load_id,
        "source_name": source_name,
        "feed": "any",
        "file_name": file_name,
        "period": period,
        "delivered_at": _TODAY,
        "load_status": "accepted",
        "is_current": True,
    }


def _build(con: duckdb.DuckDBPyConnection, load_rows: list[dict[str, object]], marts: list[str]) -> None:
    build.load_rows(con, "landing.loads", system_tables()["loads"], load_rows)
    kinds = [{"source_name": source.name, "source_kind": source.kind} for source in registry.sources().values()]
    build.load_rows(con, "landing.sources", system_tables()["sources"], kinds)
    build.run_models(con, models_for([f"marts.{name}" for name in marts]))
