"""One column of names or addresses, read: what identifies, what is set aside, and what becomes a field of its own."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from conjoin.matching.text.designator_words import LETTERS, designator_words
from conjoin.matching.text.designators import Designators, find_designators, join_class_words, number_values
from conjoin.matching.text.legal_forms import find_legal_forms
from conjoin.matching.text.spelling import join_articles, rejoin_letters
from conjoin.matching.text.tokens import DASH, JOINS, SLASH, BoolArray, IntArray, Tokens, Words
from conjoin.matching.text.word_lists import word_lists
from conjoin.matching.text.word_sequences import SequenceFinder

_LONGEST_NAME = 24
_LONGEST_ADDRESS = 96
_LETTER_O = 15
_NUMBERLESS_CLASSES = frozenset({"floor", "box", "room", "phase", "zone", "gate"})


def canonical(tokens: Tokens) -> Tokens:
    """The words in their one spelling."""
    table = word_lists().canonical
    spelled = [table.get(word, word) for word in tokens.words]
    numbers: dict[str, int] = {}
    renumbered = np.fromiter((numbers.setdefault(word, len(numbers)) for word in spelled), np.int32, len(spelled))
    return Tokens(Words(numbers), renumbered[tokens.word], tokens.row, tokens.gap, tokens.inside, tokens.row_count)


def squash(tokens: Tokens) -> pa.Array:
    """All words of each row written together; empty without words."""
    words = pa.array(tokens.words, pa.large_string()).take(pa.array(tokens.word))
    offsets = np.searchsorted(tokens.row, np.arange(tokens.row_count + 1)).astype(np.int64)
    lists = pa.LargeListArray.from_arrays(pa.array(offsets), words)
    return pc.binary_join(lists, pa.scalar("", pa.large_string()))


def _membership(tokens: Tokens, words: frozenset[str]) -> BoolArray:
    return tokens.are(words)


def _own_country(tokens: Tokens, finder: SequenceFinder, countries: npt.NDArray[np.str_]) -> BoolArray:
    """Words that name the row's own country; the name of another country tells companies apart."""
    found = np.zeros(len(tokens.word), dtype=np.bool_)
    for code in np.unique(countries).tolist():
        names = word_lists().country_names.get(code)
        if names:
            found |= finder.mark(names) & (countries[tokens.row] == code)
    return found


def _position_in_row(tokens: Tokens) -> IntArray:
    first = np.searchsorted(tokens.row, tokens.row)
    return (np.arange(len(tokens.row)) - first).astype(np.int32)


class Name:
    """One column of names, read: core words, legal form, designators."""

    def __init__(self, tokens: Tokens, countries: npt.NDArray[np.str_]) -> None:
        tokens = tokens.take(_position_in_row(tokens) < _LONGEST_NAME)
        tokens = join_class_words(join_articles(_without_fillers(tokens), countries))
        tokens = rejoin_letters(tokens, find_legal_forms(tokens, countries).is_form)
        forms = find_legal_forms(tokens, countries)
        self.legal_kind = forms.row_kind
        self.designators: Designators = find_designators(tokens, countries, is_name=True, is_legal=forms.is_form)
        lists = word_lists()
        finder = SequenceFinder(tokens)
        tagged = finder.mark(lists.tag) & tokens.inside
        noise = forms.is_form | self.designators.is_used | tagged | _membership(tokens, lists.stop)
        noise |= _own_country(tokens, finder, countries) | finder.mark(lists.former)
        keep = ~noise
        left = np.bincount(tokens.row[keep], minlength=tokens.row_count)
        keep |= left[tokens.row] == 0
        self.spelled = tokens.take(keep)
        self.core = canonical(self.spelled)
        self.is_composite = _composite(tokens, forms.is_form)

    def keys(self, towns: Tokens) -> npt.NDArray[np.int64]:
        """A number per row that names share which tell the same words, in any order; 0 without words.

        Words in brackets, the row's town and words that say nothing of the trade do not count, unless nothing is left.
        """
        core = self.core
        told = ~(core.are(word_lists().general) | core.inside | core.repeats(canonical(towns)))
        told |= np.bincount(core.row[told], minlength=core.row_count)[core.row] == 0
        digests = [int.from_bytes(blake2b(word.encode(), digest_size=7).digest(), "big") for word in core.words]
        kept = np.unique(core.row[told].astype(np.int64) << 32 | core.word[told])
        keys = np.zeros(core.row_count, dtype=np.int64)
        np.add.at(keys, kept >> 32, np.array(digests, dtype=np.int64)[kept & 0xFFFFFFFF])
        return keys & (2**62 - 1)


def _composite(tokens: Tokens, is_form: BoolArray) -> BoolArray:
    """Rows that name two companies: two legal forms with other words between, parted by "&" or a slash."""
    parts = np.zeros(tokens.row_count, dtype=np.bool_)
    if len(tokens.word) == 0:
        return parts
    previous_form = np.zeros(len(is_form), dtype=np.bool_)
    previous_form[1:] = is_form[:-1] & (tokens.row[1:] == tokens.row[:-1])
    seam = previous_form & ~is_form & ((tokens.gap & (SLASH | JOINS)) > 0)
    rows = np.unique(tokens.row[seam])
    last_form = np.full(tokens.row_count, -1)
    np.maximum.at(last_form, tokens.row[is_form], np.flatnonzero(is_form))
    first_seam = np.full(tokens.row_count, len(is_form))
    np.minimum.at(first_seam, tokens.row[seam], np.flatnonzero(seam))
    parts[rows] = last_form[rows] > first_seam[rows]
    return parts


