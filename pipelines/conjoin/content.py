"""Where the declarations are: one's own project folder first, then the content shipped with the package.

``sources/``, ``schemas/``, ``warehouse/`` and ``notebooks/`` are data, not packages. In a checkout they stand at
its top level; in an installed wheel below ``conjoin/_content/``. A project folder made by ``conjoin init`` has the
same folders, and a file there is found before the packaged file of the same path.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from conjoin.errors import SettingsError

PROJECT_MARKER = "conjoin.toml"
_PACKAGE = Path(__file__).parent


def packaged_root() -> Path:
    """The folder that holds the shipped ``sources/``, ``schemas/``, ``warehouse/`` and ``notebooks/``."""
    for root in (_PACKAGE / "_content", _PACKAGE.parents[1]):
        if (root / "schemas" / "fields.toml").is_file():
            return root
    raise SettingsError(f"{_PACKAGE}: the content folders are missing; install the package again")


def project_root() -> Path | None:
    """One's own project folder, or None: ``CONJOIN_PROJECT``, else the nearest folder upwards with a conjoin.toml."""
    named = os.environ.get("CONJOIN_PROJECT")
    if named:
        root = Path(named).expanduser().resolve()
        if not (root / PROJECT_MARKER).is_file():
            raise SettingsError(
                f"CONJOIN_PROJECT={named}: no {PROJECT_MARKER} there; make one with `conjoin init {named}`"
            )
        return root
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / PROJECT_MARKER).is_file()), None)


def roots() -> list[Path]:
    """Content roots in the order in which they are searched."""
    project = project_root()
    return [project, packaged_root()] if project else [packaged_root()]


def find(relative: str) -> Path:
    """The first existing path of this name below the content roots.

    Raises:
        SettingsError: No root has it.
    """
    for root in roots():
        if (root / relative).exists():
            return root / relative
    raise SettingsError(f"{relative}: found neither in the project folder nor in the package")


def files(folder: str, pattern: str) -> Iterator[tuple[str, Path]]:
    """Every content file below ``folder`` that matches, as (path relative to the root, path), sorted.

    A file of the project folder replaces the packaged file of the same relative path.
    """
    found: dict[str, Path] = {}
    for root in reversed(roots()):
        found.update(
            {path.relative_to(root).as_posix(): path for path in (root / folder).glob(pattern) if path.is_file()}
        )
    yield from sorted(found.items())


def code(*parts: str, package: Path = _PACKAGE) -> Iterator[tuple[str, Path]]:
    """Every module of those parts of the package, at any depth, as (path inside the package, path), sorted.

    Args:
        parts: Folders and files of the package; none for all of it.
        package: Where the package is.
    """
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package).as_posix()
        if not parts or any(relative == part or relative.startswith(f"{part}/") for part in parts):
            yield relative, path
