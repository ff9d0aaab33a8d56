"""Unit, plot, building and other designators: "Unit-2", "Plot 53 54 & 71", "2nd floor", "Factory No. III".

The words are content (``schemas/matching/designators.toml``), the grammar is here: a class word, perhaps "no", then a
list of values; or a value and a class word. Values are numbers, a number with a letter, Roman numbers and single
letters. A number at the end of a *name* is the number of a unit.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from conjoin.matching.text.designator_words import LETTERS, designator_words
from conjoin.matching.text.tokens import (
    COMMA,
    DASH,
    JOINS,
    MARK,
    OPENS,
    SLASH,
    BoolArray,
    IntArray,
    Tokens,
)
from conjoin.matching.text.word_lists import NUMBER_WORDS, ROMAN_NUMBERS
from conjoin.matching.text.word_sequences import join_sequences, row_edges
from conjoin.matching.text.word_units import Found, find_word_units, joined

_LETTERS = {chr(96 + place): place for place in range(1, LETTERS)}
_LONGEST_LIST = 8
_ORDINAL_ENDINGS = frozenset(
    ["er", "ere", "eme", "inci", "nci", "uncu", "ncu", "ta", "to", "ro", "do", "mo", "vo", "no"]
)
"""What may stand between a number and its class word: "3ème étage", "2nci kat", "4to piso"."""
_GROUND = 7
"""The value of the floor at street level: the letter g."""
_NUMBERING = frozenset({"no", "nos", "number", "num", "nr", "ndeg", "numara", "numero", "to", "so"})
_LARGEST_UNIT = 99


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
    ordinal: npt.NDArray[np.int64]


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


def _values(tokens: Tokens, countries: npt.NDArray[np.str_]) -> _Values:
    number = number_values(tokens.words)
    roman = tokens.look_up(ROMAN_NUMBERS).astype(np.int64) * LETTERS
    letter = tokens.look_up(_LETTERS).astype(np.int64)
    words = designator_words()
    ordinal = _by_country(tokens, countries, words.ordinals, words.ordinals_in).astype(np.int64) * LETTERS
    other = _by_country(tokens, countries, {}, words.letters_in).astype(np.int64) * LETTERS
    letter = letter[tokens.word]
    return _Values(number[tokens.word], roman[tokens.word], np.where(other > 0, other, letter), ordinal)


def _by_country(
    tokens: Tokens,
    countries: npt.NDArray[np.str_],
    everywhere: dict[str, int],
    somewhere: dict[str, dict[str, int]],
) -> IntArray:
    """One number per word: of its row's country where that has one, else of everywhere."""
    found = tokens.look_up(everywhere)[tokens.word]
    for country, table in somewhere.items():
        there = tokens.look_up(table)[tokens.word]
        found = np.where((there > 0) & (countries[tokens.row] == country), there, found)
    return found


def join_class_words(tokens: Tokens) -> Tokens:
    """The column with every class that is announced by several words as one: "nha xuong", "hao lou"."""
    return join_sequences(tokens, designator_words().joined)


def find_designators(
    tokens: Tokens, countries: npt.NDArray[np.str_], is_name: bool, is_legal: BoolArray | None = None
) -> Designators:
    """The designators of a column of names or addresses.

    Args:
        tokens: The words, from ``join_class_words``.
        countries: ISO code of each row; empty where unknown.
        is_name: Names: a number at the end is a unit, and "no" alone says nothing.
        is_legal: For names, the words of legal forms, which do not hide the end of a name.
    """
    if len(tokens.word) == 0:
        none = np.zeros(0, dtype=np.int32)
        return Designators(none, none, none.astype(np.int64), none.astype(np.bool_))
    words = designator_words()
    values = _values(tokens, countries)
    if not is_name:  # "Hill Road, 400001" ends with a postcode, not with the number of a road
        values = replace(values, number=np.where(values.number < _POSTCODE_LIKE * LETTERS, values.number, 0))
    kinds = _by_country(tokens, countries, words.class_of, words.class_in)
    used = np.zeros(len(tokens.word), dtype=np.bool_)
    found = [_ground_floors(tokens, kinds, used)]
    found.append(_told_before(tokens, kinds, values, used))
    found.append(_lists_after(tokens, kinds, values, used))
    found.append(_values_before(tokens, kinds, values, used))
    if is_name:
        found.append(_trailing_numbers(tokens, values, used, is_legal))
    found.append(find_word_units(tokens, kinds, used, is_name, is_legal))
    row, kind, value = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Designators(row.astype(np.int32), kind.astype(np.int32), value, used)


