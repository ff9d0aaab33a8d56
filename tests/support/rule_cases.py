"""Rule cases of tests/cases/*.toml: read, turned into landed rows, and built into one warehouse."""

import datetime as dt
import shlex
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from conjoin.schemas.tables import system_tables, tables
from conjoin.warehouse import build
from conjoin.warehouse.models import models_for

CASES = Path(__file__).parents[1] / "cases"
TODAY = dt.datetime(2030, 1, 1)
MARTS = ("audit_events", "audit_uses", "audit_pairs", "record_pairs", "refused_audits", "planned_overlaps")
_PLAIN = {"version": "scheme_version", "severity": "severity_band", "grade": "grade_raw", "native": "audit_id_source"}
_DAYS = {"issued": "issued_date", "uploaded": "uploaded_date", "self_assessed": "self_assessed_date"}
_KEYS = {
    "name", "why", "records", "events", "pairs", "policies", "complaints", "findings", "overrides", "expect",
    "relations", "planned", "refused", "bodies", "uses", "certificates", "aliases",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One site with what is known of it and what the rules must say.

    Attributes:
        number: Its place among all cases; part of every id, so that cases never meet.
        file: Where it stands.
        told: The case as written.
    """

    number: int
    file: str
    told: dict[str, Any] = field(repr=False)

    @property
    def site_id(self) -> str:
        """The site of the case."""
        return f"S{self.number:03}"

    def record_id(self, label: str) -> str:
        """Our id of a record of the case."""
        return f"c{self.number:03}:{label}"

    def party(self, name: str) -> str:
        """A party's name, other in every case."""
        return "; ".join(f"{self.number:03} {part.strip()}" for part in name.split(";"))

    def label(self, record_id: str) -> str:
        """The label of a record's id."""
        return record_id.partition(":")[2]


def cases() -> list[Case]:
    """All cases, in order of file and place."""
    told = [
        (path.stem, case) for path in sorted(CASES.glob("*.toml")) for case in tomllib.loads(path.read_text())["case"]
    ]
    for _, case in told:
        assert set(case) <= _KEYS, f"{case['name']}: {set(case) - _KEYS} are not words of a case"
    return [Case(number, file, case) for number, (file, case) in enumerate(told, 1)]


def build_cases(con: duckdb.DuckDBPyConnection, wanted: list[Case]) -> None:
    """Load the cases as if they had been delivered and matched, and build the marts that they look at."""
    load_cases(con, wanted)
    build.run_models(con, models_for([f"marts.{name}" for name in MARTS]))


def load_cases(con: duckdb.DuckDBPyConnection, wanted: list[Case]) -> None:
    """Load the cases as if they had been delivered and matched."""
    records = [record for case in wanted for record in audit_records(case)]
    build.create_schemas(con)
    build.load_landing(con, lambda _: [])
    for name, table in system_tables().items():
        build.load_parquet(con, f"{build.system_schema(name)}.{name}", table, [])
    build.load_content(con)
    landed = {
        "audit_records": records,
        "complaints": [row for case in wanted for row in _complaints(case)],
        "findings": [row for case in wanted for row in _findings(case)],
        "audit_uses": [row for case in wanted for row in _uses(case)],
        "certificates": [row for case in wanted for row in _certificates(case)],
    }
    for name, rows in landed.items():
        build.load_rows(con, f"landing.{name}", tables()[name], rows)
    system = {
        "landing.loads": [_load(source, load) for source, load in sorted({_load_of(row) for row in records})],
        "landing.sources": [
            {"source_name": source, "source_kind": "brand" if source.startswith("log") else "platform"}
            for source in sorted({str(row["source_name"]) for row in records} | {"cases"})
        ],
        "matching.site_memberships": [
            _membership(name)
            for name in sorted({case.site_id for case in wanted} | {row["site_record_id"] for row in records})
        ],
    }
    system["landing.loads"].append(_load("cases", "cases.1"))
    for name, rows in system.items():
        build.load_rows(con, name, system_tables()[name.split(".")[1]], rows)
    _replace(con, "reference.acceptance_policies", [row for case in wanted for row in _policies(case)])
    _replace(con, "reference.pair_overrides", [row for case in wanted for row in _overrides(case)])
    _replace(con, "reference.audit_bodies", [row for case in wanted for row in _bodies(case)])
    _replace(con, "reference.party_aliases", [row for case in wanted for row in _aliases(case)])


def audit_records(case: Case) -> list[dict[str, Any]]:
    """The landed audit records of a case."""
    return [_record(case, *shlex.split(line)) for line in case.told["records"]]


def _record(case: Case, label: str, scheme: str, kind: str, days: str, *words: str) -> dict[str, Any]:
    given = dict(word.split("=", 1) for word in words)
    start, _, end = days.partition("..")
    source = given.pop("from", "sheet")
    row: dict[str, Any] = {
        "record_id": case.record_id(given.pop("of", label)),
        "source_name": source,
        "load_id": f"{source}.{given.pop('load', '1')}",
        "line_number": 1,
        "visibility": "consortium_site",
        "site_record_id": f"{case.site_id}/{given.pop('units')}" if "units" in given else case.site_id,
        "scheme": scheme,
        "audit_kind": kind,
        "audit_status": given.pop("status", "done"),
        "auditor_party": int(given.pop("party", "3")),
        "visit_start": None if days == "-" else dt.date.fromisoformat(start or end),
        "visit_end": None if days == "-" else dt.date.fromisoformat(end or start),
        "audit_firm": _firm(case, given.pop("firm", "Veritor")),
    }
    if "by" in given:
        row |= {"commissioner": case.party(given.pop("by")), "commissioner_type": given.pop("by_type", "brand")}
    row["visit_end"] = row["visit_end"] or row["visit_start"]
    for word, column in _DAYS.items():
        row[column] = dt.date.fromisoformat(given.pop(word)) if word in given else None
    dated = {"visit": "visit_start", "issued": "issued_date", "uploaded": "uploaded_date"}
    row["date_kind"] = next((kind for kind, column in dated.items() if row[column]), "self_assessed")
    return row | _said(given)


def _membership(site_record_id: str) -> dict[str, Any]:
    """Where a site record belongs; the units that its name tells stand behind a slash."""
    site_id, _, units = site_record_id.partition("/")
    said = {"record_id": site_record_id, "site_id": site_id, "match_probability": 1.0}
    return said | {"site_units": units.split(",") if units else None}


def _said(given: dict[str, str]) -> dict[str, Any]:
    """What else a record says; every word must be known."""
    said: dict[str, Any] = {_PLAIN[word]: given.pop(word) for word in list(given) if word in _PLAIN}
    if "workers" in given:
        low, _, high = given.pop("workers").partition(",")
        said |= {"worker_count_min": int(low), "worker_count_max": int(high or low)}
    if "topics" in given:
        said["topics_in_scope"] = given.pop("topics").split(",")
    if "days" in given:
        said["auditor_days"] = float(given.pop("days"))
    if "shareable" in given:
        said["is_report_shareable"] = given.pop("shareable") == "true"
    if "valid_to" in given:
        said["valid_to"] = dt.date.fromisoformat(given.pop("valid_to"))
    if "notice" in given:
        said["notice"] = given.pop("notice")
    assert not given, f"{given} are not words of a record"
    return said


def _landed(case: Case, kind: str, number: int) -> dict[str, Any]:
    return {
        "record_id": case.record_id(f"{kind}{number}"),
        "source_name": "cases",
        "load_id": "cases.1",
        "line_number": 1,
        "visibility": "consortium_site",
        "site_record_id": case.site_id,
    }


def _complaints(case: Case) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(case.told.get("complaints", [])):
        month, _, topic = line.partition(" ")
        said = {"complaint_month": dt.date.fromisoformat(month), "topic": topic or None, "case_kind": "urgent_appeal"}
        rows.append(_landed(case, "case", number) | said)
    return rows


def _findings(case: Case) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(case.told.get("findings", [])):
        label, topic, severity, status, *closed = line.split()
        said = {
            "audit_record_id": case.record_id(label),
            "topic": topic,
            "finding_kind": "noncompliance",
            "severity_band": severity,
            "finding_status": status,
            "closed_date": dt.date.fromisoformat(closed[0]) if closed else None,
        }
        rows.append(_landed(case, "finding", number) | said)
    return rows


def _uses(case: Case) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(case.told.get("uses", [])):
        label, *words = shlex.split(line)
        given = dict(word.split("=", 1) for word in words)
        said = {
            "audit_record_id": case.record_id(label),
            "organisation": case.party(given["by"]),
            "reliance_kind": given.get("kind", "share"),
            "relied_from_date": dt.date.fromisoformat(given["from"]) if "from" in given else None,
        }
        rows.append(_landed(case, "use", number) | said)
    return rows


def _certificates(case: Case) -> list[dict[str, Any]]:
    rows = []
    for number, line in enumerate(case.told.get("certificates", [])):
        scheme, *words = line.split()
        given = dict(word.split("=", 1) for word in words)
        said = {
            "scheme": scheme,
            "certificate_status": {"valid": "active"}.get(given["status"], given["status"]),
            "issued_date": dt.date.fromisoformat(given["issued"]),
            "valid_to": dt.date.fromisoformat(given["to"]),
            "withdrawn_date": dt.date.fromisoformat(given["on"]) if "on" in given else None,
        }
        rows.append(_landed(case, "certificate", number) | said)
    return rows


def _firm(case: Case, name: str) -> str | None:
    """A firm of which the case says that it is accredited is another one in every case."""
    if name == "?":
        return None
    return case.party(name) if name in {body[key] for body in case.told.get("bodies", []) for key in body} else name


def _bodies(case: Case) -> list[dict[str, Any]]:
    rows = []
    for body in case.told.get("bodies", []):
        said = {"accredited_from_date": body.get("from"), "accredited_to_date": body.get("to")}
        said |= {"scheme": body["scheme"], "accredited_by": "case", "source": "case"}
        rows.append(said | {"firm_name": case.party(body["firm"])})
    return rows


def _aliases(case: Case) -> list[dict[str, Any]]:
    told = [
        {
            "alias_name": case.party(alias["alias"]),
            "party_name": case.party(alias["party"]),
            "valid_from_date": alias.get("from"),
            "valid_to_date": alias.get("to"),
            "source": "case",
        }
        for alias in case.told.get("aliases", [])
    ]
    firms = [
        {"alias_name": case.party(body["alias"]), "party_name": case.party(body["firm"]), "source": "case"}
        for body in case.told.get("bodies", [])
        if "alias" in body
    ]
    return told + firms


def _policies(case: Case) -> list[dict[str, Any]]:
    told = [dict(policy) for policy in case.told.get("policies", [])]
    return [policy | {"buyer_name": case.party(policy.pop("buyer")), "source": "case"} for policy in told]


def _overrides(case: Case) -> list[dict[str, Any]]:
    told = [dict(override) for override in case.told.get("overrides", [])]
    return [
        override
        | {
            "record_id_a": case.record_id(override.pop("a")),
            "record_id_b": case.record_id(override.pop("b")),
            "decided_date": dt.date(2029, 1, 1),
        }
        for override in told
    ]


def _load_of(row: dict[str, Any]) -> tuple[str, str]:
    return str(row["source_name"]), str(row["load_id"])


def _load(source: str, load_id: str) -> dict[str, Any]:
    number = int(load_id.rpartition(".")[2])
    return {
        "load_id": load_id,
        "source_name": source,
        "feed": "audits",
        "file_name": f"{load_id}.csv",
        "delivered_at": TODAY - dt.timedelta(days=10 - number) if source != "cases" else TODAY,
        "load_status": "accepted",
        "is_current": True,
    }


def _replace(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    """Replace the rows of a reference table."""
    con.execute(f"delete from {name}")
    for row in rows:
        columns = ", ".join(row)
        con.execute(f"insert into {name} ({columns}) values ({', '.join('?' * len(row))})", list(row.values()))
