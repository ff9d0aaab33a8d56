"""The pages by role, and the recipes: short enough, every command runs, every block of Python does what it says."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from conjoin.cli.app import app
from conjoin.settings import Settings
from conjoin.tools.project import make_project
from support import projects
from support.guide import ROOT, blocks
from support.published import all_samples, warehouse_of

PAGES = ["COORDINATOR.md", "REVIEWER.md", "ANALYST.md", "DEVELOPER.md", "RECIPES.md", "README.md", "DESK.md"]
#: Commands that other tests run from end to end: they serve, or take a night.
ELSEWHERE = {"desk", "run", "init", "brief", "pack"}
#: A page of A4 holds about 450 words.
THREE_PAGES = 1_350


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project folder with a published warehouse, in which one stands."""
    root = make_project(tmp_path_factory.mktemp("roles") / "project")
    target = Settings(data=root / ".data").warehouse
    target.parent.mkdir(parents=True)
    shutil.copy(warehouse_of(all_samples, tmp_path_factory), target)
    with projects.standing_in(root), pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        yield root


def _lines(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    shell = [line for block in blocks(text) if block.language == "sh" for line in block.text.splitlines()]
    return [line.split(" #")[0].strip() for line in shell if line.startswith("conjoin ")]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_short(page: str) -> None:
    assert len((ROOT / "docs" / page).read_text(encoding="utf-8").split()) <= THREE_PAGES


@pytest.mark.slow
def test_every_command_runs_and_every_recipe_does_what_it_says(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = set()
    for line in dict.fromkeys(line for page in PAGES for line in _lines(page)):
        name, *arguments = shlex.split(line)[1:]
        if name in ELSEWHERE:
            continue
        done = CliRunner().invoke(app, [name, *arguments])
        # A trouble that status and doctor tell is an answer, too: nothing has run in this folder.
        assert done.exit_code == 0 or name in ("status", "doctor"), (line, done.output, done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit), line
        ran.add(name)
    assert {"ask", "sql", "export", "reviews", "what-if", "policy"} <= ran
    text = (ROOT / "docs" / "RECIPES.md").read_text(encoding="utf-8")
    recipes = re.findall(r"```python recipe\n(.*?)```", text, flags=re.DOTALL)
    assert len(recipes) == 3
    for recipe in recipes:
        exec(compile(recipe, "recipe", "exec"), {})  # noqa: S102 - the page is our own
        assert re.search(r"bsci|TR", capsys.readouterr().out)
    assert (project / "busiest_sites.xlsx").exists()


def test_every_link_of_the_index_leads_to_a_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)]+)\)", index))
    assert {f"{role}.md" for role in ("COORDINATOR", "REVIEWER", "ANALYST", "DEVELOPER")} <= linked
    assert [link for link in linked if not (ROOT / "docs" / link).exists()] == []
