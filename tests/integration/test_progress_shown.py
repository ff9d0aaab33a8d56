"""A long command shows how far it is, on a terminal and in a log, and writes the same either way."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.projects import tree

pytestmark = pytest.mark.slow
_SITES = "500"
_LINE = re.compile(r"^ *\d+ s  (Inventing 500 sites|Writing deliveries \(\d+ of \d+, \d+ %\))$")


def start(folder: Path, stderr: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", "from conjoin.cli import main; main()", "simulate", "--sites", _SITES, "--out", "world"],
        cwd=folder,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "CONJOIN_DATA": str(folder / "data")},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def read_terminal(master: int) -> str:
    """All that is shown, until nobody writes any more."""
    shown = b""
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # the other end is closed
            return shown.decode()
        if not chunk:
            return shown.decode()
        shown += chunk


def test_a_long_command_shows_how_far_it_is_and_its_result_does_not_hang_on_it(tmp_path: Path) -> None:
    terminal, log = tmp_path / "terminal", tmp_path / "log"
    terminal.mkdir()
    log.mkdir()
    master, slave = pty.openpty()
    at_terminal, logged = start(terminal, slave), start(log, subprocess.PIPE)
    os.close(slave)
    shown = read_terminal(master)
    os.close(master)
    out, lines = logged.communicate(timeout=120)
    told, _ = at_terminal.communicate(timeout=120)

    assert (at_terminal.returncode, logged.returncode) == (0, 0)
    assert re.search(r"Writing deliveries .*\d+ of \d+, \d+ %", shown)
    assert shown.endswith("\x1b[?25h") or "\x1b[2K" in shown, "the bars are gone at the end"
    assert lines
    assert [line for line in lines.splitlines() if not _LINE.match(line)] == []
    for data in (told, out):
        assert re.fullmatch(r"Wrote \d+ files of \d+ sources to world/inbox\nTruth: world/truth \(.*\)\n", data)
    assert tree(terminal / "world") == tree(log / "world")
