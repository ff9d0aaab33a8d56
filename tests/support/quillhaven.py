"""Quillhaven, an invented brand that delivers one and the same visit list in four formats."""

import tomllib
from pathlib import Path
from typing import Any

from conjoin.sources.descriptor import Source

NAME = "quillhaven"

#: Every column of a delivery, in order, and an ordinary row.
ORDINARY = {
    "Visit No": "V-001",
    "Vendor Code": "Q17",
    "Factory": "Alder Loom Works",
    "Street": "12 Mill Road",
    "City": "Izmir",
    "Country": "Türkiye",
    "Lat": "38.42",
    "Lon": "27.14",
    "Workers": "340",
    "Programme": "Quillhaven Standard",
    "Visit Type": "Initial",
    "First Day": "2026-03-02",
    "Last Day": "2026-03-03",
    "Result": "Amber",
    "Shareable": "yes",
    "Contact E-mail": "someone@example.org",
}
HEADER = list(ORDINARY)

#: Feed to the file name of one of its deliveries.
FILES = {
    "log": "visits_2026-04.csv",
    "book": "visits_2026-04.xlsx",
    "tree": "visits_2026-04.json",
    "stream": "visits_2026-04.jsonl",
}

_FEED = """
[feed.{name}]
grain     = "one row per visit"
pattern   = "{pattern}"
format    = "{format}"
{reader}
emits     = ["audit_records", "site_records"]
constants = {{ auditor_party = "2", commissioner = "Quillhaven", commissioner_type = "brand" }}

[feed.{name}.key]
audit_records = ["Visit No"]
site_records  = ["Vendor Code"]

[feed.{name}.columns]
"Visit No"    = "audit_id_source"
"Vendor Code" = "site_id_source"
"Factory"     = "site_name"
"Street"      = "site_address"
"City"        = "city_name"
"Country"     = "country_code"
"Lat"         = "latitude"
"Lon"         = "longitude"
"Workers"     = "worker_count"
"Programme"   = "scheme"
"Visit Type"  = "audit_kind"
"First Day"   = "visit_start"
"Last Day"    = "visit_end"
"Result"      = ["grade_raw", "severity_band"]
"Shareable"   = "is_report_shareable"

[feed.{name}.ignore]
"Contact E-mail" = "personal data"

[feed.{name}.skip]
"Result" = {{ "template row" = "the export begins with the vendor portal's example" }}

[feed.{name}.values.scheme]
"Quillhaven Standard" = "brand_programme"

[feed.{name}.values.audit_kind]
"Initial"  = "initial_full"
"Periodic" = "periodic_full"

[feed.{name}.values.severity_band]
"Amber" = "major"
"Green" = "minor"
"n/a"   = ""

[feed.{name}.values.grade_raw]
"n/a" = ""

[feed.{name}.dates]
formats = ["%Y-%m-%d", "%d.%m.%Y"]

[feed.{name}.expect]
min.rows          = 1
max.refused_share = 0.5
"""

DECLARATION = """# Quillhaven, an invented brand.
title      = "Quillhaven visits"
summary    = "Visits that Quillhaven ordered"
owner      = "the sourcing team"
schedule   = "0 5 2 * *"
visibility = "consortium_site"
terms      = "For the members of the pooling"
""" + "".join(
    _FEED.format(name=name, pattern=pattern, format=file_format, reader=reader)
    for name, pattern, file_format, reader in (
        ("log", "visits_{period}.csv", "csv", ""),
        ("book", "visits_{period}.xls*", "workbook", ""),
        ("tree", "visits_{period}.json", "json", 'reader    = { records = ["visits"] }'),
        ("stream", "visits_{period}.jsonl", "json_lines", ""),
    )
)


def row(number: int = 1, **changes: str) -> dict[str, str]:
    """An ordinary row with a number and a vendor of its own; ``changes`` names columns with ``_`` for a blank."""
    changed = {name.replace("_", " "): value for name, value in changes.items()}
    assert set(changed) <= set(HEADER), f"no such column: {set(changed) - set(HEADER)}"
    return {**ORDINARY, "Visit No": f"V-{number:03}", "Vendor Code": f"Q{number:02}", **changed}


def rows(count: int) -> list[dict[str, str]]:
    """``count`` ordinary rows."""
    return [row(number) for number in range(1, count + 1)]


def source(feed: str = "log", **changes: Any) -> Source:
    """The declaration with settings of one feed replaced (``reader``, ``dates`` ...); nested tables are merged."""
    declared = tomllib.loads(DECLARATION)
    _merge(declared["feed"][feed], changes)
    return Source.model_validate({**declared, "name": NAME, "kind": "brand"})


def write_declaration(root: Path, text: str = DECLARATION, name: str = NAME) -> Path:
    """Put a declaration into the project folder ``root``."""
    path = root / "sources" / "brands" / name / "source.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def _merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
