"""Processes that are killed with everything that they started, at a moment in time or at a step on the disk."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO

from support.processes import Office

#: Dies before the step number ``$KILL_AT`` that renames, removes or writes something below the data folder; with 0 it
#: comes to its end, and tells all of them.
AT_A_STEP = """
import os, signal, sys
_at, _data, _seen = int(os.environ["KILL_AT"]), os.path.realpath(".data"), [0]
def _hook(event, arguments):
    writes = event == "open" and isinstance(arguments[0], (str, bytes)) and set(str(arguments[1])) & set("awx+")
    if not writes and event not in ("os.rename", "os.remove", "os.rmdir", "shutil.rmtree"):
        return
    folder = [part for part in arguments[1:] if isinstance(part, int) and part > 2]
    path = os.fsdecode(arguments[0])
    if not os.path.isabs(path) and folder and event in ("os.remove", "os.rmdir"):
        path = os.path.join(os.readlink(f"/proc/self/fd/{folder[0]}"), path)
    if os.path.abspath(path).startswith(_data) and "/prefect/" not in path:
        _seen[0] += 1
        if _at in (0, _seen[0]):
            print(f"step {_seen[0]}: {event} {os.path.relpath(path, _data)}", flush=True)
        if _seen[0] == _at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(_hook)
"""
#: What ``conjoin run`` does without Prefect and the briefing.
CORE = """
from conjoin.steps import ingest, match, build as warehouse
from conjoin.settings import load_settings
from conjoin.keeping.run_lock import run_lock
settings = load_settings()
with run_lock(settings, "nightly run"):
    for name in sys.argv[1:]:
        ingest.ingest_source(settings, name)
    match.match_sites(settings)
    warehouse.build_warehouse(settings)
    warehouse.publish_warehouse(settings)
os._exit(0)
"""


@dataclass(frozen=True)
class Killed:
    """How a process ended: its code (-9 when killed), seconds, and what it had printed."""

    code: int
    seconds: float
    printed: str

    @property
    def last_words(self) -> str:
        """The last line that it printed, or nothing."""
        return (self.printed.strip().splitlines() or ["(nothing printed yet)"])[-1]


def killed_after(place: Office, seconds: float, *arguments: str, first: str = "") -> Killed:
    """Start ``conjoin`` in a process group of its own and kill the whole group after that time.

    ``first`` is code that prepares the process.
    """
    with tempfile.TemporaryFile("w+") as printed:
        began = time.monotonic()
        process = _start(place, printed, f"{first}\nfrom conjoin.cli import main; main()", arguments)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        code = process.wait()
        took = time.monotonic() - began
        printed.seek(0)
        return Killed(code, took, printed.read())


def killed_at_step(place: Office, step: int, *arguments: str) -> Killed:
    """Run the core of a run until it is about to take that step on the disk; 0 never kills."""
    with tempfile.TemporaryFile("w+") as printed:
        began = time.monotonic()
        changed = Office(place.root, place.calls, {**place.environment, "KILL_AT": str(step)})
        code = _start(changed, printed, AT_A_STEP + CORE, arguments).wait(timeout=300)
        printed.seek(0)
        return Killed(code, time.monotonic() - began, printed.read())


def steps_worth_dying_at(printed: str) -> list[int]:
    """Of the steps that a whole run told: all but those inside a tree of pages that is written or removed."""
    steps = [line.removeprefix("step ").partition(": ") for line in printed.splitlines() if line.startswith("step ")]
    trees: dict[str, list[int]] = {}
    for number, _, what in steps:
        top, _, rest = what.partition(" ")[2].partition("warehouse/.checks")
        inside = ".checks" + rest.partition("/")[0] if rest.count("/") else what
        if top.startswith(".matching.old/"):
            inside = ".matching.old"
        trees.setdefault(inside, []).append(int(number))
    return sorted({tree[place] for tree in trees.values() for place in (0, len(tree) // 2)})


def _start(place: Office, printed: IO[str], code: str, arguments: tuple[str, ...]) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=place.root,
        env=place.environment,
        stdout=printed,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
