"""Who may import whom: each contract of pyproject.toml is broken once, in a copy, and must be seen broken."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What is written into which module to break each contract: as a slip would, deep inside a function too.
SLIPS = {
    "rooms": ("matching/text/tokens.py", "from conjoin.sources import registry"),
    "rooms of matching": ("matching/pairs/blocking.py", "from conjoin.matching.sites import clustering"),
    "what is delivered is invented before it is written": (
        "simulate/industry/places.py",
        "from conjoin.simulate.writing import dirt",
    ),
    "Prefect: flows/ alone": ("steps/ingest.py", "from prefect import task"),
    "Great Expectations: schemas/expectations.py alone": ("schemas/fields.py", "import great_expectations"),
    "recordlinkage: matching/linkage.py alone": ("matching/run.py", "import recordlinkage"),
    "openpyxl: sheets.py alone": ("steps/reviews.py", "from openpyxl.styles import Font"),
    "calamine: sources/readers/read_workbook.py alone": ("sources/judgements.py", "import python_calamine"),
    "matplotlib: briefings/ alone": ("cli/app.py", "import matplotlib.pyplot"),
    "nbclient and its family: briefings/pages.py alone": ("briefings/figures.py", "import nbformat"),
    "WeasyPrint: briefings/pdf.py alone": ("briefings/pages.py", "import weasyprint"),
    "fsspec: keeping/inbox.py alone": ("keeping/archive.py", "import fsspec"),
    "cryptography: keeping/cipher.py and tools/overlap/signing.py alone": (
        "keeping/backup.py",
        "from cryptography.fernet import Fernet",
    ),
    "Typer and Rich: cli/ alone": ("watch/status_text.py", "from rich.table import Table"),
    "FastAPI, Starlette, uvicorn and Jinja: desk/ alone, and Jinja for statements": (
        "briefings/pages.py",
        "import jinja2",
    ),
    "Apprise: watch/notify.py alone": ("flows/nightly.py", "import apprise"),
    "psutil: flows/serving.py alone": ("machine.py", "import psutil"),
    "rbcl: tools/overlap/group.py alone": ("tools/overlap/exchange.py", "import rbcl"),
}
MOST_FILES = 14


def contracts() -> list[str]:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return [contract["name"] for contract in declared["contracts"]]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """KEPT or BROKEN by contract, for a copy of the package that holds every slip."""
    folder = tmp_path_factory.mktemp("slips")
    shutil.copytree(ROOT / "pipelines" / "conjoin", folder / "conjoin", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for file, line in SLIPS.values():
        with (folder / "conjoin" / file).open("a", encoding="utf-8") as module:
            module.write(f"\n\ndef _slip() -> None:\n    {line}\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200", "NO_COLOR": "1"},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return dict(re.findall(r"^(.+?) (KEPT|BROKEN)\b", done.stdout, flags=re.M))


@pytest.mark.parametrize("contract", contracts())
def test_a_planted_violation_is_refused(verdicts: dict[str, str], contract: str) -> None:
    assert contract in SLIPS, "a new contract needs a slip that breaks it"
    assert verdicts[contract] == "BROKEN"


@pytest.mark.parametrize("folder", sorted({path.parent for path in (ROOT / "pipelines" / "conjoin").rglob("*.py")}))
def test_a_room_can_be_overlooked(folder: Path) -> None:
    assert len(list(folder.glob("*.py"))) <= MOST_FILES
