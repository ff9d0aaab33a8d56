"""The wheel stands on its own: installed away from the checkout it finds its content and makes a project."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support.guide import ROOT
from support.once import made_once

pytestmark = pytest.mark.slow
CONTENT = ("sources", "schemas", "warehouse", "notebooks")


def run(*command: object, cwd: Path, **environment: str) -> str:
    """What a process printed; it must succeed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CONJOIN_", "PYTHONPATH"))}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=kept | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the backend of pyproject without a network, beside a folder into which it is installed."""
    return next(made_once(tmp_path_factory, "wheel", build_and_install).glob("conjoin-*.whl"))


def build_and_install(folder: Path) -> None:
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", folder)
    # The build backend may stand where only PYTHONPATH finds it.
    run(sys.executable, "-m", "pip", "wheel", *options, ROOT, cwd=folder, PYTHONPATH=os.environ.get("PYTHONPATH", ""))
    (built,) = folder.glob("conjoin-*.whl")
    options = ("--no-deps", "--no-index", "--no-compile", "--quiet", "--target", folder / "installed")
    run(sys.executable, "-m", "pip", "install", *options, built, cwd=folder)


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """A folder that holds nothing but the installed wheel."""
    return wheel.parent / "installed"


def test_the_wheel_holds_all_content_and_no_test_or_real_list(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in CONTENT:
        shipped = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file()}
        missing = sorted(name for name in shipped if f"conjoin/_content/{name}" not in names)
        assert [name for name in missing if "__pycache__" not in name and ".ipynb_checkpoints" not in name] == []
    assert [name for name in names if name.startswith(("tests/", "docs/", "benchmarks/")) or "oar_lists" in name] == []
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "conjoin/py.typed" in names


def test_installed_away_from_the_checkout_it_finds_its_own_content(installed: Path, tmp_path: Path) -> None:
    code = (
        "import conjoin; from conjoin import content; from conjoin.sources import registry; "
        "from conjoin.warehouse.models import models; "
        "print(conjoin.__file__, content.packaged_root(), content.find('notebooks/overlap_briefing.ipynb'), "
        "len(registry.sources()), len(models()), sep='\\n')"
    )
    printed = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(installed)).splitlines()
    assert [Path(path).is_relative_to(installed) for path in printed[:3]] == [True, True, True]
    assert int(printed[3]) == len(list((ROOT / "sources").glob("*/*/source.toml")))
    assert int(printed[4]) == len(
        [path for path in (ROOT / "warehouse").glob("*/*.sql") if path.parent.name not in ("queries", "briefing")]
    )


def test_it_makes_a_project_and_reads_a_shipped_source_from_there(installed: Path, tmp_path: Path) -> None:
    conjoin = (sys.executable, "-m", "conjoin")
    run(*conjoin, "init", "project", cwd=tmp_path, PYTHONPATH=str(installed))
    project = tmp_path / "project"
    assert (project / "conjoin.toml").is_file()
    printed = run(*conjoin, "try", "northwind", cwd=project, PYTHONPATH=str(installed), COLUMNS="200")
    assert "audit_records:" in printed
    assert "refused" in printed
