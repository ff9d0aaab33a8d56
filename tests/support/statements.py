"""A published warehouse in which rows of every kind were planted at one site, to see which its statement tells."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from conjoin.packs.reader import Reader
from conjoin.packs.statement.facts import Facts, read_facts
from conjoin.packs.statement.page import statement_page
from conjoin.packs.statement.reader import statement_reader
from conjoin.packs.statement.rows import site_warehouse
from conjoin.schemas.tables import tables
from conjoin.settings import Settings

#: The site of the samples of which most may be told, by its OS ID.
OS_ID = "PK2019083C0P01N"
#: Days between two planted audits, so that none is taken for another one's report.
_APART = 60


@dataclass
class Planted:
    """A copy of a published warehouse that may be written to.

    Attributes:
        settings: Of the folder that it lies in.
        site: The site at which rows are planted.
        day: The day of its statement.
    """

    settings: Settings
    site: str
    day: date
    count: int = 0

    @contextmanager
    def writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.settings.warehouse)) as con:
            yield con

    def plant(self, table: str, source: str, beside: str = "", **values: object) -> str:
        """Plant a row as a source would have delivered it at the site; return its id.

        Args:
            table: A delivered table.
            source: Who delivers it. One that has no record of the site gets one, as open as the row.
            beside: For findings, the audit record that they belong to.
            values: Columns; what is left out is null. Audits get a day of their own.
        """
        self.count += 1
        record_id = f"{source}:{self.count:016x}"
        values = {"record_id": record_id, "source_name": source, "line_number": 1, **values}
        values.setdefault("visibility", "consortium_site")
        with self.writing() as con:
            values["load_id"] = _load(con, source)
            if table == "audit_records":
                values = {**self._audit(), **values}
            if "audit_record_id" in tables()[table].columns and beside:
                values["audit_record_id"] = beside
            if table == "factory_statements":
                self._told(con, "marts.factory_statements", {**values, "site_id": self.site})
            elif table == "site_records":
                self._member(con, values)
            elif "site_record_id" in tables()[table].columns:
                values["site_record_id"] = self._record_of(con, source, str(values["visibility"]))
            self._told(con, f"landing.{table}", values)
        return record_id

    def _audit(self) -> dict[str, object]:
        start = f"date '{self.day}' - {self.count * _APART}"
        with duckdb.connect() as con:
            day = con.execute(f"select ({start})::date").fetchall()[0][0]
        told = {"visit_start": day, "visit_end": day, "date_kind": "visit", "audit_status": "done"}
        kind = {"scheme": "smeta_4pillar", "audit_kind": "periodic_full", "auditor_party": 3, "notice": "announced"}
        return {**told, **kind, "audit_id_source": f"P-{self.count}", "commissioner_type": "initiative"}

    def _record_of(self, con: duckdb.DuckDBPyConnection, source: str, visibility: str) -> str:
        """A record of the source at the site that is as open: a row goes where the record goes that it refers to."""
        found = con.execute(
            "select record_id from landing.site_records where source_name = $1 and visibility = $2 and record_id in "
            "(select record_id from marts.site_records_at_sites where site_id = $3) order by 1",
            [source, visibility, self.site],
        ).fetchall()
        if found:
            return str(found[0][0])
        self.count += 1
        name = f"{source}:{self.count:016x}"
        values = {"record_id": name, "source_name": source, "load_id": _load(con, source), "line_number": 1}
        self._member(con, values | {"visibility": visibility, "site_name": "Sutlej Hosiery"})
        self._told(con, "landing.site_records", values | {"visibility": visibility, "site_name": "Sutlej Hosiery"})
        return name

    def _member(self, con: duckdb.DuckDBPyConnection, values: dict[str, object]) -> None:
        member = {"record_id": values["record_id"], "site_id": self.site, "match_probability": 1.0}
        self._told(con, "matching.site_memberships", member)
        known = {"record_id", "source_name", "visibility", "site_name"}
        at_site = {name: value for name, value in values.items() if name in known}
        self._told(con, "marts.site_records_at_sites", at_site | {"site_id": self.site})

    @staticmethod
    def _told(con: duckdb.DuckDBPyConnection, table: str, values: dict[str, object]) -> None:
        there = {str(row[0]) for row in con.execute(f"describe {table}").fetchall()}
        kept = {name: value for name, value in values.items() if name in there}
        con.execute(
            f"insert into {table} ({', '.join(kept)}) values ({', '.join('?' * len(kept))})", list(kept.values())
        )

    def facts(self, reader: Reader | None = None) -> Facts:
        with site_warehouse(self.settings, self.site, reader or statement_reader(self.day)) as con:
            return read_facts(con, self.site, self.day)

    def page(self, reader: Reader | None = None) -> str:
        """The statement of the site."""
        return statement_page(self.facts(reader))


def _load(con: duckdb.DuckDBPyConnection, source: str) -> str:
    """A current load of the source."""
    found = con.execute(
        "select load_id from landing.loads where source_name = $1 and is_current order by ledger_line desc limit 1",
        [source],
    ).fetchall()
    return str(found[0][0])


def planted_copy(warehouse: Path, folder: Path) -> Planted:
    """A copy of a published warehouse of the samples, nothing planted yet."""
    settings = Settings(data=folder, threads=2)
    settings.warehouse.parent.mkdir(parents=True)
    settings.temporary.mkdir()
    shutil.copy(warehouse, settings.warehouse)
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        ((site,),) = con.execute(
            "select distinct site_id from marts.site_identifiers_at_sites where id_value = $1", [OS_ID]
        ).fetchall()
        ((day,),) = con.execute("select as_of_date from intermediate.build_date").fetchall()
    return Planted(settings, site, day)
