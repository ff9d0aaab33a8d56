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
        general: Canonical words of names that do not tell the trade.
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
    general: frozenset[str]
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
        general=frozenset(canonical.get(word, word) for word in raw["general"]),
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
        sizes: Rows that were counted in each country; "" for all.
        name_rows: Rows whose name holds the word, by country and word; "" for all. ``address_rows``: the same for
            addresses.
    """

    sizes: dict[str, int]
    name_rows: dict[tuple[str, str], int]
    address_rows: dict[tuple[str, str], int]


@cache
def common_words() -> CommonWords:
    """The counts of ``common_words.csv``; see ``conjoin.tools.words``."""
    with content.find(COMMON_WORDS).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    counted = {(row["country"], row["word"]): (int(row["name_rows"]), int(row["address_rows"])) for row in rows}
    return CommonWords(
        sizes={country: count for (country, word), (count, _) in counted.items() if not word},
        name_rows={key: names for key, (names, _) in counted.items() if key[1] and names},
        address_rows={key: addresses for key, (_, addresses) in counted.items() if key[1] and addresses},
    )


def register_common_words(con: duckdb.DuckDBPyConnection) -> None:
    """The share of words in open lists: what a word weighs does not turn on the lists at hand.

    Makes ``m_common_name`` and ``m_common_address`` (country_code, word, row_count, share, is_trade), the country ""
    for all, ``m_common_sizes`` (country_code, row_count), and ``m_telling_trades`` (word): trade words that tell trades
    apart.
    """
    lists, counted = word_lists(), common_words()
    _register(con, "m_common_sizes", {"country_code": list(counted.sizes), "row_count": list(counted.sizes.values())})
    _register(con, "m_telling_trades", {"word": sorted(lists.trade - lists.general)})
    for side, everywhere, rows in (
        ("name", lists.trade, counted.name_rows),
        ("address", lists.place, counted.address_rows),
    ):
        counts = {("", word): 0 for word in everywhere}
        for (country, word), count in rows.items():
            key = (country, lists.canonical.get(word, word))
            counts[key] = counts.get(key, 0) + count
        keys = sorted(counts)
        _register(
            con,
            f"m_common_{side}",
            {
                "country_code": [country for country, _ in keys],
                "word": [word for _, word in keys],
                "row_count": [counts[key] for key in keys],
                "share": [min(1.0, counts[key] / counted.sizes[""]) for key in keys],
                "is_trade": [word in everywhere for _, word in keys],
            },
        )


def _register(con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, Any]) -> None:
    con.register("m_chunk", pa.table(columns))
    con.execute(f"create or replace temp table {name} as select * from m_chunk")
    con.unregister("m_chunk")


@cache
def read_vocabulary(name: str) -> dict[str, dict[str, Any]]:
    """The entries of one file of ``schemas/vocabularies/``, by code."""
    path = content.find(f"schemas/vocabularies/{name}.toml")
    values: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["values"]
    return values
