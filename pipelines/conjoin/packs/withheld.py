"""What is withheld of the rows that a reader may see: names of other companies, their ids, what prints a grade.

It is withheld before the warehouse of a pack is built, so nothing in the pack can rest on it. Days are the exception:
whether two audits overlap hangs on them, so they are told by quarter in what is built (``packs.shown``).
"""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from conjoin.packs.reader import Reader, among
from conjoin.schemas.policy import parties, policy
from conjoin.schemas.tables import Table, tables
from conjoin.sources import registry
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.models import Model, models_for

#: The source that rows of other companies seem to come from; no folder below sources/ can have this name.
ANOTHER_MEMBER = "another member"

_NAMES = """
-- One row per audit of others and orderer, with the site that matching found.
create or replace temp table named as
select audits.record_id, coalesce(memberships.site_id, audits.site_record_id) as site_id, trim(part) as written,
    audits.visibility = 'public' as is_published
from (
    select *, unnest(string_split(coalesce(commissioner, {owner}), ';')) as part
    from staging.audit_records
    where {is_company} or visibility = 'public'
) as audits
left join matching.site_memberships as memberships on audits.site_record_id = memberships.record_id
where trim(part) <> '';

-- Numbered within a site by the record that names them first, so that a number says nothing of a name.
create or replace temp table labels as
select site_id, lower(written) as name_key,
    '{label} ' || row_number() over (partition by site_id order by min(record_id)) as label
from named
where not is_published and not {is_reader} and not {is_party_named}
    and (site_id, lower(written)) not in (select (site_id, lower(written)) from named where is_published)
group by site_id, lower(written);

create or replace temp table shown_names as
select named.record_id,
    string_agg(coalesce(labels.label, named.written), '; ' order by labels.label, named.written) as shown
from named
left join labels on named.site_id = labels.site_id and lower(named.written) = labels.name_key
where not named.is_published
group by named.record_id
"""
_GRADED = """
create or replace temp table graded as
select distinct scheme from reference.scheme_validity
where grade is not null
group by scheme, scheme_version, audit_kind, starts_from having count(distinct months_central) > 1
"""


def write_withheld(con: duckdb.DuckDBPyConnection, reader: Reader, folder: Path) -> None:
    """Write every delivered table as the reader gets to see it, one Parquet file each.

    Args:
        con: A workbench with ``staging`` and ``matching`` of what the reader may see.
        reader: Who will see it.
        folder: An empty folder.
    """
    con.execute(_GRADED)
    con.execute(
        _NAMES.format(
            owner=_owner_of_source(),
            is_company=_is_company(reader),
            label=ANOTHER_MEMBER,
            is_reader=reader.is_its_name("written"),
            is_party_named=among("lower(written)", _names_told()),
        )
    )
    for table in tables().values():
        path = quote_literal(str(folder / f"{table.name}.parquet"))
        con.execute(f"copy ({_select(table, reader)}) to {path} (format parquet)")


