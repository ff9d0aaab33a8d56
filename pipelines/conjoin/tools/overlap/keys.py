"""Key recipes: a row of a list becomes keys, and two lists are compared by their keys alone.

A recipe is a function of one row. It is named and numbered: a change that alters a key is a new recipe under a new
number, and the agreement names the one that both sides use. ``words_in_use`` tells the word lists and the version of
the normalisation apart, on which every recipe rests.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from itertools import product
from math import log2

from conjoin import content
from conjoin.matching.text.ascii import NORMALISATION_VERSION
from conjoin.matching.text.word_lists import common_words, word_lists
from conjoin.tools.overlap.sites import Site

#: Files that what a recipe makes of a row turns on.
_WORD_FILES = (
    "schemas/matching/common_words.csv",
    "schemas/matching/designators.toml",
    "schemas/matching/legal_forms.toml",
    "schemas/matching/words.toml",
    "schemas/vocabularies/country.toml",
    "schemas/vocabularies/id_scheme.toml",
)
_SEPARATOR = "\x1f"
_RAREST = 2
_NUMBERS = 4
_IDENTIFIERS = 5
_SHORTEST_NAME, _START_LETTERS = 5, 12
_MOST_SHARE_WITH_NUMBER = 0.002
"""A word of a name makes a key with a number only if at most this share of open lists' rows holds it."""
_MOST_CHANCE_WITH_ADDRESS = 5e-7
"""Two words, of name and address, make a key only if at most this share of rows would hold both by chance."""


@dataclass(frozen=True)
class Recipe:
    """A named way from a row to keys.

    Attributes:
        name: What agreements call it; another number is another recipe.
        most_keys: Keys of one row, at most.
        keys_of: The keys of a row; none for a row that says too little.
    """

    name: str
    most_keys: int
    keys_of: Callable[[Site], frozenset[str]]


def count_1(site: Site) -> frozenset[str]:
    """One key per row: its country and the two rarest words of its name; none without country or a name."""
    if not _can_be_named(site):
        return frozenset()
    return frozenset([_key("name", site.country, *_two_rarest(site))])


def candidates_1(site: Site) -> frozenset[str]:
    """Several keys per row, any of which two rows of one site may share.

    With the country: the two rarest words of the name; the words that tell; the name written together; its start with a
    number; a rare word of the name with a number, and with a rare word of the address. Without it: identifiers.
    """
    keys = {_key("id", identifier) for identifier in site.identifiers[:_IDENTIFIERS]}
    if not _can_be_named(site):
        return frozenset(keys)
    numbers = [str(number) for number in site.numbers[:_NUMBERS]]
    name_words, address_words = rarest(site.name, "name", _RAREST), rarest(site.address, "address", _RAREST)
    keys.add(_key("name", site.country, *_two_rarest(site)))
    keys.add(_key("told", site.country, str(site.told_name)))
    keys.add(_key("squashed", site.country, site.squashed_name))
    if len(site.squashed_name) >= _SHORTEST_NAME:
        start = site.squashed_name[:_START_LETTERS]
        keys.update(_key("start", site.country, start, number) for number in numbers)
    for word, number in product(name_words, numbers):
        if _share(word, "name") <= _MOST_SHARE_WITH_NUMBER:
            keys.add(_key("number", site.country, word, number))
    for word, place in product(name_words, address_words):
        if place not in site.name and _share(word, "name") * _share(place, "address") <= _MOST_CHANCE_WITH_ADDRESS:
            keys.add(_key("place", site.country, word, place))
    return frozenset(keys)


#: Recipes by the mode of the agreement that they serve; a mode keeps its old recipes as long as they can be made.
RECIPES: dict[str, dict[str, Recipe]] = {
    "count": {"count-1": Recipe("count-1", 1, count_1)},
    "candidates": {
        "candidates-1": Recipe("candidates-1", 3 + _IDENTIFIERS + _NUMBERS * (1 + _RAREST) + _RAREST**2, candidates_1)
    },
}


def rarest(words: Iterable[str], side: str, count: int) -> list[str]:
    """The rarest of some words by the shipped counts of open lists, never by the lists at hand.

    Args:
        words: Words in their one spelling.
        side: ``name`` or ``address``.
        count: How many, at most.

    Returns:
        Rarest first; words of one magnitude in the order of the alphabet.
    """
    counted = _counts(side)
    return sorted(words, key=lambda word: (int(log2(1 + counted[word])), word))[:count]


@cache
def words_in_use() -> str:
    """A short digest of all that a recipe rests on beside its own code; two sides must have the same."""
    digest = sha256(f"{NORMALISATION_VERSION} {version('anyascii')}\n".encode())
    for name in _WORD_FILES:
        digest.update(sha256(content.find(name).read_bytes()).digest())
    return digest.hexdigest()[:16]


def _can_be_named(site: Site) -> bool:
    return bool(site.country and site.is_named and site.name)


def _two_rarest(site: Site) -> list[str]:
    return sorted(rarest(site.name, "name", _RAREST))


def _key(*parts: str) -> str:
    return _SEPARATOR.join(parts)


@cache
def _counts(side: str) -> Counter[str]:
    """Rows of open lists that hold each word, in its one spelling."""
    counted, canonical = common_words(), word_lists().canonical
    found: Counter[str] = Counter()
    for (country, word), rows in (counted.name_rows if side == "name" else counted.address_rows).items():
        if not country:
            found[canonical.get(word, word)] += rows
    return found


def _share(word: str, side: str) -> float:
    return (1 + _counts(side)[word]) / common_words().sizes[""]
