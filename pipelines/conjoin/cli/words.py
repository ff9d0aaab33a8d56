"""Counts the words of open lists: ``python -m conjoin.cli.words RECORDS...`` writes ``common_words.csv``.

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

FEWEST = 3
_HEADER = """\
# Words of open lists of production sites and in how many rows' names and addresses each stands; the first line counts
# the rows. Written by `make words` from Open Supply Hub (CC BY-SA 4.0, Open Supply Hub contributors) and the lists of
# opensupplyhub/open-apparel-registry (MIT); the counts are offered under CC BY-SA 4.0.
"""


def count_words(texts: list[str]) -> Counter[str]:
    """In how many of the texts each word of two letters or more stands."""
    tokens = cut(pa.array(texts, pa.string()))
    rows = set(zip(tokens.row.tolist(), tokens.word.tolist(), strict=True))
    return Counter(
        word for _, number in rows if len(word := tokens.words[number]) > 1 and word.isalpha() and word.isascii()
    )


def common_words(records: list[Path]) -> str:
    """The file as text: word, rows whose name holds it, rows whose address holds it.

    Args:
        records: CSV files in UTF-8 with the columns name and address.
    """
    rows = pd.concat([pd.read_csv(path, dtype=str, keep_default_na=False) for path in records])
    names, addresses = (count_words(rows[column].tolist()) for column in ("name", "address"))
    kept = sorted(word for word in names | addresses if names[word] + addresses[word] >= FEWEST)
    lines = [f"{word},{names[word]},{addresses[word]}" for word in kept]
    return _HEADER + "\n".join(["word,name_rows,address_rows", f",{len(rows)},{len(rows)}", *lines]) + "\n"


if __name__ == "__main__":
    target = content.find(COMMON_WORDS)
    target.write_text(common_words([Path(argument) for argument in sys.argv[1:]]), encoding="utf-8")
