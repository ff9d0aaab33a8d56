"""Site records into the integer tables that candidates and comparisons read.

Records that are equal in everything that matching reads collapse to one *node*: ten thousand identical rows are one
node, not fifty million pairs. A record that somebody has judged stands for itself, so that a judgement can part it
from its twins. So does a record that names nobody and no street; one that says no place beside its country collapses
with others of its own source alone.

Temporary tables made here (all numbers are int32; ``node_no`` is dense and follows record_id):

- ``m_records``: record_id, node_no, source_no, ...; one row per record.
- ``m_nodes``: one row per node: country_code, squashed name, what equal names share of it, the name in its own script
  likewise (empty without one), postcode, city, point, legal form, and what name and place say at all (``vagueness``).
- ``m_name_tokens``, ``m_address_tokens``: (node_no, token_no, is_inside) without repeats.
- ``m_name_neighbours``, ``m_address_neighbours``: (node_no, word, left_token, right_token), two neighbouring words and
  what they are written together.
- ``m_numbers``: (node_no, number_value) of addresses. ``m_designators``: (node_no, side, kind, value).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from conjoin.matching.text.names_and_addresses import Address, Name, canonical, squash
from conjoin.matching.text.tokens import IntArray, Tokens, cut
from conjoin.matching.text.vagueness import NAMED, NO_PLACE, NOBODY, STREET, name_kinds, place_kinds
from conjoin.progress import stage

NATIVE_LETTERS = (
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Arabic}\p{Hebrew}\p{Cyrillic}\p{Greek}\p{Armenian}\p{Georgian}"
    r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Devanagari}\p{Bengali}\p{Gujarati}\p{Gurmukhi}\p{Tamil}\p{Telugu}"
    r"\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Ethiopic}]"
)
"""Letters of scripts that are not Latin: a name that holds one is compared with native names first."""
CHUNK_ROWS = 100_000
"""Nodes normalised at a time; bounds the memory of the byte arrays."""

NAME_SIDE, ADDRESS_SIDE = 1, 2
_SHORTEST_JOINED = 5

CONTENT = (
    "site_name, site_name_native, site_address, site_address_native, city_name, region_name, postal_code, "
    "country_code, latitude, longitude, site_level, own_content"
)
"""What makes two records one node, as a list of columns."""
SAME_CONTENT = " and ".join(f"l.{name} is not distinct from r.{name}" for name in CONTENT.split(", "))


def collapse_records(con: duckdb.DuckDBPyConnection) -> None:
    """Number the records, collapse equal content, and make ``m_records`` and ``m_contents``."""
    read_records(con, "input.site_records")
    con.execute(
        f"""
        create or replace temp table m_contents as
        select (row_number() over (order by min(record_id)) - 1)::integer as node_no, {CONTENT},
            min(record_id) as first_record_id
        from m_numbered group by {CONTENT}
        """
    )
    con.execute(
        f"""
        create or replace temp table m_records as
        select l.record_id, l.source_name, l.first_delivered_at, l.site_level, r.node_no
        from m_numbered as l inner join m_contents as r on {SAME_CONTENT}
        """
    )
    con.execute("drop table m_numbered")


def read_records(con: duckdb.DuckDBPyConnection, records: str) -> None:
    """Make ``m_numbered``: records with their cleaned content; ``own_content`` parts those that never collapse."""
    con.execute(
        f"""
        create or replace temp table m_numbered as
        with judged as (
            select record_id_left as record_id from input.judgements where judgement <> 'UNSURE'
            union select record_id_right from input.judgements where judgement <> 'UNSURE'
        )
        select
            records.record_id, records.source_name, records.first_delivered_at,
            coalesce(records.site_level, 'site') as site_level,
            nullif(trim(site_name), '') as site_name, nullif(trim(site_name_native), '') as site_name_native,
            nullif(trim(site_address), '') as site_address,
            nullif(trim(site_address_native), '') as site_address_native,
            nullif(trim(city_name), '') as city_name, nullif(trim(region_name), '') as region_name,
            nullif(trim(postal_code), '') as postal_code, coalesce(upper(trim(country_code)), '') as country_code,
            latitude, longitude,
            case
                when judged.record_id is not null then records.record_id
                when coalesce(site_level, 'site') not in ('site', 'building') then records.record_id
            end as own_content
        from {records} as records left join judged on judged.record_id = records.record_id
        """
    )
    _part_vague_records(con)


#: What says who a row names, and where; ``may_be_vague`` where it is so little that it must be looked at.
_TEXTS = """
    coalesce(site_name, site_name_native, '') as name_text,
    coalesce(site_address, site_address_native, '') as address_only,
    coalesce(city_name, '') || coalesce(', ' || region_name, '') as town_text,
    coalesce(postal_code, '') as postal_code, latitude is not null as has_point,
    length(address_only) < 30 or not regexp_matches(address_only, '[0-9]') as may_be_vague
