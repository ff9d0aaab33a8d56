"""Many plain rows in little time, for benchmarks: audit logs of one declared source, and site lists to match."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from conjoin.content import PROJECT_MARKER
from conjoin.simulate.industry.identifiers import os_ids
from conjoin.simulate.industry.truth import AS_OF, OTHER_COMPANIES, build_industry
from conjoin.simulate.writing.dirt import Scribe
from conjoin.sources.descriptor import Source
from conjoin.sources.registry import read_source
from conjoin.sql import quote_literal

SOURCE_NAME = "bulk"
_ROWS_PER_SITE = 20
_CROWD_BRANDS = 100
_CROWD_DAYS = 1080  # somewhat less than the horizon of 36 months
_DECLARATION = """# An invented log of audits, only for measuring how fast files are read.
title      = "Bulk audit log"
summary    = "Generated audits in as many rows and files as a benchmark asks for"
owner      = "benchmarks@conjoin.example"
schedule   = "0 5 1 * *"
visibility = "consortium_site"
terms      = "Generated; free of any terms"

[feed.audits]
grain     = "one row per audit visit"
pattern   = "bulk_audits_{period}.csv"
format    = "csv"
emits     = ["audit_records", "site_records"]
constants = { commissioner_type = "brand" }

[feed.audits.key]
audit_records = ["Visit No"]
site_records  = ["Vendor Code"]

[feed.audits.columns]
"Visit No"      = "audit_id_source"
"Vendor Code"   = "site_id_source"
"Factory Name"  = "site_name"
"Address"       = "site_address"
"City"          = "city_name"
"Country"       = "country_code"
"Workers"       = "worker_count"
"Ordered By"    = "commissioner"
"Programme"     = "scheme"
"Visit Type"    = "audit_kind"
"Notice"        = "notice"
"Auditor Type"  = "auditor_party"
"Audit Firm"    = "audit_firm"
"First Day"     = "visit_start"
"Last Day"      = "visit_end"
"Auditor Days"  = "auditor_days"
"Result"        = ["grade_raw", "severity_band"]

[feed.audits.ignore]
"Merchandiser"  = "personal data"
"Price Band"    = "commercially sensitive"

[feed.audits.values.scheme]
"Own Standard" = "brand_programme"

[feed.audits.values.audit_kind]
"Initial"   = "initial_full"
"Periodic"  = "periodic_full"
"Follow-up" = "followup_partial"

[feed.audits.values.auditor_party]
"Own staff"   = "2"
"Third party" = "3"

[feed.audits.values.severity_band]
"Green"  = "minor"
"Orange" = "major"
"Red"    = "critical"

