"""Notebooks and what they take: found below notebooks/, one's own before those that ship."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conjoin import content
from conjoin.errors import SettingsError

_FOLDER = "notebooks"
#: What a run gives a notebook by itself.
GIVEN = ("warehouse", "before")


@dataclass(frozen=True)
class Notebook:
    """A notebook that pages can be made of.

    Attributes:
        name: Its file name without the ending.
        path: The file.
        parameters: Names of its cell tagged ``parameters``, in order; True for those that have no value there, and so
            have to be given.
    """

    name: str
    path: Path
    parameters: dict[str, bool]

    @property
    def takes(self) -> list[str]:
        """What somebody may give it."""
        return [name for name in self.parameters if name not in GIVEN]


def notebook_names() -> list[str]:
    """Every notebook, by name."""
    return sorted(path.stem for _, path in content.files(_FOLDER, "*.ipynb"))


def find_notebook(name: str) -> Notebook:
    """The notebook of that name.

    Raises:
        SettingsError: There is none, or its file is no notebook.
    """
    found = {path.stem: path for _, path in content.files(_FOLDER, "*.ipynb")}
    if name not in found:
        own = content.project_root()
        place = f"{own / _FOLDER}/" if own else "the folder notebooks/ of a project"
        raise SettingsError(
            f"there is no such notebook; there are {', '.join(notebook_names())}. One of your own goes into {place}"
        )
    path = found[name]
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        parameters = dict(_names("\n".join(_sources(cells))))
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise SettingsError(
            f"{path} cannot be read as a notebook ({type(error).__name__}: {error}); open it in Jupyter and save it"
        ) from error
    return Notebook(name, path, parameters)


def _sources(cells: list[dict[str, Any]]) -> Iterator[str]:
    for cell in cells:
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            yield "".join(cell["source"])


def _names(source: str) -> Iterator[tuple[str, bool]]:
    for line in ast.parse(source).body:
        if isinstance(line, ast.Assign):
            yield from ((target.id, False) for target in line.targets if isinstance(target, ast.Name))
        elif isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id, line.value is None
