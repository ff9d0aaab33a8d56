"""One organisation of a file, found by any name that it goes by there, and the scope that its page speaks of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import duckdb

from conjoin.briefings.overlap import Scope
from conjoin.briefings.subjects.lookups import rows
from conjoin.errors import UnknownSubject
from conjoin.plain import visible
from conjoin.schemas.policy import parties
from conjoin.warehouse.connection import reader as reading

_NEAREST = 3


@dataclass(frozen=True)
class Organisation:
    """An organisation.

    Attributes:
        title: The name that it goes by.
        names: As what orderers are written that are it, alone or with others, in lower case.
    """

    title: str
    names: tuple[str, ...]


def find_organisation(con: duckdb.DuckDBPyConnection, asked: str) -> Organisation:
    """The organisation of a name, an alias, or a party of ``sources/parties.toml``.

    Raises:
        UnknownSubject: No organisation of the file goes by it; the message lists the nearest names.
    """
    known = rows(con, "organisations_known")
    party = parties().get(asked.strip())
    wanted = {_folded(name) for name in ([party.title, *party.names] if party else [asked])}
    wanted |= _meant(known, wanted)
    found = [row for row in known if _folded(row["own_name"]) in wanted]
    if not found and party is None:
        raise _unknown(asked, known)
    titles = [row["own_name"] for row in found]
    title = party.title if party else max(sorted(set(titles)), key=titles.count)
    return Organisation(title, tuple(sorted({row["as_written"] for row in found} | wanted)))


def scope_of(warehouse: str, asked: str, from_date: str | None, to_date: str | None) -> Scope:
    """The scope of an organisation's page from the plain values of a notebook's parameters.

    Raises:
        UnknownSubject: No organisation of the file goes by that name.
    """
    with reading(Path(warehouse)) as con:
        found = find_organisation(con, str(asked))
    scope = Scope.of(warehouse, None, from_date, to_date)
    return replace(scope, organisations=found.names, subject=visible(found.title))


def _meant(known: Sequence[dict[str, Any]], wanted: Iterable[str]) -> set[str]:
    """The names for which aliases stand."""
    told = set(wanted)
    return {_folded(row["own_name"]) for row in known if _folded(row["spelling"]) in told}


def _folded(name: str) -> str:
    return name.strip().lower()


def _unknown(asked: str, known: Sequence[dict[str, Any]]) -> UnknownSubject:
    spellings = {_folded(row["spelling"]): row["spelling"] for row in known}
    close = get_close_matches(_folded(asked), sorted(spellings), _NEAREST, 0.5)
    begun = [name for name in sorted(spellings) if _folded(asked) and _folded(asked) in name]
    near = [visible(spellings[name]) for name in dict.fromkeys([*begun, *close])][:_NEAREST]
    told = f"the nearest are {', '.join(near)}" if near else "no name comes near to it"
    return UnknownSubject(
        f"no organisation of this file goes by the name {visible(asked)!r}; {told}. `conjoin ask who_commissions` "
        "lists those that ordered audits; other names of one go into the reference table party_aliases"
    )
