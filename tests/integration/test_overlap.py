"""Two parties as they are: two folders, a process per step, files carried between them. And a side that is killed."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import warm
from support.guide import ROOT, blocks
from support.once import made_once

PAGE = blocks((ROOT / "docs" / "OVERLAP.md").read_text(encoding="utf-8"))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A shell in which ``conjoin`` is this checkout's."""
    command = tmp_path_factory.mktemp("bin") / "conjoin"
    warm.write_command(command)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONJOIN_")}
    return kept | {"PATH": f"{command.parent}{os.pathsep}{kept['PATH']}", "COLUMNS": "200"}


#: Steps that are killed: whose turn it is, what they type, and the message that they leave.
STEPS = [
    ("fjord_wool", "overlap sign count.toml sites.csv --key fjord.key", "offering-signature"),
    ("fjord_wool", "overlap offer count.toml", "offer"),
    ("quay_outdoor", "overlap answer count.toml fjord-quay-count-offer.json", "answer"),
    ("fjord_wool", "overlap count count.toml fjord-quay-count-answer.json", "result"),
    ("fjord_wool", "overlap open open.toml fjord-quay-open-answer.json --out fjord_candidates.csv", "common"),
    ("quay_outdoor", "overlap open open.toml fjord-quay-open-common.json --out quay_candidates.csv", ""),
]


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _follow(root: Path, environment: dict[str, str]) -> None:
    """Do what the page says, hold what is printed against it, and keep how things stood before each of ``STEPS``."""
    shown, here = "", root / "page"
    (here / "clean_team").mkdir(parents=True)
    for block in PAGE:
        if block.language == "csv":
            (here / block.file).parent.mkdir()
            (here / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "text":
            assert shown == block.text
        else:
            for number, (_, step, _) in enumerate(STEPS):
                if step in block.text:
                    shutil.copytree(here, root / str(number))
            shown = run(block.text, here / block.file, environment)


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """The folder in which the page was followed, as ``page``, and its states before each step."""
    return made_once(tmp_path_factory, "overlap", lambda folder: _follow(folder, environment))


def test_two_people_who_follow_the_page_see_what_it_says(followed: Path) -> None:
    with (followed / "page" / "clean_team" / "sites.csv").open(encoding="utf-8", newline="") as file:
        sites = {row["record_id"]: row["site_id"] for row in csv.DictReader(file)}
    for number in "1234":
        assert sites[f"Fjord Wool:{number}"] == sites[f"Quay Outdoor:Q{number}"]
    assert list((followed / "page").rglob("secret")) == []


#: Forks for each kill, so that only the first pays for the imports. Each child is killed, as the machine would do it,
#: before the n-th time that it puts a file in its place or deletes one: wherever what lies on the disk changes. Prints
#: how each ended; the last one is not met by its kill.
_KILLED = """
import os, signal, sys
from pathlib import Path
from conjoin.cli import main
from conjoin.tools.overlap import exchange, opening
def killing(name, left):
    original = getattr(Path, name)
    def changed(path, *rest, **more):
        if "overlap" in str(path) or "fjord" in str(path):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        return original(path, *rest, **more)
    setattr(Path, name, changed)
for at in range(1, 40):
    child = os.fork()
    if not child:
        left = [at]
        killing("replace", left), killing("unlink", left)
        main()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    made = [path.name for path in Path().glob("*.json") if not path.read_text().endswith("}\\n")]
    print("ended", status, made, flush=True)
    if status != -signal.SIGKILL:
        break
"""


@pytest.mark.parametrize("number", range(len(STEPS)), ids=[f"{step.split()[1]} of {side}" for side, step, _ in STEPS])
def test_a_side_that_is_killed_anywhere_leaves_no_half_made_file_and_goes_on(
    tmp_path: Path, followed: Path, environment: dict[str, str], number: int
) -> None:
    side, step, message = STEPS[number]
    here = Path(shutil.copytree(followed / str(number), tmp_path / "here")) / side
    run_id = "fjord-quay-open" if "open.toml" in step else "fjord-quay-count"
    command = [sys.executable, "-c", _KILLED, *step.split()]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=True)
    ended = [line for line in done.stdout.splitlines() if line.startswith("ended")]
    assert ended[:-1] == ["ended -9 []"] * (len(ended) - 1), "a killed step leaves no message half made"
    assert len(ended) > 2, "no kill met the step at work"
    assert "Traceback" not in done.stderr
    if ended[-1] != "ended 0 []":
        assert f"run {run_id} has ended: " in done.stderr
    kept = followed / "page" / side
    for name in filter(None, [f"{run_id}-{message}.json" if message else "", step.partition("--out ")[2]]):
        assert len((here / name).read_bytes()) == len((kept / name).read_bytes()), name
    if side == "quay_outdoor" or "offer " not in step:
        assert list((here / ".data" / "overlap" / run_id).glob("*secret*")) == []