"""
_TOLD = "name_text, address_only, town_text, postal_code, has_point"


def _part_vague_records(con: duckdb.DuckDBPyConnection) -> None:
    """Give ``own_content`` to records of ``m_numbered`` whose agreement says nothing: each its own, or its source's."""
    con.execute(
        f"create or replace temp view m_telling as select record_id, source_name, {_TEXTS} from m_numbered "
        "where own_content is null and may_be_vague"
    )
    texts = con.sql(f"select distinct {_TOLD} from m_telling order by all").to_arrow_table()
    if len(texts) > 0:
        names, towns = cut(_column(texts, "name_text")), cut(_column(texts, "town_text"))
        name_kind, place_kind = name_kinds(names, towns), _place_kinds(texts, towns)
        alone = (name_kind == NOBODY) & (place_kind < STREET)
        within = (place_kind == NO_PLACE) | ((name_kind < NAMED) & (place_kind < STREET))
        con.register("m_chunk", texts.append_column("is_alone", pa.array(alone)).filter(pa.array(alone | within)))
        con.execute(
            f"""
            update m_numbered as numbered
            set own_content = if(vague.is_alone, numbered.record_id, 'source ' || numbered.source_name)
            from m_telling as told inner join m_chunk as vague using ({_TOLD})
            where told.record_id = numbered.record_id
            """
        )
        con.unregister("m_chunk")
    con.execute("drop view m_telling")


def _place_kinds(texts: pa.Table, towns: Tokens) -> npt.NDArray[np.int8]:
    return place_kinds(
        cut(_column(texts, "address_only")),
        towns,
        cut(_column(texts, "postal_code")),
        np.asarray(texts["has_point"]).astype(np.bool_),
    )


@dataclass(frozen=True)
class _Chunk:
    """Normalised columns of one chunk of nodes, as Arrow tables ready for DuckDB."""

    nodes: pa.Table
    name_tokens: pa.Table
    address_tokens: pa.Table
    name_neighbours: pa.Table
    address_neighbours: pa.Table
    numbers: pa.Table
    designators: pa.Table


NODE_FACTS = tuple(column.name for column in fields(_Chunk))
"""Tables that normalising makes, each with a ``node_no``: what they say of a node follows from its content alone."""


