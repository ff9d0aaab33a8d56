"""Small worlds in which every landed row may be for other eyes than the next one."""

import datetime as dt
import random
from itertools import pairwise
from typing import Any

import duckdb

from conjoin.schemas.tables import system_tables, tables
from conjoin.warehouse import build
from support.rule_cases import Case, audit_records, load_cases
from support.taint import CODES, DELIVERED

#: Most rows are for members; of each of the other audiences there are some.
_WEIGHTS = {"public": 3, "consortium_site": 6, "consortium_aggregate": 2, "owner_only": 2, "restricted_case": 1}
#: What has one visibility together; elsewhere a record, whichever of its deliveries. An audit may be for fewer eyes in
#: one file than in the next, and what a source tells of buyers, uses or refused rows it tells to the same readers.
_TOGETHER = {
    "audit_records": "concat_ws(' ', record_id, load_id, line_number)",
    "site_buyers": "source_name",
    "audit_uses": "source_name",
    "rejected_rows": "load_id",
}
_TITLES = ("Wages in Knitwear", "Overtime at Peak", "Heat on the Floor")


def load_tainted_cases(con: duckdb.DuckDBPyConnection, wanted: list[Case], number: int) -> None:
    """Load rule cases with all that a rule case leaves out, each row with a visibility drawn by a number."""
    draw = random.Random(number)  # noqa: S311 - the same world for the same number
    load_cases(con, wanted)
    more: dict[str, list[dict[str, Any]]] = {}
    for case in wanted:
        for name, rows in _beside(case, draw).items():
            more.setdefault(name, []).extend(rows)
    more["studies"] = [_study(line, draw) for line in range(6)]
    for name, rows in more.items():
        _add(con, name, rows)
    older = sorted({(row["source_name"], row["load_id"]) for row in more["audit_records"]})
    _add(con, "loads", [_load("extra", 1), _load("more", 2), *(_load(name, 0, load) for name, load in older)])
    _add(con, "reckoning", [{"as_of_date": draw.choice([dt.date(2030, 1, 1), dt.date(2026, 1, 20)])}])
    mix_visibilities(con, number)


def mix_visibilities(con: duckdb.DuckDBPyConnection, number: int) -> None:
    """Give every landed row a visibility drawn by a number; refused rows of one file have one together."""
    drawn = [code for code in CODES for _ in range(_WEIGHTS[code])]
    for name in DELIVERED:
        together = _TOGETHER.get(name, "record_id")
        con.execute(
            f"update landing.{name} set visibility = list_extract($1::varchar[], "
            f"(hash(concat_ws(' ', {together}, '{name}', $2)) % $3 + 1)::bigint)",
            [drawn, number, len(drawn)],
        )


def _beside(case: Case, draw: random.Random) -> dict[str, list[dict[str, Any]]]:
    """Rows of a case's site, and of those who ordered audits of it, that a rule case has no words for."""
    parties = sorted({str(row["commissioner"]) for row in audit_records(case) if row.get("commissioner")})
    records = [f"{case.record_id(f'site{line}')}" for line in range(draw.randrange(4))]
    rejected = {
        "load_id": "extra.1",
        "source_name": "extra",
        "feed": "any",
        "file_name": "extra.1.csv",
        "reason": "why",
    }
    return {
        "site_records": [_site(case, name, draw) for name in records],
        "site_memberships": [_member(name, case.site_id) for name in records],
        "site_links": [_between(one, other) | _LINK for one, other in pairwise(records)],
        "site_moves": [_move(one, other) for one, other in pairwise(records)],
        "conflicts": [_between(one, other) | {"kind": "k"} for one, other in pairwise(records)],
        "review_queue": [_between(one, other) for one, other in zip(records, records[2:], strict=False)],
        "site_buyers": [
            _row(case, f"buyer{line}", draw)
            | {"site_record_id": case.site_id, "buyer_name": draw.choice(names)}
            | {"as_of_date": draw.choice([None, dt.date(2025, 6, 1), dt.date(2029, 6, 1)])}
            for names in [[*parties, "Oak", "OAK"]]
            for line in range(draw.randrange(5))
        ],
        "site_identifiers": [
            _row(case, f"id{line}", draw)
            | {"site_record_id": case.site_id, "id_scheme": "os_id", "id_value": str(line)}
            for line in range(draw.randrange(2))
        ],
        "affiliations": [
            _row(case, f"member{line}", draw)
            | {"company_name": draw.choice([party, party.upper()]), "initiative": draw.choice(["fair_wear", "amfori"])}
            for party in parties
            for line in range(draw.randrange(3))
        ],
        "rejected_rows": [
            rejected | {"line_number": case.number, "column_name": str(n)} for n in range(draw.randrange(2))
        ],
        "audit_records": [
            row | {"load_id": f"{row['load_id'].rpartition('.')[0]}.0"}
            for row in audit_records(case)
            if draw.random() < 0.1
        ],
    }


_LINK = {"pattern": 1, "is_accepted": True}


def _row(case: Case, label: str, draw: random.Random) -> dict[str, Any]:
    source = draw.choice(["extra", "more"])
    load = "extra.1" if source == "extra" else "more.2"
    return {"record_id": case.record_id(label), "source_name": source, "load_id": load, "line_number": 1}


def _site(case: Case, record_id: str, draw: random.Random) -> dict[str, Any]:
    return _row(case, record_id.partition(":")[2], draw) | {
        "site_name": draw.choice(["Works", "Mill"]),
        "site_address": draw.choice([None, "1 Road", "2 Road"]),
        "country_code": draw.choice(["TR", "IN"]),
        "site_level": draw.choice(["site", "group"]),
        "is_closed": draw.random() < 0.2,
    }


def _member(record_id: str, site_id: str) -> dict[str, Any]:
    return {"record_id": record_id, "site_id": site_id, "match_probability": 1.0}


def _between(one: str, other: str) -> dict[str, Any]:
    return {"record_id_left": one, "record_id_right": other}


def _move(one: str, other: str) -> dict[str, Any]:
    return {"record_id_before": one, "record_id_after": other, "moved_on": dt.date(2025, 1, 1)}


def _study(line: int, draw: random.Random) -> dict[str, Any]:
    return {
        "record_id": f"extra:study{line}", "source_name": "extra", "load_id": "extra.1", "line_number": line,
        "study_title": draw.choice(_TITLES), "study_year": draw.choice([None, 2024, 2025]),
        "publisher": draw.choice([None, "Institute"]), "study_countries": ["TR"], "study_topics": ["wages"],
        "initiative": draw.choice(["fair_wear", "amfori"]),
    }  # fmt: skip


def _load(source: str, number: int, load_id: str | None = None) -> dict[str, Any]:
    return {
        "load_id": load_id or f"{source}.{number}", "source_name": source, "feed": "any", "file_name": f"{source}.csv",
        "delivered_at": dt.datetime(2029, 12, 1 + number), "load_status": "accepted", "is_current": True,
    }  # fmt: skip


def _add(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    """Add rows to a table of landing or matching; columns left out are null."""
    table = tables().get(name) or system_tables()[name]
    target = f"landing.{name}" if name in tables() else f"{build.system_schema(name)}.{name}"
    values = [tuple(row.get(column) for column in table.columns) for row in rows]
    if values:
        con.executemany(f"insert into {target} values ({', '.join('?' * len(table.columns))})", values)
