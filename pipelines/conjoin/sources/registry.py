"""Which sources there are: folders below ``sources/``, one's own before the packaged ones."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from conjoin import content
from conjoin.declared import mistakes
from conjoin.errors import DeclarationError, SchemaError, SourceError
from conjoin.sources.descriptor import Source

KINDS = {"initiatives": "initiative", "platforms": "platform", "brands": "brand"}


def read_source(path: Path) -> Source:
    """The declaration in ``path``; name and kind come from its folders.

    Raises:
        DeclarationError: It is no TOML, or says something that cannot be meant.
    """
    name, kind = path.parent.name, KINDS[path.parent.parent.name]
    try:
        text = path.read_text(encoding="utf-8")
        return Source.model_validate({**tomllib.loads(text), "name": name, "kind": kind})
    except UnicodeDecodeError as error:
        raise DeclarationError(f"{path}: not UTF-8; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise DeclarationError(f"{path}{_unfinished(text) or _listed(error)}") from error
    except SchemaError as error:
        raise DeclarationError(f"{path}: {error}") from error


def _unfinished(text: str) -> str:
    """Where a declaration that ``conjoin new-source`` began still says TODO."""
    lines = enumerate(text.splitlines(), start=1)
    open_places = [f"line {number}: {line.strip()}" for number, line in lines if '"TODO' in line]
    return ": not finished yet. To be filled in:\n  " + "\n  ".join(open_places) if open_places else ""


def _listed(error: ValidationError) -> str:
    return ":\n  " + "\n  ".join(mistakes(error))


#: The parts of the package that decide how a file is read; others may change without reading every original again.
_READING_CODE = ("sources", "schemas", "sql.py", "sheets.py", "plain.py")


@cache
def folders() -> dict[str, Path]:
    """Folder of every source by name.

    Raises:
        DeclarationError: Two folders of different kinds have one name.
    """
    found: dict[str, Path] = {}
    for relative, path in content.files("sources", "*/*/source.toml"):
        if relative.split("/")[1] not in KINDS:
            continue
        name = path.parent.name
        if name in found:
            raise DeclarationError(f"{path}: a source called {name!r} exists already at {found[name]}; rename one")
        found[name] = path.parent
    return dict(sorted(found.items()))


def sources() -> dict[str, Source]:
    """Every source by name whose declaration can be read; the others are in ``broken_sources``."""
    return _all()[0]


@cache
def reading_version(name: str) -> str:
    """A hash of everything that decides how the source's files are read: declaration, schemas/ and the reading code."""
    declaration = (folders()[name] / "source.toml").read_bytes()
    return hashlib.sha256(declaration + _read_with()).hexdigest()


@cache
def _read_with() -> bytes:
    """What all sources are read with, as one text: the reading code and schemas/, each file after its name."""
    found = list(content.code(*_READING_CODE))
    found += [
        (relative, path)
        for relative, path in content.files("schemas", "**/*")
        if relative.startswith(
            ("schemas/fields", "schemas/tables/", "schemas/vocabularies/", "schemas/reference/country")
        )
    ]
    return b"".join(relative.encode() + path.read_bytes() for relative, path in found)


def broken_sources() -> dict[str, str]:
    """What is wrong with declarations that cannot be read, by source: one unfinished source never stops the others."""
    return _all()[1]


@cache
def _all() -> tuple[dict[str, Source], dict[str, str]]:
    read: dict[str, Source] = {}
    broken: dict[str, str] = {}
    for name, folder in folders().items():
        try:
            read[name] = read_source(folder / "source.toml")
        except DeclarationError as error:
            broken[name] = str(error)
    return read, broken


def source(name: str) -> Source:
    """The source of that name; ``brands/northwind`` and ``northwind`` both do.

    Raises:
        SourceError: There is no such source.
        DeclarationError: Its declaration cannot be read.
    """
    short = name.rstrip("/").rsplit("/", 1)[-1]
    if short not in folders():
        raise SourceError(f"no source is called {short!r}; there are {', '.join(folders())}")
    if short in broken_sources():
        raise DeclarationError(broken_sources()[short])
    return sources()[short]