class Vocabulary:
    """Numbers for words, the same over all chunks of a run; only equality of numbers means anything."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.numbers: dict[str, int] = {word: number for number, word in enumerate(words)}

    def number(self, words: list[str]) -> IntArray:
        """One number per word; new words get the next free number."""
        numbers = self.numbers
        return np.fromiter((numbers.setdefault(word, len(numbers)) for word in words), np.int32, len(words))


def normalise_contents(con: duckdb.DuckDBPyConnection, first_no: int = 0, known_words: Iterable[str] = ()) -> None:
    """Fill ``m_nodes``, the token tables, ``m_numbers``, ``m_designators`` and ``m_words`` from ``m_contents``.

    Args:
        con: Holds ``m_contents``.
        first_no: The smallest of its dense node numbers.
        known_words: Words that have their numbers, 0 and up, from an earlier run.
    """
    vocabulary = Vocabulary(known_words)
    count = con.execute("select count(*) from m_contents").fetchall()[0][0]
    for start in _chunks(first_no, count):
        contents = con.sql(
            f"select node_no, country_code, {_TEXTS}, coalesce(site_name_native, site_name, '') as native_text, "
            "address_only || coalesce(', ' || city_name, '') || coalesce(', ' || region_name, '') as address_text, "
            "coalesce(city_name, '') as city_name, latitude, longitude, site_level from m_contents "
            "where node_no >= $1 and node_no < $2 order by node_no",
            params=[start, start + CHUNK_ROWS],
        ).to_arrow_table()
        chunk = _normalise_chunk(contents, start, vocabulary)
        for name in NODE_FACTS:
            table = getattr(chunk, name)
            con.register("m_chunk", table)
            verb = f"create or replace temp table m_{name} as" if start == first_no else f"insert into m_{name}"
            con.execute(f"{verb} select * from m_chunk")
            con.unregister("m_chunk")
    words = pa.table(
        {"token_no": pa.array(range(len(vocabulary.numbers)), pa.int32()), "word": list(vocabulary.numbers)}
    )
    con.register("m_chunk", words.cast(pa.schema([("token_no", pa.int32()), ("word", pa.string())])))
    con.execute("create or replace temp table m_words as select * from m_chunk")
    con.unregister("m_chunk")


def _chunks(first_no: int, count: int) -> Iterator[int]:
    """Where each chunk of nodes starts; at least one."""
    with stage("Names and addresses", count) as told:
        for start in range(first_no, first_no + max(count, 1), CHUNK_ROWS):
            told.reach(start - first_no)
            yield start


def _normalise_chunk(contents: pa.Table, start: int, vocabulary: Vocabulary) -> _Chunk:
    countries = np.asarray(contents["country_code"].combine_chunks()).astype(np.str_)
    names = _column(contents, "name_text")
    words, towns = cut(names), cut(_column(contents, "town_text"))
    name = Name(words, countries)
    places = np.full(len(contents), STREET, dtype=np.int8)
    asked = np.flatnonzero(np.asarray(contents["may_be_vague"]))
    places[asked] = _place_kinds(contents.take(asked), towns.of_rows(asked))
    address = Address(cut(_column(contents, "address_text")), cut(_column(contents, "postal_code")), countries)
    squashed = squash(name.core)
    native_text = _column(contents, "native_text")
    is_native = pc.match_substring_regex(native_text, NATIVE_LETTERS)
    native = squash(Name(cut(pc.if_else(is_native, native_text, "")), countries).core)
    nodes = pa.table(
        {
            "node_no": contents["node_no"],
            "country_code": contents["country_code"],
            "site_level": contents["site_level"],
            "squashed_name": squashed,
            "name_key": name.keys(towns),
            "native_name": native,
            "is_native_only": pc.match_substring_regex(names, NATIVE_LETTERS),
            "legal_kind": pa.array(name.legal_kind, pa.int32()),
            "postcode": address.postcode,
            "city": squash(canonical(cut(_column(contents, "city_name")))),
            "latitude": contents["latitude"],
            "longitude": contents["longitude"],
            "is_composite": pa.array(name.is_composite),
            "name_kind": pa.array(name_kinds(words, towns)),
            "place_kind": pa.array(places),
        }
    )
    designators = [(name.designators, NAME_SIDE), (address.designators, ADDRESS_SIDE)]
    return _Chunk(
        nodes=nodes,
        name_tokens=_token_table(name.core, start, vocabulary),
        address_tokens=_token_table(address.core, start, vocabulary),
        name_neighbours=_neighbour_table(name.spelled, name.core, start, vocabulary),
        address_neighbours=_neighbour_table(address.spelled, address.core, start, vocabulary),
        numbers=pa.table({"node_no": address.number_row + np.int32(start), "number_value": address.number_value}),
        designators=pa.table(
            {
                "node_no": np.concatenate([found.row for found, _ in designators]) + np.int32(start),
                "side": np.concatenate([np.full(len(found.row), side, np.int32) for found, side in designators]),
                "kind": np.concatenate([found.kind for found, _ in designators]),
                "value": np.concatenate([found.value for found, _ in designators]),
            }
        ),
    )


def _column(table: pa.Table, name: str) -> pa.Array:
    column = table[name].combine_chunks()
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _token_table(tokens: Tokens, start: int, vocabulary: Vocabulary) -> pa.Table:
    """Node, word and whether the word stands only in brackets, without repeats."""
    numbers = vocabulary.number(tokens.words)
    keys = (tokens.row.astype(np.int64) + start) << 32 | numbers[tokens.word].astype(np.int64) << 1 | tokens.inside
    keys.sort()  # numpy's own unique hashes, which is ten times slower here
    first = np.ones(len(keys), dtype=np.bool_)
    first[1:] = keys[1:] >> 1 != keys[:-1] >> 1
    keys = keys[first]
    return pa.table(
        {
            "node_no": (keys >> 32).astype(np.int32),
            "token_no": (keys >> 1 & 0x7FFFFFFF).astype(np.int32),
            "is_inside": pa.array((keys & 1).astype(np.bool_)),
        }
    )


def _neighbour_table(spelled: Tokens, core: Tokens, start: int, vocabulary: Vocabulary) -> pa.Table:
    """Two neighbouring words and what they are written together: "long nan" is "longnan" elsewhere."""
    length = np.fromiter((len(word) if word.isalpha() else 0 for word in spelled.words), np.int32, len(spelled.words))
    left, right = spelled.word[:-1], spelled.word[1:]
    follows = (spelled.row[1:] == spelled.row[:-1]) & (spelled.inside[1:] == spelled.inside[:-1])
    follows &= (np.minimum(length[left], length[right]) > 0) & (length[left] + length[right] >= _SHORTEST_JOINED)
    numbers, words = vocabulary.number(core.words)[core.word], pa.array(spelled.words, pa.string())
    joined = pc.binary_join_element_wise(words.take(pa.array(left[follows])), words.take(pa.array(right[follows])), "")
    return pa.table(
        {
            "node_no": spelled.row[1:][follows] + np.int32(start),
            "word": joined,
            "left_token": numbers[:-1][follows],
            "right_token": numbers[1:][follows],
        }
    )


VAGUENESS = (
    f"case when place_kind = {NO_PLACE} or (name_kind < {NAMED} and place_kind < {STREET}) then 2 "
    f"when name_kind = {NOBODY} then 1 else 0 end"
)
"""How little a node says of who or where it is: 2, too little for evidence alone; 1, a street and nobody's name."""


def site_nodes_sql(nodes: str) -> str:
    """Nodes that may be part of a site with others; those that are mute by their identifiers alone."""
    return (
        f"select node_no, name_kind = {NOBODY} and place_kind < {STREET} as is_mute from {nodes} "
        "where coalesce(site_level, 'site') not in ('office', 'organisation')"
    )
