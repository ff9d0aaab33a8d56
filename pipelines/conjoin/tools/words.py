"""Counts the words of open lists: ``python -m conjoin.tools.words RECORDS...`` writes ``common_words.csv``.

Matching needs to know which words are common before it has seen a list: the counts tell where letter-spaced names part,
and hold word weights steady while a list is short. Only words of at least ``FEWEST`` rows are kept, and no row.
"""

import sys
from collections import Counter
from pathlib import Path

import pandas as pd
import pyarrow as pa

from conjoin import content
from conjoin.matching.text.tokens import cut
from conjoin.matching.text.word_lists import COMMON_WORDS
from conjoin.schemas.vocabularies import vocabulary

FEWEST = 3
_HEADER = """\
# Words of open lists of production sites and in how many rows' names and addresses each stands: in each country, and in
# all (no country). A line without a word counts the rows. Written by `make words` from Open Supply Hub (CC BY-SA 4.0,
# Open Supply Hub contributors) and the lists of opensupplyhub/open-apparel-registry (MIT); the counts are offered under
# CC BY-SA 4.0.
"""
_SIDES = ("name", "address")


def count_words(texts: list[str], countries: list[str]) -> Counter[tuple[str, str]]:
    """In how many of the texts of each country, and of all ("" as country), each word of two letters or more stands."""
    tokens = cut(pa.array(texts, pa.string()))
    found: Counter[tuple[str, str]] = Counter()
    for row, number in set(zip(tokens.row.tolist(), tokens.word.tolist(), strict=True)):
        word = tokens.words[number]
        if len(word) > 1 and word.isalpha() and word.isascii():
            found.update({("", word), (countries[row], word)})
    return found


def common_words(records: list[Path]) -> str:
    """The file as text: country, word, rows whose name holds it, rows whose address holds it.

    Args:
        records: CSV files in UTF-8 with the columns name, address and country.
    """
    rows = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in records])
    spellings = vocabulary("country").spellings()
    countries = [spellings.get(country.strip().lower(), "") for country in rows["country"]]
    counted = [count_words(rows[side].tolist(), countries) for side in _SIDES]
    counts = {key: [count[key] for count in counted] for key in sorted(counted[0] | counted[1])}
    kept = {key: both for key, both in counts.items() if sum(both) >= FEWEST}
    sizes = {(country, ""): [number, number] for country, number in sorted(Counter(countries).items()) if country}
    kept |= {("", ""): [len(rows), len(rows)]} | {key: both for key, both in sizes.items() if both[0] >= FEWEST}
    lines = [f"{country},{word},{names},{addresses}" for (country, word), (names, addresses) in sorted(kept.items())]
    return _HEADER + "\n".join(["country,word,name_rows,address_rows", *lines]) + "\n"


if __name__ == "__main__":
    target = content.find(COMMON_WORDS)
    target.write_text(common_words([Path(argument) for argument in sys.argv[1:]]), encoding="utf-8")
