"""Text columns cut into words, as flat arrays of word numbers.

A column of a million names becomes a handful of arrays with one entry per word: which row it stands in, its number in
the list of distinct words, and what stood before it. Everything that later needs to understand words looks at the
distinct words once (Python) or at the flat arrays (numpy), never at rows.

Rules of cutting: letters and digits part ("unit14" is "unit 14"), except one letter after a number, which belongs to
it ("89a", "17b"), and ordinals ("2nd" is "2"); dots between single letters vanish ("A.S." is "as"), so do apostrophes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from conjoin.matching.text.ascii import fold_column, text_bytes

IntArray = npt.NDArray[np.int32]
BoolArray = npt.NDArray[np.bool_]

OPENS, CLOSES, COMMA, DASH, SLASH, JOINS, MARK, STARTS = (1 << bit for bit in range(8))
"""What stood between a word and the one before it: bits of ``Tokens.gap``. STARTS: the first word of its row."""

_OTHER, _LETTER, _DIGIT = 0, 1, 2


def _tables() -> tuple[bytes, npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    lower = bytearray(range(256))
    kind = np.zeros(256, dtype=np.uint8)
    gap = np.zeros(256, dtype=np.uint8)
    for code in range(ord("A"), ord("Z") + 1):
        lower[code] = code + 32
    for code in (*range(ord("a"), ord("z") + 1), ord("?")):
        kind[code] = _LETTER
    for code in range(ord("0"), ord("9") + 1):
        kind[code] = _DIGIT
    for characters, bit in (("([{<", OPENS), (")]}>", CLOSES), (",;|", COMMA), ("-_~", DASH), ("/\\", SLASH)):
        for character in characters:
            gap[ord(character)] = bit
    for character in "&+":
        gap[ord(character)] = JOINS
    for character in "#:.":
        gap[ord(character)] = MARK
    return bytes(lower), kind, gap


_LOWER, _KIND, _GAP = _tables()


class Words(list[str]):
    """Distinct words by number, with what is asked of them again and again."""

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self)}

    @cached_property
    def lengths(self) -> IntArray:
        """Letters of each word."""
        return np.fromiter(map(len, self), np.int32, len(self))


@dataclass(frozen=True)
class Tokens:
    """The words of one text column, in order of appearance.

    Attributes:
        words: The distinct words, in order of first appearance.
        word: For each word in the text, its position in ``words``.
        row: For each word, the row of the column.
        gap: For each word, what stood before it (bits OPENS to STARTS).
        inside: For each word, whether it stands inside brackets.
        row_count: Rows of the column, with or without words.
    """

    words: Words
    word: IntArray
    row: IntArray
    gap: npt.NDArray[np.uint8]
    inside: BoolArray
    row_count: int

    @cached_property
    def places(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Places in the text by word, and where those of each word begin."""
        order = np.argsort(self.word, kind="stable")
        return order, np.searchsorted(self.word[order], np.arange(len(self.words) + 1))

    def look_up(self, table: Mapping[str, int], default: int = 0) -> IntArray:
        """One number per distinct word, from a table of words."""
        if len(table) > len(self.words):
            return np.fromiter((table.get(word, default) for word in self.words), np.int32, len(self.words))
        found = np.full(len(self.words), default, dtype=np.int32)
        numbers = self.words.numbers
        for word, value in table.items():
            if (number := numbers.get(word)) is not None:
                found[number] = value
        return found

    def repeats(self, others: "Tokens") -> BoolArray:
        """Which words stand in the same row of another column too."""
        known = others.look_up(self.words.numbers, -1)[others.word]
        theirs = (others.row.astype(np.int64) << 32 | known)[known >= 0]
        return np.isin(self.row.astype(np.int64) << 32 | self.word, theirs)

    def are(self, words: Iterable[str]) -> BoolArray:
        """For each word of the text, whether it is one of these."""
        return self.look_up(dict.fromkeys(words, 1))[self.word].astype(np.bool_)

    def take(self, keep: BoolArray) -> "Tokens":
        """The words where ``keep`` is true; gaps and brackets stay as they were in the text."""
        return Tokens(self.words, self.word[keep], self.row[keep], self.gap[keep], self.inside[keep], self.row_count)

    def of_rows(self, rows: npt.NDArray[np.int64]) -> "Tokens":
        """The words of some rows, given in rising order, which are numbered anew from 0."""
        kept = self.take(np.isin(self.row, rows))
        row = np.searchsorted(rows, kept.row).astype(np.int32)
        return Tokens(kept.words, kept.word, row, kept.gap, kept.inside, len(rows))