def _without_fillers(tokens: Tokens) -> Tokens:
    """The column without texts that only say that there is nothing."""
    finder = SequenceFinder(tokens)
    length = np.bincount(tokens.row, minlength=tokens.row_count)
    empty = np.zeros(tokens.row_count, dtype=np.bool_)
    for sequence in word_lists().filler:
        if sequence:
            rows = tokens.row[finder.find(sequence)]
            empty[rows[length[rows] == len(sequence)]] = True
    return tokens.take(~empty[tokens.row]) if empty.any() else tokens


class Address:
    """One column of addresses, read: core words, numbers, postcode, designators."""

    def __init__(self, tokens: Tokens, postcodes: Tokens, countries: npt.NDArray[np.str_]) -> None:
        tokens = _without_fillers(tokens.take(_position_in_row(tokens) < _LONGEST_ADDRESS))
        tokens = join_class_words(join_articles(tokens, countries))
        self.designators: Designators = find_designators(tokens, countries, is_name=False)
        digits = np.fromiter(
            (len(word) if word.isdigit() else 0 for word in tokens.words), np.int32, len(tokens.words)
        )[tokens.word]
        lists = word_lists()
        four = np.isin(countries, [code for code, count in lists.postcode_digits.items() if count == 4])[tokens.row]
        begins = np.isin(countries, list(lists.house_number_first))[tokens.row] & (_position_in_row(tokens) == 0)
        is_code = ~begins & ((digits >= 5) | (four & (digits == 4))) & ~self.designators.is_used
        self.postcode = self._postcodes(tokens, postcodes, is_code)
        values = number_values(tokens.words)[tokens.word]
        is_number = values > 0
        self.number_row, self.number_value = self._numbers(tokens, values, is_number & ~is_code)
        noise = is_number | _membership(tokens, lists.stop) | self.designators.is_used
        noise |= _own_country(tokens, SequenceFinder(tokens), countries)
        noise |= (tokens.words.lengths == 1)[tokens.word]
        self.spelled = tokens.take(~noise)
        self.core = canonical(self.spelled)

    @staticmethod
    def _postcodes(tokens: Tokens, postcodes: Tokens, is_code: BoolArray) -> pa.Array:
        """The delivered postcode; without one, the last number of the address that looks like one."""
        given = squash(_without_fillers(postcodes))
        given = pc.if_else(pc.match_substring_regex(given, "^(?:0+|1+|9+|[a-z]+)$"), "", given)  # "00000", "none"
        rows = tokens.row[is_code]
        found = np.full(tokens.row_count, "", dtype=object)
        words = np.array([*tokens.words, ""], dtype=object)
        found[rows] = words[tokens.word[is_code]]
        return pc.if_else(pc.equal(given, ""), pa.array(found, pa.large_string()), given)

    def _numbers(
        self, tokens: Tokens, values: npt.NDArray[np.int64], is_number: BoolArray
    ) -> tuple[IntArray, npt.NDArray[np.int64]]:
        """House, plot and building numbers; "99/101" also as 99101, because exports lose the mark between."""
        weak = [kind for kind, name in enumerate(designator_words().classes, start=1) if name in _NUMBERLESS_CLASSES]
        drop = np.isin(self.designators.kind, weak)
        weak_keys = self.designators.row[drop].astype(np.int64) << 40 | self.designators.value[drop]
        position = np.flatnonzero(is_number)
        keys = tokens.row[position].astype(np.int64) << 40 | values[position]
        position = position[~np.isin(keys, weak_keys)]
        row, value = tokens.row[position], values[position]
        joined = np.flatnonzero(
            (row[1:] == row[:-1])
            & (position[1:] == position[:-1] + 1)
            & ((tokens.gap[position[1:]] & (DASH | SLASH)) > 0)
            & (value[1:] < 10**4 * LETTERS)
            & (value[:-1] < 10**5 * LETTERS)
        )
        left, right = value[joined] // LETTERS, value[joined + 1] // LETTERS
        width = np.where(right >= 1000, 4, np.where(right >= 100, 3, np.where(right >= 10, 2, 1)))
        both = left * 10**width + right
        rows = np.concatenate((row, row[joined])).astype(np.int32)
        numbers = np.concatenate((value, both * LETTERS))
        lettered = value % LETTERS > 0  # "89a" also counts as 89
        rows = np.concatenate((rows, row[lettered]))
        numbers = np.concatenate((numbers, value[lettered] // LETTERS * LETTERS))
        nought = value % LETTERS == _LETTER_O  # "33o" may be a mistyped 330
        rows = np.concatenate((rows, row[nought]))
        numbers = np.concatenate((numbers, value[nought] // LETTERS * 10 * LETTERS))
        unique = np.sort(rows.astype(np.int64) << 40 | numbers)
        unique = unique[np.concatenate((np.ones(min(len(unique), 1), dtype=np.bool_), unique[1:] != unique[:-1]))]
        return (unique >> 40).astype(np.int32), unique & ((1 << 40) - 1)