def _lists_after(tokens: Tokens, kinds: IntArray, values: _Values, used: BoolArray) -> Found:
    """Class word, then a list of values: marks the words it uses."""
    numbering = tokens.are(_NUMBERING)
    is_long_word = (tokens.words.lengths > 2)[tokens.word]
    follows_class = np.zeros(len(kinds), dtype=np.bool_)
    follows_class[1:] = (kinds[:-1] > 0) & (tokens.row[1:] == tokens.row[:-1])
    suffix = tokens.are(designator_words().only_before)
    heads = np.flatnonzero((kinds > 0) & ~(numbering & follows_class) & ~suffix & ~used)
    may_continue = np.isin(kinds, list(designator_words().forbidding))
    position, head = heads + 1, heads
    is_taken = _stands_before_class(tokens, kinds, values) | _is_house_number(tokens, values)
    following = np.minimum(np.arange(len(kinds)) + 1, len(kinds) - 1)
    joins_number = (values.number[following] > 0) & (tokens.row[following] == tokens.row) & (tokens.gap[following] == 0)
    has_value = np.zeros(len(heads), dtype=np.bool_)
    parts: list[Found] = []
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
        paired = (values.letter[position] > 0) & (values.number[following[position]] % LETTERS == 0)
        paired &= joins_number[position] & (~has_value | is_listed)  # "Lot C4" is plot 4c
        letters = np.where(paired, values.number[following[position]] + values.letter[position], letters)
        value = np.where(values.number[position] > 0, values.number[position], letters)
        is_apart = ((tokens.gap[position] & COMMA) > 0) & (position == head + 1)  # "17th Lot, 2nd Road"
        takes = (value > 0) & ~is_apart & (~has_value | is_listed | (may_continue[head] & ~is_taken[position]))
        parts.append((tokens.row[head[takes]].astype(np.int64), kinds[head[takes]].astype(np.int64), value[takes]))
        used[position[takes]] = True
        used[head[takes]] = True
        used[following[position[takes & paired]]] = True
        passes = takes | (numbering[position] & ~has_value)
        position, head, has_value = (position + 1 + (takes & paired))[passes], head[passes], (has_value | takes)[passes]
    return joined(parts)


def _stands_before_class(tokens: Tokens, kinds: IntArray, values: _Values) -> BoolArray:
    """Words whose next word takes a value before it: the 3 of "Plot 5, 3rd Floor" is no plot."""
    before = tokens.are(designator_words().before)
    found = np.zeros(len(kinds), dtype=np.bool_)
    found[:-1] = before[1:] & (kinds[1:] > 0) & (tokens.row[1:] == tokens.row[:-1])
    found[:-1] &= (tokens.gap[1:] & (COMMA | OPENS)) == 0
    has_own = (values.number[2:] > 0) & (tokens.row[2:] == tokens.row[:-2])  # "plot 53 54 sector 28"
    found[:-2] &= ~has_own
    return found


def _is_house_number(tokens: Tokens, values: _Values) -> BoolArray:
    """Numbers after a comma that go on with a plain word: the 61 of "Level 2, 61 Mill Road" is no level."""
    found = np.zeros(len(tokens.word), dtype=np.bool_)
    goes_on = (tokens.row[1:] == tokens.row[:-1]) & (tokens.gap[1:] == 0) & (values.number[1:] == 0)
    found[:-1] = ((tokens.gap[:-1] & COMMA) > 0) & goes_on & (values.letter[1:] == 0)
    return found


