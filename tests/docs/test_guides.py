"""The guides are true: what they name exists, what they tell to run runs, what is generated is fresh."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from conjoin.cli.app import app
from support.guide import ROOT, blocks

GUIDES = [
    "README.md",
    "CONTRIBUTING.md",
    "docs/KEEPING.md",
    "docs/PACKS.md",
    "docs/STATEMENT.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/README.md")),
]
COMMANDS = sorted(get_command(app).commands)  # type: ignore[attr-defined] # the group of a Typer application
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_QUOTED = re.compile(r"`([^`\n]+)`")
#: A word in backticks is taken for a path of the checkout if it begins with one of its folders and has no placeholder.
_PATH = re.compile(r"^(?:pipelines|sources|schemas|warehouse|notebooks|tests|docs|benchmarks)/[\w./-]*$")
#: Named in the guides as what the reader is going to make.
_TO_BE_MADE = {"sources/brands/fjord_wool/source.toml", "sources/brands/yours"}


@cache
def text_of(guide: str) -> str:
    return (ROOT / guide).read_text(encoding="utf-8")


def command_lines(guide: str) -> Iterator[list[str]]:
    """Every ``conjoin`` or ``make`` command of a guide, in blocks and in backticks, as words."""
    text = text_of(guide)
    lines = [line for block in blocks(text) if block.language == "sh" for line in block.text.splitlines()]
    for line in [*lines, *_QUOTED.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL))]:
        for part in re.split(r"&&|;", line):
            words = shlex.split(part, comments=True) if part.count("'") % 2 == 0 else part.split()
            if words and words[0] in ("conjoin", "make") and len(words) > 1:
                yield words


def test_the_guides_name_every_command() -> None:
    assert [name for name in COMMANDS if f"`conjoin {name}" not in text_of("README.md")] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_command_in_a_guide_exists_with_its_options(guide: str) -> None:
    helps = {name: CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"}).output for name in COMMANDS}
    targets = re.findall(r"^([a-z-]+):", text_of("Makefile"), flags=re.MULTILINE)
    for program, name, *arguments in command_lines(guide):
        assert name in (COMMANDS if program == "conjoin" else targets), f"{guide}: {program} {name}"
        options = [word.split("=")[0] for word in arguments if word.startswith("--")]
        assert [option for option in options if program == "conjoin" and option not in helps[name]] == [], (guide, name)


def test_every_command_has_help_with_an_example_of_itself() -> None:
    for name in COMMANDS:
        shown = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200"})
        assert shown.exit_code == 0
        assert f"Example: conjoin {name}" in shown.output.replace("`", ""), name


def test_every_target_of_the_makefile_tells_what_it_does() -> None:
    makefile = text_of("Makefile")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE))


def test_generated_pages_and_figures_are_fresh() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "conjoin.cli.docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, ""), f"run `make docs`: {checked.stdout}{checked.stderr}"


@pytest.mark.parametrize("guide", [*GUIDES, "DECISIONS.md", "CHANGELOG.md", "tests/data/real/NOTICE.md"])
def test_links_lead_somewhere(guide: str) -> None:
    folder = (ROOT / guide).parent
    broken = [
        target
        for target in _LINK.findall(text_of(guide))
        if not re.match(r"https?://|mailto:|#", target) and not (folder / target.split("#")[0]).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("guide", [*GUIDES, "DECISIONS.md"])
def test_named_files_exist(guide: str) -> None:
    named = {word.rstrip("/") for word in _QUOTED.findall(text_of(guide)) if _PATH.match(word)}
    roots = (ROOT, ROOT / "pipelines" / "conjoin")  # the package's own guide speaks from inside it
    missing = {name for name in named - _TO_BE_MADE if not any((root / name).exists() for root in roots)}
    assert sorted(missing) == []


def test_sections_of_other_guides_are_named_as_they_are() -> None:
    recipes = re.findall(r"^## (.+)$", text_of("CONTRIBUTING.md"), flags=re.MULTILINE)
    assert recipes == ["Add a source", "Add a column", "Judge a match", "Release", "What a reviewer checks"]
    for recipe in recipes[:-1]:
        steps = re.findall(r"^(\d+)\. ", text_of("CONTRIBUTING.md").split(f"## {recipe}\n")[1].split("\n## ")[0], re.M)
        assert [int(step) for step in steps] == list(range(1, len(steps) + 1)), recipe
        assert len(steps) <= 10, recipe
