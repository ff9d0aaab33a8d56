"""Two parties as they are: two folders, a process per step, files carried between them. And a side that is killed."""

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.guide import ROOT, blocks

PAGE = blocks((ROOT / "docs" / "OVERLAP.md").read_text(encoding="utf-8"))
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A shell in which ``conjoin`` is this checkout's."""
    command = tmp_path_factory.mktemp("bin") / "conjoin"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conjoin "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONJOIN_")}
    return kept | {"PATH": f"{command.parent}{os.pathsep}{kept['PATH']}", "COLUMNS": "200"}


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["/bin/sh", "-eu", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def follow(root: Path, environment: dict[str, str], last: str = "") -> str:
    """Do what the page says, up to the block that contains ``last``, and hold what is printed against the page."""
    shown = ""
    for block in PAGE:
        if block.language == "csv":
            target = root / block.file
            target.parent.mkdir(exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "text":
            assert shown == block.text
        else:
            (root / "clean_team").mkdir(exist_ok=True)
            if last and last in block.text:
                return block.text
            shown = run(block.text, root / block.file, environment)
    return shown


def test_two_people_who_follow_the_page_see_what_it_says(tmp_path: Path, environment: dict[str, str]) -> None:
    follow(tmp_path, environment)
    with (tmp_path / "clean_team" / "sites.csv").open(encoding="utf-8", newline="") as file:
        sites = {row["record_id"]: row["site_id"] for row in csv.DictReader(file)}
    for number in "1234":
        assert sites[f"Fjord Wool:{number}"] == sites[f"Quay Outdoor:Q{number}"]
    for side in ("fjord_wool", "quay_outdoor"):
        assert list((tmp_path / side / ".data" / "overlap").rglob("secret")) == []


#: A process that is killed, as the machine would do it, before the ``AT``-th time that it puts a file in its place or
#: deletes one in the private folder: at every point at which what lies on the disk changes.
_KILLED = """
import os, signal
from pathlib import Path
left = [int(os.environ["AT"])]
def killing(name):
    original = getattr(Path, name)
    def changed(path, *rest, **more):
        if "overlap" in str(path) or "fjord-quay" in str(path):
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        return original(path, *rest, **more)
    setattr(Path, name, changed)
killing("replace"), killing("unlink")
from conjoin.cli import main
main()
"""
STEPS = [
    ("fjord_wool", "overlap sign count.toml sites.csv --key fjord.key", "offering-signature"),
    ("fjord_wool", "overlap offer count.toml", "offer"),
    ("quay_outdoor", "overlap answer count.toml fjord-quay-count-offer.json", "answer"),
    ("fjord_wool", "overlap count count.toml fjord-quay-count-answer.json", "result"),
    ("fjord_wool", "overlap open open.toml fjord-quay-open-answer.json --out fjord_candidates.csv", "common"),
    ("quay_outdoor", "overlap open open.toml fjord-quay-open-common.json --out quay_candidates.csv", ""),
]


@pytest.mark.parametrize(
    ("side", "step", "message"), STEPS, ids=[step.split()[1] + side[:1] for side, step, _ in STEPS]
)
def test_a_side_that_is_killed_anywhere_leaves_no_half_made_file_and_goes_on(
    tmp_path: Path, environment: dict[str, str], side: str, step: str, message: str
) -> None:
    follow(tmp_path / "", environment, last=step)
    here, kills = tmp_path / side, 0
    run_id = "fjord-quay-open" if "open.toml" in step else "fjord-quay-count"
    whole = {path: path.read_bytes() for path in here.glob("*.json")}
    for at in range(1, 40):
        done = subprocess.run(
            [sys.executable, "-c", _KILLED, *step.split()],
            cwd=here,
            env=environment | {"AT": str(at)},
            capture_output=True,
            text=True,
            check=False,
        )
        for path in here.glob("*.json"):
            text = path.read_text(encoding="utf-8")
            assert text.endswith("}\n"), f"{path.name} is half made"
            assert path not in whole or path.read_bytes() == whole[path]
        if done.returncode != -signal.SIGKILL:
            break
        kills += 1
    assert kills >= 2, "no kill met the step at work"
    told = done.stdout + done.stderr
    if done.returncode:
        assert f"run {run_id} has ended: " in told
        assert "Traceback" not in told
    assert not message or (here / f"{run_id}-{message}.json").exists()
    if "count count.toml" in step or " open " in step:
        assert list((here / ".data" / "overlap" / run_id).glob("*secret*")) == []
    if "count count.toml" in step:
        assert '"count": 4' in (here / f"{run_id}-result.json").read_text(encoding="utf-8")
    if "--out" in step:
        assert len((here / step.split()[-1]).read_text(encoding="utf-8").splitlines()) == 5
