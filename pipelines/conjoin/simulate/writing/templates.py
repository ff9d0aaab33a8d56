"""The inverse of ``extract``: a text that a regular expression cuts into the wanted groups."""

import re
from collections.abc import Iterator
from functools import cache
from re import _constants as codes  # type: ignore[attr-defined]  # the library's own reading of an expression
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

_FILLER = "x"


@cache
def template(pattern: str, wanted: frozenset[str]) -> tuple[str, ...]:
    """A matching text in parts; a part that is the name of a group in angle brackets stands for its value.

    Of alternatives the one with most of the ``wanted`` groups is taken; what may be left out and holds none, is.
    """
    return tuple(_parts(parser.parse(pattern), _names(pattern), wanted))


def filled(pattern: str, values: dict[str, str]) -> str | None:
    """A text from which ``pattern`` extracts exactly ``values``; None when none was found."""
    parts = template(pattern, frozenset(values))
    text = "".join(values.get(part[1:-1], _FILLER) if _is_slot(part) else part for part in parts)
    found = re.search(pattern, text)
    if found is None or any(found.groupdict()[name] != value for name, value in values.items()):
        return None
    return text


def sample(pattern: str, group: str) -> str:
    """Some text from which ``pattern`` extracts something as ``group``."""
    return "".join(_parts(parser.parse(pattern), _names(pattern), frozenset([group]), expands=True))


def _names(pattern: str) -> dict[int, str]:
    return {number: name for name, number in re.compile(pattern).groupindex.items()}


def _is_slot(part: str) -> bool:
    return part.startswith("<") and part.endswith(">") and len(part) > 2


def _parts(tokens: Any, names: dict[int, str], wanted: frozenset[str], expands: bool = False) -> Iterator[str]:
    """Parts of a matching text; wanted groups as slots, or spelled out where ``expands``."""
    for code, argument in tokens:
        if code is codes.LITERAL:
            yield chr(argument)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            low, _, inner = argument
            for _ in range(max(low, 1 if _held(inner, names) & wanted else 0)):
                yield from _parts(inner, names, wanted, expands)
        elif code is codes.BRANCH:
            branch = max(argument[1], key=lambda branch: len(_held(branch, names) & wanted))
            yield from _parts(branch, names, wanted, expands)
        elif code is codes.SUBPATTERN:
            name = names.get(argument[0] or -1)
            is_slot = name in wanted and not expands
            yield from [f"<{name}>"] if is_slot else _parts(argument[3], names, wanted, expands)
        elif code is codes.IN:
            yield _member(argument)
        elif code in (codes.ANY, codes.NOT_LITERAL):
            yield _FILLER


def _held(tokens: Any, names: dict[int, str]) -> set[str]:
    """Names of the groups anywhere within."""
    found: set[str] = set()
    for code, argument in tokens:
        if code is codes.SUBPATTERN:
            found |= {names[argument[0]]} if argument[0] in names else set()
            found |= _held(argument[3], names)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            found |= _held(argument[2], names)
        elif code is codes.BRANCH:
            found |= {name for branch in argument[1] for name in _held(branch, names)}
    return found


def _member(items: Any) -> str:
    """One character of a class."""
    code, argument = items[0]
    if code is codes.LITERAL:
        return chr(argument)
    if code is codes.RANGE:
        return chr(argument[0])
    return "0" if code is codes.CATEGORY and argument is codes.CATEGORY_DIGIT else _FILLER
