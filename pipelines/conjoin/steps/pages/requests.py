"""What pages are asked for: a notebook and what it is given, judged before anything runs."""

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from conjoin.briefings.emptiness import Narrowed
from conjoin.briefings.queries import Question
from conjoin.errors import SettingsError
from conjoin.plain import visible
from conjoin.schemas.vocabularies import fold_case, spellings_of, vocabulary
from conjoin.steps.pages.notebooks import Notebook, find_notebook

#: How people name parameters that Python would not let a notebook name so.
_SPOKEN = {"from_date": "from", "to_date": "to"}
_MEANT = {spoken: name for name, spoken in _SPOKEN.items()}
_SCOPE = ("country", "from_date", "to_date")
_LETTERS = 60


@dataclass(frozen=True)
class PageRequest:
    """A page to be made.

    Attributes:
        notebook: What it is made of.
        given: What the notebook is given beside what every run gives: plain values by name, in the notebook's order.
    """

    notebook: Notebook
    given: Mapping[str, Any]

    @property
    def file_name(self) -> str:
        """Name of the rendered page: another scope, another name."""
        own = {name: value for name, value in self.given.items() if name not in _SCOPE}
        parts = [self.notebook.name, *(_slug(name, value) for name, value in own.items())]
        if self.given.get("country"):
            parts.append(_slug("country", self.given["country"]))
        elif "country" in self.notebook.parameters and not own:
            parts.append("all_countries")
        parts += [str(self.given[name]) for name in _SCOPE[1:] if self.given.get(name)]
        return "_".join(parts) + ".html"

    @property
    def scope(self) -> str:
        """What it was narrowed to, in words; empty for nothing."""
        told = [
            str(value) if name in ("site", "reader") else f"{name.replace('_', ' ')}: {value}"
            for name, value in self.given.items()
            if name not in _SCOPE
        ]
        if country := self.given.get("country"):
            told.append(vocabulary("country").titles.get(country, str(country)))
        start, end = (self.given.get(name) for name in _SCOPE[1:])
        if start and end:
            told.append(f"{start} to {end}")
        elif start or end:
            told.append(f"from {start}" if start else f"up to {end}")
        return visible(", ".join(told))


@dataclass(frozen=True)
class AnswerRequest:
    """An answer to be made: a saved question, its limits, and the ending of the file."""

    question: Question
    narrowed: Narrowed
    ending: str

    @property
    def file_name(self) -> str:
        """Name of the file: another scope, another name."""
        limits = (self.narrowed.country, self.narrowed.from_date, self.narrowed.to_date)
        return "_".join([self.question.name, *(str(limit) for limit in limits if limit)]) + f".{self.ending}"

    @property
    def scope(self) -> str:
        """What it was narrowed to, in words; empty for nothing."""
        country = vocabulary("country").titles.get(self.narrowed.country or "", "")
        return ", ".join(part for part in (country, self.narrowed.period) if part)


def page_request(notebook: str, given: Mapping[str, Any], place: str, key: str = "{} = {!r}") -> PageRequest:
    """A request, if its notebook and all that it is given can be meant.

    Args:
        notebook: Name of the notebook.
        given: What it is given, as it was declared or typed; None counts as not given.
        place: Where that stands, to begin a message with.
        key: How a key and its value are written there.

    Raises:
        SettingsError: There is no such notebook or parameter, a value cannot be meant, or one is missing.
    """
    try:
        found = find_notebook(notebook)
    except SettingsError as error:
        raise SettingsError(f"{place}{key.format('notebook', notebook)}: {error}") from error
    told = {_MEANT.get(name, name): value for name, value in given.items() if value is not None}
    for name, value in told.items():
        written = f"{place}{key.format(_spoken(name), _typed(value))}"
        if name not in found.takes:
            raise SettingsError(f"{written}: {notebook} takes no such parameter; {_takes(found)}")
        told[name] = _meant(name, value, written)
    if missing := [name for name in found.takes if found.parameters[name] and name not in told]:
        wanted = key.partition(" ")[0].format(_spoken(missing[0]))
        raise SettingsError(f"{place}{wanted} is missing: {notebook} cannot do without it; add it")
    start, end = (told.get(name) for name in _SCOPE[1:])
    if start and end and start > end:
        raise SettingsError(f"{place}{key.format('from', start)} lies after {key.format('to', end)}; exchange them")
    return PageRequest(found, {name: told[name] for name in found.takes if name in told})


def _takes(notebook: Notebook) -> str:
    if not notebook.takes:
        return "it takes none: leave it out"
    return f"it takes {', '.join(map(_spoken, notebook.takes))}"


def _spoken(name: str) -> str:
    return _SPOKEN.get(name, name)


def _typed(value: object) -> object:
    return str(value) if isinstance(value, date) else value


def _meant(name: str, value: Any, written: str) -> Any:
    """The value as a notebook is given it: days as text, countries by their code."""
    if name == "country":
        return country_code(value, written)
    if name in _SPOKEN:
        return _day(value, written)
    return _plain(value, written)


def values_of(lines: Sequence[str]) -> dict[str, Any]:
    """Parameters typed as name=value: true, false, numbers and lists as TOML has them, all else as text.

    Raises:
        SettingsError: A line has no name.
    """
    told: dict[str, Any] = {}
    for line in lines:
        name, is_told, value = line.partition("=")
        if not is_told or not name.strip().isidentifier():
            raise SettingsError(f"--set {line}: write it as name=value, such as months=12")
        try:
            told[name.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            told[name.strip()] = value
    return told


def country_code(value: Any, written: str) -> str:
    """The code of a country as it was written.

    Raises:
        SettingsError: It is none.
    """
    code = str(value).upper()
    if code not in vocabulary("country").codes:
        meant = spellings_of("country").get(fold_case(str(value)))
        raise SettingsError(
            f"{written}: not the ISO code of a country; write {meant or 'two letters, such as TR for Türkiye'}"
        )
    return code


def _day(value: Any, written: str) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError as error:
        raise SettingsError(f"{written}: not a day; write it as 2025-01-31") from error


def _plain(value: Any, written: str) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Sequence):
        return [_plain(item, written) for item in value]
    raise SettingsError(f"{written}: a notebook is given text, numbers, days, true or false, or lists of these")


def _slug(name: str, value: Any) -> str:
    """A value as a part of a file name; what does not fit in is told apart by a few letters of its hash."""
    text = str(value)
    told = re.sub(r"[^A-Za-z0-9.-]+", "_", text).strip("._")[:_LETTERS]
    if told != text:
        told += ("_" if told else "") + hashlib.sha256(text.encode()).hexdigest()[:8]
    return told if name in ("site", "reader", "country") else f"{name}_{told}"
