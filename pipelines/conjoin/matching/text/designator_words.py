"""The words of ``designators.toml``, as names and addresses are cut, and what the values beside them look like."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from conjoin.matching.text.tokens import cut_texts
from conjoin.matching.text.word_lists import read_content

LETTERS = 27
"""A value is number * LETTERS + letter (0: no letter, 1: a ...), so that 89 and 89a can be seen to agree."""

VALUE_TEXT = (
    f"if(value // {LETTERS} > 0, (value // {LETTERS})::varchar, '') "
    f"|| if(value % {LETTERS} > 0, chr((96 + value % {LETTERS})::integer), '')"
)
"""A value as people write it, in SQL: 2, 2a, 89."""

OTHER_LETTERS = 100_000
"""The number that stands for the first letter of another script."""


@dataclass(frozen=True)
class DesignatorWords:
    """What ``designators.toml`` says; class numbers begin at 1.

    Attributes:
        classes: Class names in order.
        class_of: The class of each word. ``class_in``: by country, of words that announce one there alone.
        joined: Sequences of words that announce a class, each with the one word that it is written as.
        apart: Classes of which two values keep records apart. ``asked``: the same, and a person is asked first.
        one_sided: Classes that keep apart a record that names one from one that names none.
        before: Words that also take a value that stands before them. ``only_before``: that take no other.
        ordinals: Words for numbers. ``ordinals_in``: by country. ``letters_in``: letters of its script, by country.
        ground: Words for the floor at street level.
        meanings: Class, number of the meaning, words, and whether they count only beside a word for a unit.
    """

    classes: tuple[str, ...]
    class_of: dict[str, int]
    class_in: dict[str, dict[str, int]]
    joined: dict[tuple[str, ...], str]
    apart: frozenset[int]
    asked: frozenset[int]
    one_sided: frozenset[int]
    before: frozenset[str]
    only_before: frozenset[str]
    ordinals: dict[str, int]
    ordinals_in: dict[str, dict[str, int]]
    letters_in: dict[str, dict[str, int]]
    ground: frozenset[str]
    meanings: tuple[tuple[int, int, tuple[str, ...], bool], ...]

    @property
    def forbidding(self) -> frozenset[int]:
        """Classes of which two different values are never one site unless a person says so."""
        return self.apart | self.asked

    @property
    def craft(self) -> int:
        """The class of words for what is done, wherever they stand in a name."""
        return self.number("craft")

    @property
    def unit(self) -> int:
        """The class of units: "Unit-2", "Factory No. III", "II. Tesis"."""
        return self.number("unit")

    def number(self, name: str) -> int:
        """The number of a class."""
        return self.classes.index(name) + 1


@cache
def designator_words() -> DesignatorWords:
    """The words of ``designators.toml``, as they are cut and joined."""
    raw = read_content("designators.toml")
    classes = tuple(raw["class"])
    numbered = {name: number for number, name in enumerate(classes, start=1)}
    class_of: dict[str, int] = {}
    joined: dict[tuple[str, ...], str] = {}
    for name, number in numbered.items():
        for words in cut_texts(raw["class"][name].get("words", [])):
            class_of.setdefault("".join(words), number)
            joined |= {words: "".join(words)} if len(words) > 1 else {}
    ground = cut_texts(raw["class"]["floor"]["ground"])
    joined |= {words: "".join(words) for words in ground if len(words) > 1}
    conflicts = {number: raw["class"][name]["conflict"] for name, number in numbered.items()}
    return DesignatorWords(
        classes=classes,
        class_of=class_of,
        class_in={
            country: {"".join(words): numbered[name] for name in named for words in cut_texts(named[name])}
            for country, named in raw["words_in"].items()
        },
        joined=joined,
        apart=frozenset(number for number, conflict in conflicts.items() if conflict == "apart"),
        asked=frozenset(number for number, conflict in conflicts.items() if conflict == "ask"),
        one_sided=frozenset(numbered[name] for name in classes if raw["class"][name].get("on_one_side") == "apart"),
        before=frozenset("".join(words) for words in cut_texts(raw["before"]["words"])),
        only_before=frozenset("".join(words) for words in cut_texts(raw["before"]["only_before"])),
        ordinals=_numbered(raw["ordinals"]["words"]),
        ordinals_in={country: _numbered(lists) for country, lists in raw["ordinals"]["in"].items()},
        letters_in={
            country: {letter: OTHER_LETTERS + place for place, letter in enumerate(letters)}
            for country, letters in raw["letters"].items()
        },
        ground=frozenset("".join(words) for words in ground),
        meanings=tuple(_meanings(raw["class"], numbered)),
    )


def _numbered(lists: list[list[str]]) -> dict[str, int]:
    return {word: number for number, words in enumerate(lists, start=1) for word in words}


def _meanings(
    classes: dict[str, dict[str, Any]], numbered: dict[str, int]
) -> Iterator[tuple[int, int, tuple[str, ...], bool]]:
    """Words by meaning; a meaning of ``beside`` that begins with a word of ``meanings`` is that one."""
    for name, number in numbered.items():
        known: dict[str, int] = {}
        for is_beside in (False, True):
            for texts in classes[name].get("beside" if is_beside else "meanings", []):
                value = known.setdefault(texts[0], len(known) + 1)
                for words in cut_texts(texts):
                    yield number, value, words, is_beside
