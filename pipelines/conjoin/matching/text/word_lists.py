"""The word lists of ``schemas/matching/``, folded once to the words that ``tokens`` cuts."""

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from conjoin import content
from conjoin.matching.text.tokens import cut_texts

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

COMMON_WORDS = "schemas/matching/common_words.csv"


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
        nobody: What names nobody where nothing else stands in a name, as word sequences.
        tag: Sequences that speak of the work or the row, not of who does it.
        former: Sequences after which another name of the same place follows.
        country_names: Names of each country by its code, as word sequences, longest first.
        article: Articles that are written to their word or apart. ``article_countries``: where.
        house_number_first: Countries where an address begins with its house number, of up to six digits.
        postcode_digits: Digits of a postcode by country code, where it is not 5 or 6.
    """

    canonical: dict[str, str]
    stop: frozenset[str]
    trade: frozenset[str]
    place: frozenset[str]
    filler: frozenset[tuple[str, ...]]
    nobody: frozenset[tuple[str, ...]]
    tag: tuple[tuple[str, ...], ...]
    former: tuple[tuple[str, ...], ...]
    country_names: dict[str, tuple[tuple[str, ...], ...]]
    article: frozenset[str]
    article_countries: frozenset[str]
    house_number_first: frozenset[str]
    postcode_digits: dict[str, int]


@cache
def word_lists() -> WordLists:
    """The lists of ``words.toml`` and the names of countries."""
    raw = read_content("words.toml")
    canonical = {word: row[0] for row in raw["same"] for word in row[1:]}
    return WordLists(
        canonical=canonical,
        stop=frozenset(word for words in cut_texts(raw["stop"]) for word in words if len(words) == 1),
        trade=frozenset(canonical.get(word, word) for word in raw["trade"]),
        place=frozenset(canonical.get(word, word) for word in raw["place"]),
        filler=frozenset(cut_texts(raw["filler"])),
        nobody=frozenset(cut_texts(raw["nobody"])),
        tag=tuple(cut_texts(raw["tag"])),
        former=tuple(sorted(cut_texts(raw["former"]), key=len, reverse=True)),
        country_names=_country_names(raw["country"]),
        article=frozenset(raw["article"]["words"]),
        article_countries=frozenset(raw["article"]["countries"]),
        house_number_first=frozenset(raw["house_number_first"]),
        postcode_digits=raw["postcode_digits"],
    )


def _country_names(further: dict[str, list[str]]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Names of countries; codes of three letters are words too often ("AND", "PER") to count."""
    found = {}
    for code, entry in read_vocabulary("country").items():
        names = [name for name in (entry["title"], *entry["synonyms"]) if len(name) > 3] + further.get(code, [])
        found[code] = tuple(sorted(set(cut_texts(names)) - {()}, key=lambda words: (-len(words), words)))
    return found


@dataclass(frozen=True)
class CommonWords:
    """Words of open lists, raw as they are cut.

    Attributes:
        row_count: Rows that were counted.
        name_rows: Rows whose name holds the word. ``address_rows``: the same for addresses.
    """

    row_count: int
    name_rows: dict[str, int]
    address_rows: dict[str, int]


@cache
def common_words() -> CommonWords:
    """The counts of ``common_words.csv``; see ``conjoin.cli.words``."""
    with content.find(COMMON_WORDS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    total, words = rows[0], rows[1:]
    return CommonWords(
        row_count=int(total["name_rows"]),
        name_rows={row["word"]: int(row["name_rows"]) for row in words if row["name_rows"] != "0"},
        address_rows={row["word"]: int(row["address_rows"]) for row in words if row["address_rows"] != "0"},
    )


def register_common_words(con: duckdb.DuckDBPyConnection) -> None:
    """``m_common_name`` and ``m_common_address``: word, its share of the rows of open lists, is_trade."""
    lists, counted = word_lists(), common_words()
    for side, everywhere, rows in (
        ("name", lists.trade, counted.name_rows),
        ("address", lists.place, counted.address_rows),
    ):
        shares = dict.fromkeys(everywhere, 0.0)
        for word, count in rows.items():
            spelled = lists.canonical.get(word, word)
            shares[spelled] = min(1.0, shares.get(spelled, 0.0) + count / counted.row_count)
        words = sorted(shares)
        table = {
            "word": words,
            "share": [shares[word] for word in words],
            "is_trade": [word in everywhere for word in words],
        }
        con.register("m_chunk", pa.table(table))
        con.execute(f"create or replace temp table m_common_{side} as select * from m_chunk")
        con.unregister("m_chunk")


@cache
def read_vocabulary(name: str) -> dict[str, dict[str, Any]]:
    """The entries of one file of ``schemas/vocabularies/``, by code."""
    path = content.find(f"schemas/vocabularies/{name}.toml")
    values: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["values"]
    return values