def pack_sources(con: duckdb.DuckDBPyConnection, reader: Reader, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sources as the reader gets to see them: his own, and those with a visible row.

    Args:
        con: The warehouse in the making, its delivered tables loaded.
        reader: Who will see it.
        rows: All declared sources, as rows of ``landing.sources``.
    """
    listed = " union ".join(f"select source_name from landing.{name}" for name in tables())
    seen = {name for (name,) in con.execute(listed).fetchall()}
    kept = ("source_name", "source_kind", "source_title", "visibility", "unique_sites")
    own = [row for row in rows if row["source_name"] in reader.own_sources]
    others = [
        {name: row[name] for name in kept}
        for row in rows
        if row["source_name"] in seen and row["source_name"] not in reader.own_sources
    ]
    if ANOTHER_MEMBER in seen:
        others.append(
            {
                "source_name": ANOTHER_MEMBER,
                "source_kind": "brand",
                "source_title": "Other members, names withheld",
                "visibility": "consortium_site",
            }
        )
    return own + others


def pack_loads(con: duckdb.DuckDBPyConnection, own: list[dict[str, Any]], day: date) -> list[dict[str, Any]]:
    """The loads as the reader gets to see them: his own as they are, of every other source one, of the day.

    A load's number, hash and counts, and the day of a delivery, tell of rows that are not visible.

    Args:
        con: The warehouse in the making, its delivered tables loaded.
        own: The reader's own loads.
        day: The day of the pack.
    """
    listed = " union ".join(f"select source_name, load_id from landing.{name}" for name in tables())
    seen = con.execute(f"select distinct load_id, source_name from ({listed}) order by all").fetchall()
    known = {row["load_id"] for row in own}
    others = [
        {"load_id": load_id, "source_name": source_name, "delivered_at": day, "load_status": "landed"}
        for load_id, source_name in seen
        if load_id not in known
    ]
    return [{"is_current": True, **row, "ledger_line": place} for place, row in enumerate([*others, *own], start=1)]


def _select(table: Table, reader: Reader) -> str:
    """One delivered table as the reader gets to see it, in an order of its own."""
    shown = {
        "load_id": f"if({reader.is_own}, load_id, 'of ' || {_shown_source(reader)})",
        "line_number": f"if({reader.is_own}, line_number, 0)",
        "source_name": _shown_source(reader),
    }
    held = policy().withheld
    for column in (name for name in held.id_columns if name in table.columns):
        shown[column] = f"if({reader.is_whole}, {column}, null)"
    if "scheme" in table.columns and reader.is_withheld_from:
        is_open = f"({reader.is_own} or scheme not in (select graded.scheme from graded))"
        shown |= {column: f"if({is_open}, {column}, null)" for column in held.grade_columns if column in table.columns}
    read = f"staging.{table.name}"
    if table.name == "audit_records":
        shown, read = _by_company(reader, shown), f"{read} left join shown_names using (record_id)"
    columns = ", ".join(
        f"{shown.get(column, quote_identifier(column))} as {quote_identifier(column)}" for column in table.columns
    )
    return f"select {columns} from {read} order by all"


def _by_company(reader: Reader, shown: dict[str, str]) -> dict[str, str]:
    """Columns of audits that another company ordered: its number, and nothing that names it otherwise.

    A company's own word for a grade, and its own people as auditors, are as good as its name; the severity band stays.
    """
    is_company = _is_company(reader)
    return shown | {
        "commissioner": f"if({is_company}, shown_names.shown, commissioner)",
        "commissioner_type": f"if({is_company}, coalesce(commissioner_type, 'brand'), commissioner_type)",
        "grade_raw": f"if({is_company}, null, {shown.get('grade_raw', 'grade_raw')})",
        "audit_firm": f"if({is_company} and coalesce(auditor_party, 2) = 2, null, audit_firm)",
    }


def _is_company(reader: Reader) -> str:
    """SQL: an audit of others whose orderer is a company, as far as is told."""
    held = policy().withheld
    of_brand = among("source_name", _sources_of(held.source_kinds))
    by_company = among("commissioner_type", held.commissioner_types)
    untold = f"(commissioner_type is null and (commissioner is not null or {of_brand}))"
    return f"(not {reader.is_whole} and ({by_company} or {untold}))"


def _shown_source(reader: Reader) -> str:
    withheld = sorted(set(_sources_of(policy().withheld.source_kinds)) - reader.named_sources)
    is_named = f"({reader.is_whole} or not {among('source_name', withheld)})"
    return f"if({is_named}, source_name, {quote_literal(ANOTHER_MEMBER)})"


def _sources_of(kinds: list[str]) -> list[str]:
    return [name for name, source in registry.sources().items() if source.kind in kinds]


def _owner_of_source() -> str:
    """SQL: who delivers the source of a row, by title; the source's name where nobody answers for it."""
    told = [(source, party.title) for party in parties().values() for source in party.delivers]
    cases = " ".join(f"when {quote_literal(source)} then {quote_literal(title)}" for source, title in told)
    return f"case source_name {cases} else source_name end" if told else "source_name"


def _names_told() -> list[str]:
    """Names of parties that are no companies: initiatives and coordinators are told by name."""
    told = (party for party in parties().values() if party.kind in ("initiative", "coordinator"))
    return [name.lower() for party in told for name in party.all_names]


def needed_models() -> list[Model]:
    """The models that ``write_withheld`` reads, in order."""
    return models_for(f"staging.{name}" for name in tables())
