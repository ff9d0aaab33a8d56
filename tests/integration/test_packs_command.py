"""Packs and releases as the coordinator makes them: from what landed, by the commands."""

import json
import tarfile
from pathlib import Path

import duckdb
import openpyxl
import pytest
from typer.testing import CliRunner

from conjoin.cli.app import app
from conjoin.errors import PackError, PolicyError
from support.listener import recorded
from support.projects import Project, forget_declarations

pytestmark = pytest.mark.slow


@pytest.fixture
def pooling(landed: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in which rows have landed and one party takes part."""
    monkeypatch.setenv("CONJOIN_DATA", str(landed.settings.data))
    (landed.root / "sources" / "parties.toml").write_text(
        f'[quill]\nkind = "member"\ntitle = "Quillhaven"\ndelivers = ["{landed.source_name}"]\n'
        '[other]\nkind = "member"\ntitle = "Other"\n',
        encoding="utf-8",
    )
    forget_declarations()
    return landed


def run(*words: str) -> str:
    """What a command prints; its error is raised."""
    done = CliRunner().invoke(app, list(words))
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_pack_holds_what_its_manifest_says_and_is_the_same_twice(pooling: Project, tmp_path: Path) -> None:
    out = tmp_path / "pack"
    with recorded("Packing for Quillhaven", "Matching", "Tables of the warehouse", "Rendering the overlap briefing"):
        assert "Rows that Quillhaven may see" in run("pack", "--for", "quill", "--out", str(out))
    first = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert sorted(path.name for path in out.iterdir()) == sorted([*first["files"], "manifest.json", "conjoin.duckdb"])
    with duckdb.connect(str(out / "conjoin.duckdb"), read_only=True) as con:
        assert con.execute("select count(*) from marts.sites").fetchall() == [(first["rows"]["sites"],)]
        assert first["rows"]["sites"] > 0
        reader = con.execute("select reader_name, reader_title, reader_kind, opened from released.reader").fetchall()
        assert reader == [("quill", "Quillhaven", "member", ["consortium_site", "public"])]
    assert openpyxl.load_workbook(out / "overlap.xlsx").sheetnames == [
        "Sites", "Audits", "Repeats", "Sources", "Totals", "Columns",
    ]  # fmt: skip
    run("pack", "--for", "Quillhaven", "--out", str(out))
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8")) == first
    log = (pooling.settings.archive / "packs" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["for"] for line in log] == ["quill", "quill"]
    assert (pooling.settings.archive / "packs").stat().st_mode & 0o077 == 0


def test_an_erasure_names_who_holds_a_pack(pooling: Project, tmp_path: Path) -> None:
    run("pack", "--for", "quill", "--out", str(tmp_path / "pack"))
    assert "packs handed out before" in run("withdraw", pooling.source_name, "--erase", "--reason", "asked for")


def test_a_question_is_answered_from_a_pack(pooling: Project, tmp_path: Path) -> None:
    run("pack", "--for", "quill", "--out", str(tmp_path / "pack"))
    answer = run("ask", "busiest_sites", "--warehouse", str(tmp_path / "pack" / "conjoin.duckdb"), "--format", "csv")
    assert answer.startswith("site_id,")


@pytest.mark.parametrize(
    ("words", "error", "message"),
    [
        (["--for", "nobody"], PolicyError, "nobody of this name takes part; there are quill, other, public"),
        (["--for", "quill", "--day", "2001-01-01"], PackError, "nothing had been delivered that Quillhaven may see"),
    ],
)
def test_what_cannot_be_packed_is_told_and_leaves_nothing(
    pooling: Project, tmp_path: Path, words: list[str], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        run("pack", *words, "--out", str(tmp_path / "pack"))
    assert list(tmp_path.glob("*pack*")) == []


def test_a_source_that_nobody_answers_for_is_told(pooling: Project, tmp_path: Path) -> None:
    (pooling.root / "sources" / "parties.toml").write_text(
        '[other]\nkind = "member"\ntitle = "Other"\n', encoding="utf-8"
    )
    forget_declarations()
    assert f"delivers them: {pooling.source_name}" in run("policy")


def test_releases_and_the_secret_of_ids_are_in_a_backup(pooling: Project, tmp_path: Path) -> None:
    """Both cannot be made again: a release is safe only beside all before it."""
    run("release")
    run("pack", "--for", "quill", "--out", str(tmp_path / "pack"))
    run("backup", str(tmp_path / "copy.tar"))
    with tarfile.open(tmp_path / "copy.tar") as copy:
        names = copy.getnames()
    assert "archive/packs/secret" in names
    assert [name for name in names if name.startswith("archive/packs/releases/0001") and name.endswith("cells.parquet")]


def test_a_folder_that_is_no_pack_is_not_touched(pooling: Project, tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(PackError, match="is there and is no pack"):
        run("pack", "--for", "quill", "--out", str(tmp_path / "pack"))
    assert (tmp_path / "pack" / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_a_failed_pack_leaves_the_last_one(pooling: Project, tmp_path: Path) -> None:
    out = tmp_path / "pack"
    run("pack", "--for", "quill", "--out", str(out))
    before = (out / "manifest.json").read_bytes()
    with pytest.raises(PackError):
        run("pack", "--for", "quill", "--day", "2001-01-01", "--out", str(out))
    assert (out / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".pack")] == []


def test_the_second_release_waits_for_a_day_of_release(pooling: Project) -> None:
    assert "cells are told" in run("release")
    with pytest.raises(PackError, match="is no day of release"):
        run("release", "--day", "2026-05-04")
    with pytest.raises(PackError, match="the next is of a later day"):
        run("release", "--day", "2001-03-31")
    with pytest.raises(PackError, match="lies ahead of today"):
        run("release", "--day", "2099-12-31")
    folders = [path.name for path in (pooling.settings.archive / "packs" / "releases").iterdir()]
    assert len(folders) == 1
