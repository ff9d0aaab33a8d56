"""Whose file a warehouse is, and which of its rows are for somebody else's eyes.

The warehouse that a run publishes is the coordinator's and holds complaint cases too. The policy keeps those from
everybody but case workers, so an answer shows them from a case worker's pack alone.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from conjoin.schemas.policy import parties, policy

#: The table of a pack that says for whom it was made; the coordinator's own file has none.
READER_TABLE = "released.reader"
_CASE_WORKER, _COORDINATOR = "case_worker", "coordinator"


@dataclass(frozen=True)
class Whose:
    """For whom a file was made.

    Attributes:
        kind: What kind of reader, as the policy has it.
        title: Its name; empty for the coordinator's own warehouse.
        opened: Visibilities whose rows the reader may see.
        day: The day of a pack, or on which a warehouse reckons; None if nothing says.
    """

    kind: str
    title: str
    opened: frozenset[str]
    day: date | None = None

    @property
    def is_pack(self) -> bool:
        """Whether it was handed out, and is not the coordinator's own."""
        return bool(self.title)

    @property
    def told(self) -> str:
        """For whom it is, in one sentence."""
        if self.is_pack:
            return f"A pack made for {self.title}, from what it may see and nothing else."
        return "The coordinator's own warehouse: it counts over everything, and is not for handing out."

    @property
    def closed(self) -> list[str]:
        """Visibilities that the policy keeps from their own deliverers, and from this reader too: complaint cases."""
        return sorted(code for code, rule in policy().visibility.items() if not rule.own and code not in self.opened)


def whose_file(con: duckdb.DuckDBPyConnection) -> Whose:
    """For whom the file of this connection was made."""
    if _has_table(con, READER_TABLE):
        kind, title, day, opened = con.execute(
            f"select reader_kind, reader_title, pack_date, opened from {READER_TABLE}"
        ).fetchall()[0]
        return Whose(str(kind), str(title), frozenset(opened), day)
    opened = frozenset(code for code, rule in policy().visibility.items() if _COORDINATOR in rule.rows)
    return Whose(_COORDINATOR, "", opened, _reckoned_on(con))


def how_to_ask(whose: Whose, question: str) -> str:
    """What somebody can do whose file may not answer a question on complaint cases."""
    if whose.is_pack:
        return f"This file was made for {whose.title}; a case worker's pack answers it."
    workers = [name for name, party in parties().items() if party.kind == _CASE_WORKER]
    name = workers[0] if workers else "CASE_WORKER"
    known = "" if workers else " (a party of the kind case_worker in sources/parties.toml)"
    return (
        f"This file is the coordinator's. `conjoin pack --for {name} --out FOLDER` makes a case worker's{known}; "
        f"`conjoin ask {question} --warehouse FOLDER/conjoin.duckdb` asks that one."
    )


def _reckoned_on(con: duckdb.DuckDBPyConnection) -> date | None:
    if not _has_table(con, "intermediate.build_date"):
        return None
    found = con.execute("select as_of_date from intermediate.build_date").fetchall()
    return found[0][0] if found else None


def _has_table(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    schema, table = name.split(".")
    known = "select 1 from information_schema.tables where table_schema = $1 and table_name = $2"
    return bool(con.execute(known, [schema, table]).fetchall())
