"""errors.py is true: every error is raised, and where its docstring says."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from conjoin import errors

PACKAGE = Path(errors.__file__).parent
CLASSES = {
    name: found
    for name, found in vars(errors).items()
    if isinstance(found, type) and issubclass(found, errors.ConjoinError)
}
_SAID = re.compile(r"``([a-z_.]+)``")


def raised() -> dict[str, set[str]]:
    """Error to the modules that make one, by their path inside the package."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        module = path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", ".")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CLASSES:
                found[node.func.id].add(module)
    return found


RAISED = raised()


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_is_raised_where_it_says(name: str) -> None:
    modules = RAISED[name]
    assert modules, f"{name} is never raised"
    if name == "ConjoinError":
        return
    said = set(_SAID.findall(re.split("[rR]aised in", str(CLASSES[name].__doc__))[-1]))
    assert said, f"{name} does not say where it is raised"
    silent = {place for place in modules if not any(place == room or place.startswith(f"{room}.") for room in said)}
    assert silent == set(), f"{name} is raised in {silent} too"
    empty = {room for room in said if not any(place == room or place.startswith(f"{room}.") for place in modules)}
    assert empty == set(), f"{name} is not raised in {empty}"
