"""The words of each site of a party's own list, out of which the key recipes make keys.

A row is read as ``conjoin link`` reads it, by the same normalisation, and by nothing but itself and what the package
ships: two parties that never see each other's rows must get the same key from the same row.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from conjoin.matching.pairs.identifiers import collect_identifiers
from conjoin.matching.pairs.nodes import collapse_records, normalise_contents
from conjoin.matching.text.designator_words import LETTERS
from conjoin.matching.text.vagueness import NAMED
from conjoin.settings import Settings
from conjoin.tools.link_files import load_files
from conjoin.warehouse.connection import workbench


@dataclass(frozen=True)
class Site:
    """One row of a list as the recipes see it.

    Attributes:
        record_id: The key of the row within its list; it never leaves this machine.
        country: ISO code of two letters; empty if the row says none.
        is_named: Whether the name is somebody's: "Confidential", "Garments Ltd" and bare towns are nobody's.
        name: The core words of the name in their one spelling, without legal form, unit and country; sorted.
        told_name: One number for the words of the name that tell, without its town and general words; 0 for none.
        squashed_name: The core words of the name in their order, written together.
        address: The words of the address likewise; sorted.
        numbers: House, plot and building numbers of the address, without their letters; sorted.
        identifiers: Well-formed identifiers, each ``scheme:value``; sorted.
    """

    record_id: str
    country: str
    is_named: bool
    name: tuple[str, ...]
    told_name: int
    squashed_name: str
    address: tuple[str, ...]
    numbers: tuple[int, ...]
    identifiers: tuple[str, ...]


_WORDS = """
    (
        select node_no, list(distinct word order by word) as words
        from m_{side}_tokens inner join m_words using (token_no) group by node_no
    ) as {side}_words
"""
_SITES = f"""
select record_id, country_code, name_kind = {NAMED}, coalesce(name_words.words, []), name_key, squashed_name,
    coalesce(address_words.words, []), coalesce(numbers.found, []), coalesce(told.found, [])
from m_records
inner join m_nodes using (node_no)
left join {_WORDS.format(side="name")} using (node_no)
left join {_WORDS.format(side="address")} using (node_no)
left join (
    select node_no, list(distinct number_value // {LETTERS} order by number_value // {LETTERS}) as found
    from m_numbers group by node_no
) as numbers using (node_no)
left join (
    select node_no, list(id_scheme || ':' || id_value order by id_scheme, id_value) as found
    from m_identifiers group by node_no
) as told using (node_no)
order by record_id
"""


def read_sites(settings: Settings, files: list[Path]) -> tuple[list[Site], list[str]]:
    """The sites of a party's files, as ``conjoin link`` reads them, and what a person should know about the input.

    Raises:
        SourceError: As ``conjoin.tools.link_files.load_files``.
    """
    notices: list[str] = []
    with workbench(settings) as con:
        load_files(con, files, notices)
        return _sites(con), notices


def _sites(con: duckdb.DuckDBPyConnection) -> list[Site]:
    collapse_records(con)
    normalise_contents(con)
    collect_identifiers(con)
    found = con.execute(_SITES).fetchall()
    return [Site(*map(_frozen, row)) for row in found]


def _frozen(cell: Any) -> Any:
    return tuple(cell) if isinstance(cell, list) else cell
