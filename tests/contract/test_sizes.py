"""No file longer than a sitting, no function longer than a screen, no call with more than a head can hold."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "pipelines" / "conjoin"
FILE_LINES, FUNCTION_LINES, PARAMETERS = 400, 60, 7


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the package, with where it stands."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}", node


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    named = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    return len([name for name in named if name not in ("self", "cls")])


def is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether its parameters are the options of a command, which people type and nobody calls."""
    return any("command" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_files_and_functions_can_be_read() -> None:
    long = [path for path in PACKAGE.rglob("*.py") if len(path.read_text(encoding="utf-8").splitlines()) > FILE_LINES]
    assert long == []
    found = list(functions())
    assert len(found) > 1500
    assert [name for name, node in found if (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES] == []


def test_a_call_can_be_held_in_the_head() -> None:
    found = [(name, parameters(node)) for name, node in functions() if not is_command(node)]
    assert max(count for _, count in found) > 3
    assert [told for told in found if told[1] > PARAMETERS] == []
