"""The warehouse of one site as its factory may see it: built in memory by the models of everybody's warehouse.

What the policy forbids is left out before anything is concluded, as in a pack: a hidden row changes nothing here.
Which records are the site is not found again; that is the conclusion of the published warehouse.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from conjoin.briefings.subjects.lookups import told
from conjoin.keeping.leftovers import scratch_folder
from conjoin.packs.build_pack import narrow_reference
from conjoin.packs.reader import Reader
from conjoin.packs.withheld import needed_models, pack_loads, pack_sources, write_withheld
from conjoin.schemas.tables import Table, system_tables, tables
from conjoin.settings import Settings
from conjoin.sql import quote_literal
from conjoin.warehouse.build import create_schemas, load_landing, load_rows, run_models, system_schema
from conjoin.warehouse.connection import workbench
from conjoin.warehouse.models import models_for

#: What the page is asked from, and what makes the rules' verdict on visits.
_WANTED = (
    "intermediate.ruled_pairs",
    "intermediate.reason_sets",
    "marts.audit_events",
    "marts.certificates_at_sites",
    "marts.factory_statements",
    "marts.findings_at_events",
    "marts.planned_overlaps",
    "marts.scheme_topics",
    "marts.site_identifiers_at_sites",
    "marts.sites",
)
#: A delivered table: where the published warehouse says at which site its records are. The other rows of a site refer
#: to one of its records.
_AT_SITE = {
    "site_records": "published.marts.site_records_at_sites",
    "factory_statements": "published.marts.factory_statements",
}


@contextmanager
def site_warehouse(settings: Settings, site_id: str, reader: Reader) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse of one site, as far as the reader may see it.

    Args:
        settings: Where the published warehouse is; it is read and not touched.
        site_id: A site of it, in use.
        reader: Whom it is for.
    """
    folder = scratch_folder(settings)
    with workbench(settings) as con, tempfile.TemporaryDirectory(prefix="statement-", dir=folder) as withheld:
        con.execute(f"attach {quote_literal(str(settings.warehouse))} as published (read_only)")
        create_schemas(con)
        _load_visible(con, site_id, reader)
        _load_the_rest(con, site_id, reader)
        run_models(con, needed_models())
        write_withheld(con, reader, Path(withheld))
        load_landing(con, lambda table: [str(Path(withheld, f"{table}.parquet"))])
        system = system_tables()
        load_rows(con, "landing.loads", system["loads"], pack_loads(con, [], reader.day))
        sources = told(con.execute("from published.landing.sources"))
        load_rows(con, "landing.sources", system["sources"], pack_sources(con, reader, sources))
        narrow_reference(con, reader)
        run_models(con, models_for(_WANTED))
        yield con


def _load_visible(con: duckdb.DuckDBPyConnection, site_id: str, reader: Reader) -> None:
    """Fill ``landing`` with the rows of the site that the reader may see, without those that refer to hidden ones."""
    for table in sorted(tables().values(), key=lambda table: (len(table.references), table.name)):
        conditions = [reader.may_see(table.name), _at_site(table, site_id)]
        conditions += [
            f"({column} is null or {column} in (select record_id from landing.{referenced}))"
            for column, referenced in sorted(table.references.items())
        ]
        con.execute(
            f"create table landing.{table.name} as from published.landing.{table.name} where {' and '.join(conditions)}"
        )


def _at_site(table: Table, site_id: str) -> str:
    """SQL: the row is one of the site."""
    if table.name in _AT_SITE:
        return f"record_id in (select record_id from {_AT_SITE[table.name]} where site_id = {quote_literal(site_id)})"
    return "site_record_id is not null" if "site_record_id" in table.references else "false"


def _load_the_rest(con: duckdb.DuckDBPyConnection, site_id: str, reader: Reader) -> None:
    """Everything else that models read: what matching concluded of the site, and the rules' tables."""
    system = system_tables()
    for name, table in system.items():
        load_rows(con, f"{system_schema(name)}.{name}", table, [])
    con.execute("create or replace table landing.loads as from published.landing.loads")
    con.execute("create or replace table landing.sources as from published.landing.sources")
    load_rows(con, "landing.reckoning", system["reckoning"], [{"as_of_date": reader.day}])
    con.execute(
        "create or replace table matching.site_memberships as from published.matching.site_memberships "
        "where record_id in (select record_id from landing.site_records)"
    )
    con.execute(
        "create or replace table matching.site_aliases as from published.matching.site_aliases where site_id = $1",
        [site_id],
    )
    for schema in ("reference", "vocabulary"):
        found = con.execute(
            "select table_name from duckdb_tables() where database_name = 'published' and schema_name = $1 order by 1",
            [schema],
        ).fetchall()
        for (name,) in found:
            con.execute(f"create table {schema}.{name} as from published.{schema}.{name}")
