"""Every command explains itself with an example that can be typed."""

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
import typer.main

from conjoin.cli import app
from support.processes import office


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(_commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_shows_an_example_that_the_command_understands(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    told = " ".join((command.help or "").split())
    _, _, example = told.partition("Example: `conjoin ")
    assert example.endswith("`"), f"{path}: the help ends with no example: {told}"
    words = shlex.split(example[:-1])
    assert tuple(words[: len(path)]) == path
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_words_of_the_issue_are_commands() -> None:
    wanted = "init demo run ingest match build publish brief ask sql new-source try accept link doctor serve"
    assert {(name,) for name in wanted.split()} <= set(COMMANDS)


def test_a_mistyped_command_or_option_is_told(tmp_path: Any) -> None:
    place = office(tmp_path)
    for arguments in (["mach"], ["ask", "1", "--contry", "TR"]):
        code, printed = place.run(*arguments)
        assert code == 2
        assert "No such" in printed
        assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["init", "taken"], "choose the name of a new folder"),
        (["serve", "--nightly", "every night"], "--nightly: 'every night' is no cron expression; write five fields"),
        (["sql", "select 1"], "`conjoin build` and `conjoin publish` make it anew"),
        (["doctor"], "`conjoin build` and `conjoin publish` make it anew"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_cannot_be_used_is_told_in_words(tmp_path: Any, arguments: list[str], advice: str) -> None:
    place = office(tmp_path)
    (place.root / "taken").write_text("a file", encoding="utf-8")
    warehouse = place.root / ".data" / "warehouse"
    warehouse.mkdir(parents=True)
    (warehouse / "conjoin.duckdb").write_bytes(b"no database" * 1000)
    code, printed = place.run(*arguments)
    assert code == 1
    assert printed.startswith("Not done:")
    assert advice in printed
    assert "Traceback" not in printed