def _without_joiners(data: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The bytes without apostrophes, and without dots between single letters."""
    kind = _KIND[data]
    is_letter = kind == _LETTER
    keep = (data != ord("'")) & (data != ord("`"))
    dots = np.flatnonzero(data == ord("."))
    dots = dots[(dots >= 1) & (dots < len(data) - 2)]
    single_before = is_letter[dots - 1] & ((dots == 1) | (kind[dots - 2] == _OTHER))
    single_after = is_letter[dots + 1] & (kind[dots + 2] == _OTHER)
    keep[dots[single_before & single_after]] = False
    kept: npt.NDArray[np.uint8] = data[keep]
    return kept


@dataclass(frozen=True)
class _Runs:
    """Stretches of letters or digits: where they begin and end in the bytes, and which they are."""

    start: npt.NDArray[np.int64]
    end: npt.NDArray[np.int64]
    is_digit: BoolArray


def _word_runs(data: npt.NDArray[np.uint8]) -> _Runs:
    kind = _KIND[data]
    change = np.flatnonzero(kind[1:] != kind[:-1]) + 1
    start = np.concatenate(([0], change))
    end = np.concatenate((change, [len(data)]))
    kinds = kind[start]
    solid = kinds != _OTHER
    start, end, is_digit = start[solid], end[solid], kinds[solid] == _DIGIT
    length = end - start
    touches_number = np.zeros(len(start), dtype=np.bool_)
    touches_number[1:] = is_digit[:-1] & ~is_digit[1:] & (start[1:] == end[:-1])
    suffix = touches_number & (length == 1) & (data[start] != ord("?"))
    first, second = data[start], data[np.minimum(start + 1, len(data) - 1)]
    pair = first.astype(np.int32) * 256 + second
    ordinal = (
        touches_number & (length == 2) & np.isin(pair, [ord(a) * 256 + ord(b) for a, b in ("st", "nd", "rd", "th")])
    )
    owners = np.flatnonzero(suffix) - 1
    end[owners] += 1
    keep = ~(suffix | ordinal)
    only_lost = ~is_digit & (first == ord("?")) & (length == 1)
    keep &= ~only_lost
    return _Runs(start[keep], end[keep], is_digit[keep])


def _gaps(data: npt.NDArray[np.uint8], runs: _Runs, row: IntArray) -> npt.NDArray[np.uint8]:
    """What stood between each word and its predecessor, as bits."""
    marks = np.flatnonzero(_GAP[data])
    following = np.searchsorted(runs.start, marks)
    gap = np.zeros(len(runs.start) + 1, dtype=np.uint8)
    np.bitwise_or.at(gap, following, _GAP[data[marks]])
    gap = gap[:-1]
    gap[np.concatenate(([True], row[1:] != row[:-1]))] |= STARTS
    return gap


def _inside_brackets(data: npt.NDArray[np.uint8], runs: _Runs, row: IntArray) -> BoolArray:
    """Whether each word stands inside brackets of its own row."""
    opened = np.flatnonzero(_GAP[data] == OPENS)
    if len(opened) == 0:
        return np.zeros(len(row), dtype=np.bool_)
    edges = np.sort(np.concatenate((opened, np.flatnonzero((_GAP[data] == CLOSES) | (data == ord("\n"))))))
    last = np.searchsorted(edges, runs.start) - 1
    opens: BoolArray = (last >= 0) & (_GAP[data[edges[np.maximum(last, 0)]]] == OPENS)
    return opens


def cut(column: pa.Array) -> Tokens:
    """The words of a text column of any script."""
    folded = fold_column(column)
    nothing, line_end = pa.scalar("", pa.large_string()), pa.scalar("\n", pa.large_string())
    folded = pc.replace_substring(folded, "\n", " ")  # from here on a line end is the end of a row
    data, _ = text_bytes(pc.binary_join_element_wise(folded, nothing, line_end))
    data = np.frombuffer(data.tobytes().translate(_LOWER), dtype=np.uint8)
    if len(data) == 0:
        return _no_tokens(len(column))
    data = _without_joiners(data)
    runs = _word_runs(data)
    if len(runs.start) == 0:
        return _no_tokens(len(column))
    row = np.searchsorted(np.flatnonzero(data == ord("\n")), runs.start).astype(np.int32)
    encoded = _word_strings(data, runs).dictionary_encode()
    return Tokens(
        words=Words(encoded.dictionary.to_pylist()),
        word=np.asarray(encoded.indices).astype(np.int32),
        row=row,
        gap=_gaps(data, runs, row),
        inside=_inside_brackets(data, runs, row),
        row_count=len(column),
    )


def _no_tokens(row_count: int) -> Tokens:
    none = np.zeros(0, dtype=np.int32)
    return Tokens(Words(), none, none, none.astype(np.uint8), none.astype(np.bool_), row_count)


def _word_strings(data: npt.NDArray[np.uint8], runs: _Runs) -> pa.Array:
    length = runs.end - runs.start
    offsets = np.concatenate(([0], np.cumsum(length)))
    edges = np.zeros(len(data) + 1, dtype=np.int8)
    edges[runs.start] = 1
    edges[runs.end] -= 1  # a word may begin where the one before it ends
    letters = data[np.cumsum(edges[:-1], dtype=np.int8).view(np.bool_)]
    return pa.Array.from_buffers(
        pa.large_string(), len(length), [None, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(letters)]
    )


def cut_texts(texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The words of each of a few texts; for word lists and tests."""
    tokens = cut(pa.array(list(texts), pa.large_string()))
    rows: list[list[str]] = [[] for _ in texts]
    for word, row in zip(tokens.word.tolist(), tokens.row.tolist(), strict=True):
        rows[row].append(tokens.words[word])
    return [tuple(words) for words in rows]
