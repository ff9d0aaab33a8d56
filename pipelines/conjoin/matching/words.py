"""The word lists of ``schemas/matching/``, folded once to the words that ``tokens`` cuts."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from conjoin import content
from conjoin.matching.tokens import cut_texts

NUMBER_WORDS = {
    word: number
    for number, words in enumerate(
        ("one uno bir", "two dos iki", "three tres uc", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1
    )
    for word in words.split()
}
_ROMANS = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
_ROMANS += ["xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"]
ROMAN_NUMBERS = {roman: number for number, roman in enumerate(_ROMANS, start=1)}


def read_content(name: str) -> dict[str, Any]:
    """One file of ``schemas/matching/``."""
    return tomllib.loads(content.find(f"schemas/matching/{name}").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class WordLists:
    """Words of names and addresses.

    Attributes:
        canonical: The one spelling that stands for a word; words that stand for themselves are not listed.
        stop: Words that say nothing.
        trade: Canonical words that are common in names everywhere.
        place: Canonical words that are common in addresses everywhere.
        filler: Whole texts that hold nothing, as word sequences.
        tag: Sequences that speak of the work or the row, not of who does it.
        former: Sequences after which another name of the same place follows.
        country: Words that name a country.
        postcode_digits: Digits of a postcode by country code, where it is not 5 or 6.
    """

    canonical: dict[str, str]
    stop: frozenset[str]
    trade: frozenset[str]
    place: frozenset[str]
    filler: frozenset[tuple[str, ...]]
    tag: tuple[tuple[str, ...], ...]
    former: tuple[tuple[str, ...], ...]
    country: frozenset[str]
    postcode_digits: dict[str, int]


@cache
def word_lists() -> WordLists:
    """The lists of ``words.toml`` and the names of countries."""
    raw = read_content("words.toml")
    canonical = {word: row[0] for row in raw["same"] for word in row[1:]}
    countries = read_vocabulary("country")
    country_words = {
        words[0] for words in cut_texts([entry["title"] for entry in countries.values()]) if len(words) == 1
    }
    return WordLists(
        canonical=canonical,
        stop=frozenset(word for words in cut_texts(raw["stop"]) for word in words if len(words) == 1),
        trade=frozenset(canonical.get(word, word) for word in raw["trade"]),
        place=frozenset(canonical.get(word, word) for word in raw["place"]),
        filler=frozenset(cut_texts(raw["filler"])),
        tag=tuple(cut_texts(raw["tag"])),
        former=tuple(sorted(cut_texts(raw["former"]), key=len, reverse=True)),
        country=frozenset(country_words | set(raw["country"])),
        postcode_digits=raw["postcode_digits"],
    )


def register_common_words(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_common_name`` and ``m_common_address``: words that are common everywhere."""
    for side, words in (("name", word_lists().trade), ("address", word_lists().place)):
        con.register("m_chunk", pa.table({"word": pa.array(sorted(words), pa.string())}))
        con.execute(f"create or replace temp table m_common_{side} as select * from m_chunk")
        con.unregister("m_chunk")


@cache
def read_vocabulary(name: str) -> dict[str, dict[str, Any]]:
    """The entries of one file of ``schemas/vocabularies/``, by code."""
    path = content.find(f"schemas/vocabularies/{name}.toml")
    values: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["values"]
    return values
