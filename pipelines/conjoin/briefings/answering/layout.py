"""What fits a screen: which columns of an answer, and how wide. Words stay whole, no number and no heading is cut."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

#: Between two columns.
GAP = 2
#: How narrow a column of texts may be if its texts are longer: the first that leaves room for what goes first.
_COMFORTABLE = (14, 11, 8)
#: A word longer than this is broken.
_LONGEST_WORD = 30


@dataclass(frozen=True)
class Wanted:
    """A column with all that is to be shown in it, heading first.

    Attributes:
        name: The column.
        heading: What stands above it; may break between words.
        cells: What stands in it.
        is_number: Numbers stand on one line; texts may break between words.
    """

    name: str
    heading: str
    cells: Sequence[str] = field(repr=False)
    is_number: bool

    @cached_property
    def most(self) -> int:
        """The width at which nothing breaks."""
        return max(map(shown_width, (self.heading, *self.cells)), default=1)

    @cached_property
    def unbroken(self) -> int:
        """The width at which no word breaks, and no number."""
        longest_word = max(map(_longest_word, (self.heading, *([] if self.is_number else self.cells))), default=1)
        if self.is_number:
            return max([longest_word, *map(shown_width, self.cells)])
        return min(longest_word, _LONGEST_WORD)


def fitting(columns: Sequence[Wanted], first: Sequence[str], width: int) -> dict[str, int]:
    """The columns that fit into ``width``, in their order, each with how wide it is.

    Args:
        columns: All columns, in order.
        first: Names of those that go first, the most important first; the others follow as they come.
        width: Of the screen.
    """
    rank = {name: place for place, name in enumerate(first)}
    by_importance = sorted(columns, key=lambda column: rank.get(column.name, len(rank)))
    taken: dict[str, int] = {}
    for comfortable in _COMFORTABLE:
        taken = _taken(by_importance, comfortable, width)
        if taken.keys() >= rank.keys():
            break
    left = width + GAP - sum(least + GAP for least in taken.values())
    chosen = [column for column in columns if column.name in taken]
    while left > 0:
        tight = [column for column in chosen if taken[column.name] < column.most]
        if not tight:
            break
        neediest = max(tight, key=lambda column: column.most / taken[column.name])
        taken[neediest.name] += 1
        left -= 1
    return {column.name: taken[column.name] for column in chosen}


def _taken(by_importance: Sequence[Wanted], comfortable: int, width: int) -> dict[str, int]:
    """What fits of the columns, one after the other, each no narrower than is comfortable."""
    taken: dict[str, int] = {}
    left = width + GAP
    for column in by_importance:
        least = column.unbroken if column.is_number else max(column.unbroken, min(column.most, comfortable))
        if least + GAP <= left:
            taken[column.name] = least
            left -= least + GAP
    return taken


def shown_width(text: str) -> int:
    """How many places a text takes on a screen: letters of East Asia take two, marks on letters none."""
    return sum(_places(letter) for letter in text)


def _places(letter: str) -> int:
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _longest_word(text: str) -> int:
    return max(map(shown_width, text.split()), default=0)