[feed.audits.expect]
min.rows = 1
"""


@dataclass(frozen=True)
class BulkDelivery:
    """A generated source and its files.

    Attributes:
        source: Its declaration; it stands in ``project``/sources, where a run with CONJOIN_PROJECT finds it.
        project: A project folder.
        files: The files, in order of their periods, in ``project``/.data/inbox/bulk, its default inbox.
    """

    source: Source
    project: Path
    files: list[Path]


def write_audit_files(out: Path, rows: int, files: int, seed: int = 7, crowd: int = 0) -> BulkDelivery:
    """Write ``rows`` audits in ``files`` CSV files, every audit once, about twenty audits a site.

    Args:
        out: Becomes a project folder with a declaration and an inbox.
        rows: In all files together.
        files: How many; each speaks for a month.
        seed: Shifts every value.
        crowd: So many of the rows are at one more site, each an event of its own, and all within 36 months.
    """
    declaration = out / "sources" / "brands" / SOURCE_NAME / "source.toml"
    declaration.parent.mkdir(parents=True, exist_ok=True)
    declaration.write_text(_DECLARATION, encoding="utf-8")
    (out / PROJECT_MARKER).touch()
    inbox = out / ".data" / "inbox" / SOURCE_NAME
    inbox.mkdir(parents=True, exist_ok=True)
    bounds = np.linspace(0, rows, files + 1).astype(int)
    last = AS_OF.to_period("M")
    paths = [inbox / f"bulk_audits_{last - (files - 1 - number)}.csv" for number in range(files)]
    with duckdb.connect() as con:
        for path, first, end in zip(paths, bounds[:-1], bounds[1:], strict=True):
            select = _rows_sql(int(first), int(end), rows, seed, crowd)
            con.execute(f"copy ({select}) to {quote_literal(str(path))} (header)")
    return BulkDelivery(read_source(declaration), out, paths)


def _rows_sql(first: int, end: int, rows: int, seed: int, crowd: int) -> str:
    """Select of the rows numbered ``first`` to ``end`` - 1; every value follows from number and seed."""
    sites = max(rows // _ROWS_PER_SITE, 1)
    # At the crowded site a hundred brands audit by programmes of their own, each every few weeks: no two are one event.
    days_between = max(_CROWD_DAYS * _CROWD_BRANDS // max(crowd, 1), 1)
    return f"""
    with numbered as (
        select
            range as n,
            n < {crowd} as is_crowd,
            if(is_crowd, {sites}, (range * 7919 + {seed}) % {sites}) as site,
            (range * 104729 + {seed} * 31) % 1000003 as chance,
            range % {_CROWD_BRANDS} as brand,
            n // {_CROWD_BRANDS} * {days_between} + brand % {days_between} as crowd_day,
            if(is_crowd, 1461 + crowd_day, chance % 2800)::int as day
        from range({first}, {end})
    )
    select
        'V' || lpad(n::varchar, 9, '0') as "Visit No",
        'B' || lpad(site::varchar, 8, '0') as "Vendor Code",
        ['Ada', 'Nodi', 'Kaveri', 'Hoa', 'Yun'][1 + site % 5] || ' ' || site || ' Garments Ltd.' as "Factory Name",
        'Plot ' || (1 + site % 900) || ', Road ' || (1 + site % 37) as "Address",
        ['Gazipur', 'Savar', 'Bursa', 'Izmir', 'Ningbo'][1 + site % 5] as "City",
        ['Bangladesh', 'BD', 'Turkey', 'TR', 'China'][1 + site % 5] as "Country",
        50 + site % 4000 as "Workers",
        'Bulk Retail ' || if(is_crowd, 8 + brand, 1 + chance % 23 % 7) as "Ordered By",
        if(is_crowd, 'Own Standard', ['Own Standard', 'SMETA 4-Pillar', 'BSCI'][1 + chance % 3]) as "Programme",
        ['Initial', 'Periodic', 'Follow-up'][1 + chance % 7 % 3] as "Visit Type",
        ['Announced', 'Semi-announced', 'Unannounced'][1 + chance % 11 % 3] as "Notice",
        ['Own staff', 'Third party'][1 + chance % 2] as "Auditor Type",
        ['Veritor Assurance', 'Sable & Finch Inspection', 'Anadolu Denetim'][1 + chance % 13 % 3] as "Audit Firm",
        date '2019-01-01' + day as "First Day",
        date '2019-01-01' + (day + chance % 3)::int as "Last Day",
        1 + chance % 4 / 2 as "Auditor Days",
        ['Green', 'Orange', 'Red'][1 + chance % 17 % 3] as "Result",
        'A. Example' as "Merchandiser",
        chance % 30 as "Price Band"
    from numbered
    """


def site_lists(sites: int, lists: int, seed: int = 7, coverage: float = 0.5) -> pd.DataFrame:
    """Records of several lists over one industry, in the columns that ``conjoin link`` reads, with the truth.

    Args:
        sites: How many true sites there are.
        lists: How many lists; each has its own way of writing.
        seed: The same seed gives the same records.
        coverage: Share of the sites that each list names.

    Returns:
        One row per record; key record_id. ``os_id`` is null for most records, ``true_site_id`` is the answer.
    """
    rng = np.random.default_rng(seed)
    true_sites = build_industry(rng, sites, list(OTHER_COMPANIES)).sites
    parts = []
    for number in range(lists):
        listed = true_sites[rng.random(sites) < coverage]
        written = Scribe(rng).write(listed)
        ids = pd.Series(
            os_ids(listed.index.to_numpy() * 2, listed["country_code"].to_numpy(dtype=str)), index=listed.index
        )
        written["os_id"] = ids.astype(object).where(listed["has_os_id"] & (rng.random(len(listed)) < 0.2), None)
        written["source"], written["true_site_id"] = f"list_{number + 1}", listed["true_site_id"]
        parts.append(written)
    records = pd.concat(parts, ignore_index=True)
    records["record_id"] = (
        records["source"] + ":" + records.groupby("source").cumcount().add(1).astype(str).str.zfill(7)
    )
    names = {"site_name": "name", "site_address": "address", "city_name": "city", "region_name": "region"}
    names |= {"country_code": "country", "latitude": "lat", "longitude": "lon"}
    columns = ["record_id", "source", *names.values(), "postal_code", "os_id", "true_site_id"]
    return records.rename(columns=names)[columns]
