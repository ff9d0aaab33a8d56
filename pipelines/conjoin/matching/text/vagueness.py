"""How much a row says of who it names and where: "Confidential, Dhaka" is nobody's name and no street.

Two such rows agree in every field and say nothing of each other, so agreement is no evidence there. What counts as a
name and as a place is decided here, once, from one row alone.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

from conjoin.matching.text.legal_forms import legal_forms
from conjoin.matching.text.names_and_addresses import canonical
from conjoin.matching.text.tokens import BoolArray, Tokens
from conjoin.matching.text.word_lists import word_lists
from conjoin.matching.text.word_sequences import SequenceFinder

Kinds = npt.NDArray[np.int8]

NOBODY, TRADE_ONLY, NAMED = 0, 1, 2
"""What a name says: nobody ("Confidential", "Supplier 3", "Ltd", "Dhaka"), a trade ("Garments Ltd"), or somebody."""
NO_PLACE, TOWN, STREET = 0, 1, 2
"""What a row says of its place: nothing beside the country; a town, a road, a zone or a point; or a number there."""

_SPELLED_OUT = 4
"""Single letters from which a name is one that is written letter by letter."""
_LONGEST_TOWN = 4
"""Words of the longest town that a name may be nothing but."""


@cache
def _empty_words() -> frozenset[str]:
    """Words that say neither who nor where."""
    lists = word_lists()
    return frozenset(
        {word for words in lists.filler | lists.nobody for word in words}
        | {word for form in legal_forms() for word in form.words}
        | lists.stop
    )


def name_kinds(names: Tokens, towns: Tokens) -> Kinds:
    """What each name says.

    Args:
        names: The words of names, as they are cut.
        towns: The words of city and region of the same rows: a name that only repeats them names nobody.
    """
    empty = names.are(_empty_words()) | _is_symbol(names) | _names_country(names)
    empty &= ~_is_spelled_out(names)
    few = np.bincount(names.row[~empty], minlength=names.row_count) <= _LONGEST_TOWN
    empty |= few[names.row] & names.repeats(towns)
    spelled = canonical(names)
    trade = spelled.are(word_lists().trade)
    kinds = np.full(names.row_count, NOBODY, dtype=np.int8)
    kinds[names.row[~empty & trade]] = TRADE_ONLY
    kinds[names.row[~empty & ~trade]] = NAMED
    return kinds


def place_kinds(addresses: Tokens, towns: Tokens, postcodes: Tokens, has_point: BoolArray) -> Kinds:
    """What each row says of its place.

    Args:
        addresses: The words of the address alone.
        towns: The words of city and region.
        postcodes: The words of the postcode.
        has_point: Whether the row brings coordinates.
    """
    empty = addresses.are(_empty_words()) | _names_country(addresses) | addresses.repeats(towns)
    is_number = np.fromiter((word[0].isdigit() for word in addresses.words), np.bool_, len(addresses.words))
    length = addresses.words.lengths
    told = ~empty & ~addresses.repeats(postcodes)
    number = (is_number & (length <= 4))[addresses.word] & told
    word = (~is_number & (length > 1))[addresses.word] & told
    words = np.bincount(addresses.row[word], minlength=addresses.row_count)
    numbers = np.bincount(addresses.row[number], minlength=addresses.row_count)
    kinds = np.full(addresses.row_count, NO_PLACE, dtype=np.int8)
    says_town = np.bincount(towns.row[~towns.are(_empty_words())], minlength=towns.row_count) > 0
    says_code = np.bincount(postcodes.row[~postcodes.are(_empty_words())], minlength=postcodes.row_count) > 0
    kinds[has_point | says_town | says_code | (words > 0)] = TOWN  # a point may be the middle of the country
    kinds[(numbers > 0) & (words > 0)] = STREET
    return kinds


def _names_country(tokens: Tokens) -> BoolArray:
    """Words that name a country, whichever."""
    return SequenceFinder(tokens).mark(_country_names())


@cache
def _country_names() -> tuple[tuple[str, ...], ...]:
    return tuple(sorted({name for names in word_lists().country_names.values() for name in names}))


def _is_symbol(tokens: Tokens) -> BoolArray:
    """Numbers, single letters and one letter again and again: "Supplier 3", "Factory B", "XXXXXX"."""
    found = np.fromiter(
        (len(set(word)) == 1 or word[0].isdigit() for word in tokens.words), np.bool_, len(tokens.words)
    )
    return found[tokens.word]


def _is_spelled_out(tokens: Tokens) -> BoolArray:
    """The letters of names that came out of a PDF one by one."""
    letter = np.fromiter((len(word) == 1 and word.isalpha() for word in tokens.words), np.bool_, len(tokens.words))
    letters = np.bincount(tokens.row[letter[tokens.word]], minlength=tokens.row_count)
    return letter[tokens.word] & (letters >= _SPELLED_OUT)[tokens.row]
