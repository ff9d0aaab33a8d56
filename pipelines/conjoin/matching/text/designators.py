"""Unit, plot, building and other designators: "Unit-2", "Plot 53 54 & 71", "2nd floor", "Factory No. III".

The words are content (``schemas/matching/designators.toml``), the grammar is here: a class word, perhaps "no", then a
list of values; or a value and a class word. Values are numbers, a number with a letter, Roman numbers and single
letters. A number at the end of a *name* is the number of a unit.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from conjoin.matching.text.tokens import DASH, JOINS, SLASH, BoolArray, IntArray, Tokens
from conjoin.matching.text.word_lists import NUMBER_WORDS, ROMAN_NUMBERS, read_content
from conjoin.matching.text.word_sequences import row_edges

LETTERS = 27
"""A value is number * LETTERS + letter (0: no letter, 1: a ...), so that 89 and 89a can be seen to agree."""

VALUE_TEXT = f"value // {LETTERS} || if(value % {LETTERS} > 0, chr((96 + value % {LETTERS})::integer), '')"
"""A value as people write it, in SQL: 2, 2a, 89."""

_LONGEST_LIST = 8
_NUMBERING = frozenset({"no", "nos", "number", "num", "nr", "ndeg", "numara", "numero", "to"})
_LARGEST_UNIT = 99


@dataclass(frozen=True)
class DesignatorWords:
    """Class names in order, the class of each word, and which classes forbid."""

    classes: tuple[str, ...]
    class_of: dict[str, int]
    forbidding: frozenset[int]
    before: frozenset[str]

    @property
    def unit(self) -> int:
        """The class of units: "Unit-2", "Factory No. III", "II. Tesis"."""
        return self.classes.index("unit") + 1


@cache
def designator_words() -> DesignatorWords:
    """The words of ``designators.toml`` that stand alone; class numbers begin at 1."""
    raw = read_content("designators.toml")
    classes = tuple(raw["class"])
    class_of: dict[str, int] = {}
    for number, name in enumerate(classes, start=1):
        for word in raw["class"][name]["words"]:
            if " " not in word:
                class_of.setdefault(word, number)
    forbidding = frozenset(number for number, name in enumerate(classes, start=1) if raw["class"][name]["forbids"])
    return DesignatorWords(classes, class_of, forbidding, frozenset(raw["before"]["words"]))


@dataclass(frozen=True)
class Designators:
    """Designators of a column, one entry per value, and the words that belong to them.

    Attributes:
        row: Row of the column.
        kind: Class number.
        value: Number * LETTERS + letter.
        is_used: For each word of the column, whether it is a class word with a value, or a value.
    """

    row: IntArray
    kind: IntArray
    value: npt.NDArray[np.int64]
    is_used: BoolArray


_POSTCODE_LIKE = 10_000


@dataclass(frozen=True)
class _Values:
    """What each word is worth as a value (0: none): as a number, as a Roman number or a single letter."""

    number: npt.NDArray[np.int64]
    roman: npt.NDArray[np.int64]
    letter: npt.NDArray[np.int64]


def number_value(word: str) -> int:
    """A number with or without one letter as one value; 0 if the word is none or has more than nine digits."""
    digits = word[:-1] if word[-1:].isalpha() else word
    if not digits.isdigit() or len(digits) > 9:
        return 0
    letter = ord(word[-1]) - ord("a") + 1 if word[-1].isalpha() else 0
    return int(digits) * LETTERS + letter


def number_values(words: list[str]) -> npt.NDArray[np.int64]:
    """``number_value`` of many words; words that begin with a letter are not looked at."""
    return np.fromiter((number_value(word) if word[0] <= "9" else 0 for word in words), np.int64, len(words))


def _values(tokens: Tokens) -> _Values:
    number = number_values(tokens.words)
    roman = np.fromiter((ROMAN_NUMBERS.get(word, 0) * LETTERS for word in tokens.words), np.int64, len(tokens.words))
    letter = np.fromiter(
        (ord(word) - 96 if len(word) == 1 and "a" <= word <= "z" else 0 for word in tokens.words),
        np.int64,
        len(tokens.words),
    )
    return _Values(number[tokens.word], roman[tokens.word], letter[tokens.word])


def find_designators(tokens: Tokens, is_name: bool, is_legal: BoolArray | None = None) -> Designators:
    """The designators of a column of names or addresses.

    Args:
        tokens: The words.
        is_name: Names: a number at the end is a unit, and "no" alone says nothing.
        is_legal: For names, the words of legal forms, which do not hide the end of a name.
    """
    if len(tokens.word) == 0:
        none = np.zeros(0, dtype=np.int32)
        return Designators(none, none, none.astype(np.int64), none.astype(np.bool_))
    words = designator_words()
    values = _values(tokens)
    if not is_name:  # "Hill Road, 400001" ends with a postcode, not with the number of a road
        values = replace(values, number=np.where(values.number < _POSTCODE_LIKE * LETTERS, values.number, 0))
    kinds = tokens.look_up(words.class_of)[tokens.word]
    used = np.zeros(len(tokens.word), dtype=np.bool_)
    found = [_lists_after(tokens, kinds, values, used)]
    found.append(_values_before(tokens, kinds, values, used))
    if is_name:
        found.append(_trailing_numbers(tokens, values, used, is_legal))
    row, kind, value = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Designators(row.astype(np.int32), kind.astype(np.int32), value, used)


_Found = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]


def _lists_after(tokens: Tokens, kinds: IntArray, values: _Values, used: BoolArray) -> _Found:
    """Class word, then a list of values: marks the words it uses."""
    numbering = tokens.look_up(dict.fromkeys(_NUMBERING, 1))[tokens.word].astype(np.bool_)
    is_long_word = np.fromiter((len(word) > 2 for word in tokens.words), np.bool_, len(tokens.words))[tokens.word]
    follows_class = np.zeros(len(kinds), dtype=np.bool_)
    follows_class[1:] = (kinds[:-1] > 0) & (tokens.row[1:] == tokens.row[:-1])
    heads = np.flatnonzero((kinds > 0) & ~(numbering & follows_class))
    may_continue = np.isin(kinds, list(designator_words().forbidding))
    position, head = heads + 1, heads
    has_value = np.zeros(len(heads), dtype=np.bool_)
    parts: list[_Found] = []
    for _ in range(_LONGEST_LIST):
        alive = position < len(tokens.word)
        position, head, has_value = position[alive], head[alive], has_value[alive]
        alive = (tokens.row[position] == tokens.row[head]) & ~used[position]
        position, head, has_value = position[alive], head[alive], has_value[alive]
        is_listed = (tokens.gap[position] & (DASH | SLASH | JOINS)) > 0
        plain = values.roman[position]
        plain = np.where((plain > 0) & (values.letter[position] == 0), plain, values.letter[position])
        letters = np.where(is_long_word[head] & (~has_value | is_listed), plain, 0)
        letters = np.where((values.roman[position] > 0) & (kinds[head] == 1), values.roman[position], letters)
        value = np.where(values.number[position] > 0, values.number[position], letters)
        takes = (value > 0) & (~has_value | is_listed | may_continue[head])
        parts.append((tokens.row[head[takes]].astype(np.int64), kinds[head[takes]].astype(np.int64), value[takes]))
        used[position[takes]] = True
        used[head[takes]] = True
        passes = takes | (numbering[position] & ~has_value)
        position, head, has_value = position[passes] + 1, head[passes], (has_value | takes)[passes]
    return _joined(parts)


def _joined(parts: list[_Found]) -> _Found:
    row, kind, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return row, kind, value


def _values_before(tokens: Tokens, kinds: IntArray, values: _Values, used: BoolArray) -> _Found:
    """A number, then a class word that has no value of its own: "2nd floor"."""
    before = tokens.look_up(dict.fromkeys(designator_words().before, 1))[tokens.word].astype(np.bool_)
    heads = np.flatnonzero(before & (kinds > 0) & ~used)
    heads = heads[heads > 0]
    number = heads - 1
    fits = (tokens.row[number] == tokens.row[heads]) & (values.number[number] > 0) & ~used[number]
    heads, number = heads[fits], number[fits]
    used[number] = True
    used[heads] = True
    return tokens.row[heads].astype(np.int64), kinds[heads].astype(np.int64), values.number[number]


def _trailing_numbers(tokens: Tokens, values: _Values, used: BoolArray, is_legal: BoolArray | None) -> _Found:
    """A small number, Roman number or number word that ends a name, or stands before its legal form or a bracket."""
    legal = np.zeros(len(tokens.word), dtype=np.bool_) if is_legal is None else is_legal
    spelled = tokens.look_up(NUMBER_WORDS)[tokens.word].astype(np.int64) * LETTERS
    kept = np.flatnonzero(~legal)
    first, last = row_edges(tokens.take(~legal))
    is_last, is_first = np.zeros(len(legal), dtype=np.bool_), np.zeros(len(legal), dtype=np.bool_)
    is_last[kept], is_first[kept] = last, first
    before_legal = np.zeros(len(legal), dtype=np.bool_)
    before_legal[:-1] = legal[1:] & (tokens.row[1:] == tokens.row[:-1])
    small = np.where(values.number <= _LARGEST_UNIT * LETTERS + LETTERS - 1, values.number, 0)
    roman = np.where((values.letter == 0) | (values.letter == 9), values.roman, 0)
    value = np.where(small > 0, small, np.where(roman > 0, roman, spelled))
    ends = np.flatnonzero((is_last | before_legal) & ~is_first & ~used & ~legal & (value > 0))
    used[ends] = True
    return tokens.row[ends].astype(np.int64), np.ones(len(ends), dtype=np.int64), value[ends]
