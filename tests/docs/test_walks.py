"""The walks drawn in pipelines/README.md are walked: each caller names, in its own code, what it is said to call."""

import ast
import re
from pathlib import Path

import pytest

from support.guide import ROOT, blocks, section

PAGE = "pipelines/README.md"
WALKS = ("## The walk of a delivered row to a figure of the briefing", "## The walk of a pair of records to a site id")
_HOP = re.compile(r"^(?P<caller>[\w.]+)\s+> (?P<callee>[\w.]+)\s")
HOPS = [
    (found["caller"], found["callee"])
    for heading in WALKS
    for line in blocks(section(PAGE, heading))[0].text.splitlines()
    if (found := _HOP.match(line))
]


def function(path: str) -> tuple[Path, ast.FunctionDef]:
    """The module and the function of a dotted path inside the package."""
    module, _, name = path.rpartition(".")
    file = ROOT / "pipelines" / "conjoin" / (module.replace(".", "/") + ".py")
    found = [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]
    assert len(found) == 1, f"{path}: {len(found)} functions of that name"
    return file, found[0]


def imported_from(file: Path) -> set[str]:
    """Every name that a module imports from ours, anywhere in it, by its full path."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {
        f"{node.module}.{name.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }


def test_both_walks_are_drawn() -> None:
    assert len(HOPS) >= 20
    assert {caller.split(".")[0] for caller, _ in HOPS} >= {"flows", "steps", "matching"}


@pytest.mark.parametrize(("caller", "callee"), HOPS)
def test_a_step_of_the_walk_is_taken(caller: str, callee: str) -> None:
    file, body = function(caller)
    function(callee)
    module, _, name = callee.rpartition(".")
    known = imported_from(file)
    assert {f"conjoin.{callee}", f"conjoin.{module}"} & known, f"{caller} does not import {callee}"
    used = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(body) if isinstance(node, ast.Attribute)}
    assert name in used, f"{caller} does not call {callee}"