def _told_before(tokens: Tokens, kinds: IntArray, values: _Values, used: BoolArray) -> Found:
    """What plainly belongs to the class word after it: "B Blok No:16" and "3. Blok No 12" are no blocks 16 and 12.

    A single letter or Roman number; a number with a dot, or one whose class word goes on with "no".
    """
    before = tokens.are(designator_words().before)
    suffix = tokens.are(designator_words().only_before)
    is_short = (tokens.words.lengths <= 2)[tokens.word]
    value = np.where((values.roman > 0) & (values.letter == 0), values.roman, values.letter)
    heads = np.flatnonzero(before & (kinds > 0) & (~is_short | suffix) & ~used)
    heads = heads[heads > 0]
    at = heads - 1
    later = np.minimum(heads + 1, len(kinds) - 1)
    goes_on = tokens.are(_NUMBERING)[later] & (tokens.row[later] == tokens.row[heads])
    is_ordinal = (values.number[at] > 0) & (goes_on | ((tokens.gap[heads] & MARK) > 0))
    value = np.where(is_ordinal, values.number[at], value[at])
    fits = (tokens.row[at] == tokens.row[heads]) & (value > 0) & ~used[at]
    fits &= (tokens.gap[heads] & (COMMA | OPENS | DASH | SLASH)) == 0
    earlier = np.maximum(at - 1, 0)  # the A of "Unit A Block B" belongs to the unit
    fits &= (kinds[earlier] == 0) | suffix[earlier] | (tokens.row[earlier] != tokens.row[at]) | (at == 0)
    last = np.minimum(heads + 2, len(kinds) - 1)
    lettered = (
        ((values.letter[later] > 0) | (values.roman[later] > 0))
        & (tokens.row[later] == tokens.row[heads])
        & (later > heads)
    )
    lettered &= ~((values.number[last] > 0) & (tokens.row[last] == tokens.row[heads]))  # "A Building B5"
    fits &= ~lettered | suffix[heads] | is_ordinal
    heads, at, value = heads[fits], at[fits], value[fits]
    used[at] = True
    used[heads] = True
    return tokens.row[heads].astype(np.int64), kinds[heads].astype(np.int64), value


def _ground_floors(tokens: Tokens, kinds: IntArray, used: BoolArray) -> Found:
    """Floors at street level: "Ground floor", "G/F", "Zemin Kat", or the word alone where it says nothing else."""
    words = designator_words()
    floor = words.number("floor")
    ground = tokens.are(words.ground)
    alone = tokens.are([word for word in words.ground if len(word) > 6 or word == "gf"])
    is_floor = kinds == floor
    next_floor, last_floor = np.zeros(len(kinds), dtype=np.bool_), np.zeros(len(kinds), dtype=np.bool_)
    same_row = tokens.row[1:] == tokens.row[:-1]
    next_floor[:-1] = is_floor[1:] & same_row
    last_floor[1:] = is_floor[:-1] & same_row
    at = np.flatnonzero(ground & (next_floor | last_floor | alone))
    used[at] = True
    used[at[next_floor[at]] + 1] = True
    before = at[last_floor[at] & ~next_floor[at]] - 1
    used[before] = True
    return tokens.row[at].astype(np.int64), np.full(len(at), floor, np.int64), np.full(len(at), _GROUND, np.int64)


def _values_before(tokens: Tokens, kinds: IntArray, values: _Values, used: BoolArray) -> Found:
    """A value, then a class word that has none of its own: "2nd floor", "A Block", "17th Lot", "3/F"."""
    before = tokens.are(designator_words().before)
    letter = np.where(values.roman > 0, values.roman, values.letter)  # "II. Tesis", "A Block"
    value = np.where(values.number > 0, values.number, np.where(values.ordinal > 0, values.ordinal, letter))
    heads = np.flatnonzero(before & (kinds > 0) & ~used)
    heads = heads[heads > 0]
    at = heads - 1
    ending = tokens.are(_ORDINAL_ENDINGS)
    at = np.where(ending[at] & (at > 0) & (values.number[np.maximum(at - 1, 0)] > 0), np.maximum(at - 1, 0), at)
    fits = (tokens.row[at] == tokens.row[heads]) & (value[at] > 0) & ~used[at]
    is_apart = (tokens.gap[heads] & (COMMA | OPENS)) > 0
    is_short = (tokens.words.lengths <= 2)[tokens.word]
    suffix = tokens.are(designator_words().only_before)
    fits &= ~is_apart & ((values.number[at] > 0) | ~is_short[heads] | suffix[heads])
    heads, at = heads[fits], at[fits]
    used[at] = True
    used[heads] = True
    parts = [(tokens.row[heads].astype(np.int64), kinds[heads].astype(np.int64), value[at])]
    is_and = tokens.are(("and", "ve", "y", "va", "he"))
    for _ in range(_LONGEST_LIST):  # "3rd & 4th floor", "3-5 floor"
        joins = ((tokens.gap[at] & (DASH | SLASH | JOINS)) > 0) | is_and[at - 1]
        further = at - 1 - is_and[at - 1]
        fits = joins & (further >= 0) & (tokens.row[further] == tokens.row[heads])
        fits &= (values.number[further] > 0) & ~used[further]
        heads, at = heads[fits], further[fits]
        used[at] = True
        parts.append((tokens.row[heads].astype(np.int64), kinds[heads].astype(np.int64), value[at]))
    return joined(parts)


def _trailing_numbers(tokens: Tokens, values: _Values, used: BoolArray, is_legal: BoolArray | None) -> Found:
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
