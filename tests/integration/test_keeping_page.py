"""The page on keeping is followed as it stands, command by command."""

import shlex
from pathlib import Path

import pytest

from conjoin.keeping.archive import Archive
from conjoin.keeping.originals import VARIABLE
from support import quillhaven
from support.files import as_csv
from support.guide import ROOT, blocks
from support.processes import office

PAGE = blocks((ROOT / "docs" / "KEEPING.md").read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_commands_of_the_page_do_what_it_says(tmp_path: Path) -> None:
    place = office(tmp_path)
    (retention,) = (block.text for block in PAGE if block.language == "toml")
    quillhaven.write_declaration(place.root, quillhaven.DECLARATION.replace("\n[feed", f"{retention}\n[feed", 1))
    place.deliver(quillhaven.NAME, "visits_2026-05.csv", as_csv(quillhaven.rows(3)))
    place.deliver(quillhaven.NAME, "visits_2026-06.csv", as_csv(quillhaven.rows(5)))
    assert place.run("ingest")[0] == 0
    archive = Archive(place.root / ".data/archive")
    assert archive.originals.counts() == (0, 2)
    shown = {}
    for block in PAGE:
        for line in block.text.splitlines() if block.language == "sh" else ():
            if line.startswith("export "):
                name, _, command = line.removeprefix("export ").partition("=")
                place.environment[name] = place.run(*shlex.split(command.strip("$()"))[1:])[1].strip()
                continue
            code, shown[line] = place.run(*shlex.split(line)[1:])
            assert code == 0, (line, shown[line])
            if "archive encrypt" in line:
                assert archive.originals.counts() == (2, 0)
            if "withdraw" in line:
                assert archive.originals.counts() == (1, 0)
    assert VARIABLE in place.environment
    assert archive.originals.counts() == (2, 0)
    assert [entry.event for entry in archive.entries()] == [
        *["delivered"] * 2,
        "withdrawn",
        "erased",
        "readmitted",
        "delivered",
    ]
    assert "Nothing is kept longer" in shown["conjoin retention"]
