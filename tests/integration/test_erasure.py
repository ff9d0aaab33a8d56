"""What is erased is nowhere below the data folder, and what is made again is what a withdrawal would have left."""

import re
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.keeping.archive import Archive, LedgerEntry
from conjoin.keeping.erasure import erased_hashes
from conjoin.settings import Settings
from support import quillhaven
from support.files import as_csv, as_sheet
from support.once import made_once
from support.processes import Office, office
from support.projects import tree
from support.published_office import office_after_a_run, office_with_a_delivery

LOG, BOOK = quillhaven.FILES["log"], quillhaven.FILES["book"]
MAY, JUNE = "visits_2026-05.csv", "visits_2026-06.csv"
CANARY = "Zanzibar Quokka Mills"
#: Ten rows of a factory that nobody else names; one is refused, and its refused cell is quoted.
SECRET = as_csv(
    [
        *(
            quillhaven.row(number, Factory=f"{CANARY} {number}", Street=f"{number} Quokka Road")
            for number in range(50, 60)
        ),
        quillhaven.row(60, Factory=f"{CANARY} 60", First_Day="31.02.2026 quokka"),
    ]
)
#: Refused whole, and the refusal quotes its header.
BAD = as_csv([{**quillhaven.row(), "Quokka": "x"}])


def holding(folder: Path, text: str = "quokka") -> list[str]:
    """Every file below a folder that holds a text: plain, in UTF-16, or packed as DuckDB, Parquet or SQLite do."""
    needles = [text.lower().encode(), text.lower().encode("utf-16-le")]
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes().lower()
        if any(needle in data for needle in needles) or text in _cells(path).lower():
            found.append(path.relative_to(folder).as_posix())
    return found


def _cells(path: Path) -> str:
    """All cells of a file that keeps them packed."""
    with duckdb.connect() as con:
        if path.suffix == ".parquet":
            return str(con.execute(f"from read_parquet('{path}')").fetchall())
        if ".duckdb" in path.name and path.read_bytes()[8:12] == b"DUCK":
            con.execute(f"attach '{path}' as kept (read_only)")
            names = con.execute("select schema_name, table_name from duckdb_tables() where database_name = 'kept'")
            return "".join(str(con.execute(f'from kept."{s}"."{t}"').fetchall()) for s, t in names.fetchall())
    if path.suffix == ".db":
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
            return "\n".join(database.iterdump())
    return ""


def tables(place: Office) -> dict[str, list[tuple[Any, ...]]]:
    """Every table and view of the published warehouse."""
    with duckdb.connect(str(place.root / ".data/warehouse/conjoin.duckdb"), read_only=True) as con:
        names = con.execute(
            "select table_schema || '.' || table_name from information_schema.tables order by all"
        ).fetchall()
        return {name: con.execute(f"from {name} order by all").fetchall() for (name,) in names}


def _matched(data: Path) -> dict[str, bytes]:
    """What matching concluded; the state for the next run is a DuckDB file, whose bytes differ each time."""
    return {name: content for name, content in tree(data / "matching").items() if name != "state.duckdb"}


def _deliver_more(place: Office, *, is_refused: bool) -> Office:
    place.deliver(quillhaven.NAME, BOOK, as_sheet(quillhaven.rows(3)))
    place.deliver(quillhaven.NAME, MAY, SECRET)
    if is_refused:
        place.deliver(quillhaven.NAME, JUNE, BAD)
    assert place.run("run")[0] == (3 if is_refused else 0)
    return place


@pytest.fixture
def delivered(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, prefect: str) -> Office:
    """A project that has published a good file, then a book and the secret file beside it."""

    def make(folder: Path) -> None:
        _deliver_more(office_after_a_run(folder, prefect, tmp_path_factory), is_refused=False)

    made = made_once(tmp_path_factory, "erasure", make)
    place = office(tmp_path, prefect)
    quillhaven.write_declaration(place.root)
    shutil.copytree(made / "project" / ".data", place.root / ".data")
    return place


def data_of(place: Office) -> Settings:
    return Settings(data=place.root / ".data")


def ledger(place: Office) -> list[LedgerEntry]:
    return Archive(data_of(place).archive).entries()


ERASE = ("withdraw", quillhaven.NAME, "--reason", "asked by their data officer", "--erase", "--file")


@pytest.mark.slow
def test_what_is_erased_is_nowhere_and_a_rebuild_is_what_a_withdrawal_left(delivered: Office) -> None:
    place = delivered
    data = place.root / ".data"
    held = holding(data)
    for part in ("archive/objects", "landing", "matching/state", "warehouse/versions", "inbox"):
        assert [path for path in held if path.startswith(part)], (part, held)

    assert place.run("withdraw", quillhaven.NAME, "--file", MAY, "--reason", "asked")[0] == 0
    code, printed = place.run("rebuild")
    assert code == 0, printed
    assert "erased" not in printed
    withdrawn = tables(place), tree(data / "landing"), _matched(data)
    assert len(withdrawn[0]["marts.sites"]) > 0
    assert [path for path in holding(data) if path.startswith("archive/objects")]

    code, printed = place.run(*ERASE, MAY)
    assert code == 0, printed
    assert f"{data / 'inbox' / quillhaven.NAME / MAY}: waits in the inbox still; remove it" in printed
    assert tables(place) == withdrawn[0]
    shutil.rmtree(data / "inbox")
    assert holding(data) == []
    assert "warehouse/checks/index.html" in tree(data)

    code, printed = place.run("rebuild")
    assert code == 0, printed
    assert re.search(r"1 originals erased on \d{4}-\d\d-\d\d: their rows are not rebuilt", printed)
    assert (tables(place), tree(data / "landing"), _matched(data)) == withdrawn
    assert holding(data) == []
    stones = [entry for entry in ledger(place) if entry.event == "erased"]
    assert [(stone.file_name, stone.note, len(stone.content_hash)) for stone in stones] == [
        (MAY, "asked by their data officer", 64)
    ]


@pytest.mark.faults
def test_what_runs_said_of_a_refused_file_goes_with_it(tmp_path: Path) -> None:
    place = office_with_a_delivery(tmp_path, "")  # with a Prefect server of its own, which is told of it
    assert place.run("run")[0] == 0
    _deliver_more(place, is_refused=True)
    data = place.root / ".data"
    held = holding(data)
    for part in ("prefect/prefect.db", "runs.jsonl", "landing"):
        assert [path for path in held if path.startswith(part)], (part, held)
    code, printed = place.run("withdraw", quillhaven.NAME, "--reason", "agreement ended", "--erase")
    assert code == 0, printed
    assert "Erased 4 files" in printed
    shutil.rmtree(data / "inbox")
    assert holding(data) == []


@pytest.mark.faults
def test_a_backup_made_since_holds_tombstones_alone_and_one_made_before_all(delivered: Office, tmp_path: Path) -> None:
    place = delivered
    before, after = tmp_path / "before.tar", tmp_path / "after.tar"
    assert place.run("backup", str(before))[0] == 0
    assert place.run(*ERASE, MAY)[0] == 0
    assert place.run("backup", str(after))[0] == 0
    assert b"quokka" not in after.read_bytes().lower()
    assert b"quokka" in before.read_bytes().lower()
    (tmp_path / "second").mkdir()
    second = office(tmp_path / "second")
    assert second.run("restore", str(after))[0] == 0
    code, printed = second.run("rebuild")
    assert code == 0, printed
    assert "1 originals erased" in printed
    assert tables(second) == tables(place)
    assert holding(second.root / ".data") == []
    code, printed = place.run("doctor")
    assert code == 0, printed
    assert "1 originals erased" in " ".join(printed.split())

    (stone,) = erased_hashes(ledger(place))
    again = data_of(place).archive / "objects" / stone[:2] / stone
    again.write_bytes(SECRET)
    code, printed = place.run("doctor")
    assert code == 1
    assert "1 erased originals are there again" in " ".join(printed.split())
    code, printed = place.run("backup", str(tmp_path / "third.tar"))
    assert code == 1
    assert f"{again}: this original was erased and is there again" in printed


@pytest.mark.faults
def test_an_erased_file_is_refused_until_somebody_says_that_it_counts(delivered: Office) -> None:
    place = delivered
    code, printed = place.run(*ERASE, MAY)
    assert code == 0, printed
    before = tables(place)
    place.deliver(quillhaven.NAME, "visits_2026-07.csv", SECRET)  # under another name it is what it was
    for command in ("run", "ingest"):
        code, printed = place.run(command)
        assert code == 3
        for name in (MAY, "visits_2026-07.csv"):
            assert f"{name}: its content was erased on" in printed
        assert "--readmit 'visits_2026-07.csv' --reason" in printed
        assert holding(place.root / ".data/archive") == holding(place.root / ".data/landing") == []
    (place.root / ".data/inbox" / quillhaven.NAME / "visits_2026-07.csv").unlink()

    code, printed = place.run("ingest", quillhaven.NAME, "--readmit", MAY)
    assert code == 1
    assert "--readmit needs the name of one source, and --reason" in printed
    code, printed = place.run("ingest", quillhaven.NAME, "--readmit", "visits_2030-01.csv", "--reason", "x")
    assert code == 3
    assert "visits_2030-01.csv: no file of that name waits whose content was erased" in " ".join(printed.split())
    code, printed = place.run("ingest", quillhaven.NAME, "--readmit", MAY, "--reason", "a new agreement")
    assert code == 0, printed
    events = [(entry.event, entry.note) for entry in ledger(place) if entry.file_name == MAY][-3:]
    assert events == [("erased", "asked by their data officer"), ("readmitted", "a new agreement"), ("delivered", "")]
    for command in ("ingest", "run"):  # it counts, and is no news the night after
        assert place.run(command)[0] == 0
    assert len([entry for entry in ledger(place) if entry.file_name == MAY and entry.event == "delivered"]) == 2
    assert len(tables(place)["landing.site_records"]) == len(before["landing.site_records"]) + 10


@pytest.mark.faults
def test_the_last_source_can_go_and_its_declaration_may_be_gone_before(delivered: Office) -> None:
    place = delivered
    shutil.rmtree(place.root / "sources/brands/quillhaven")
    shutil.rmtree(place.root / ".data/inbox")
    code, printed = place.run("withdraw", quillhaven.NAME, "--reason", "agreement ended", "--erase")
    assert code == 0, printed
    assert "Erased 3 files" in printed
    assert holding(place.root / ".data") == []
    assert [path for path in tree(place.root / ".data/archive") if path.startswith("objects")] == []
    assert tables(place)["marts.sites"] == []
    code, printed = place.run("rebuild")
    assert code == 1
    assert "everything that was delivered has been withdrawn or erased" in printed
    code, printed = place.run("withdraw", quillhaven.NAME, "--reason", "again", "--erase")
    assert code == 1
    assert "no original delivered under the name 'quillhaven' is kept" in printed


@pytest.mark.faults
def test_what_is_kept_too_long_is_told_and_erased_on_demand_alone(delivered: Office) -> None:
    place = delivered
    assert place.run("withdraw", quillhaven.NAME, "--file", MAY, "--reason", "wrong file")[0] == 0
    quillhaven.write_declaration(
        place.root, quillhaven.DECLARATION.replace("\n[feed", "retention_months = 6\n[feed", 1)
    )
    _redate(place, {LOG: 200, MAY: 400, BOOK: 150})
    code, printed = place.run("run")
    assert code == 0, printed
    assert len(tables(place)["landing.site_records"]) == 13
    code, printed = place.run("status")
    assert "2 files are kept longer than retention_months = 6 allows, the oldest visits_2026-05.csv" in " ".join(
        printed.split()
    )
    code, printed = place.run("retention")
    assert code == 0
    assert MAY in printed
    assert BOOK not in printed
    assert "Erased" not in printed
    assert holding(place.root / ".data/archive/objects") != []

    code, printed = place.run("retention", "--erase")
    assert code == 0, printed
    assert "Erased 2 files" in printed
    shutil.rmtree(place.root / ".data/inbox")
    assert holding(place.root / ".data") == []
    assert len(tables(place)["landing.site_records"]) == 3
    assert {entry.note for entry in ledger(place) if entry.event == "erased"} == {
        "retention: kept as long as was agreed"
    }
    code, printed = place.run("retention", "--erase")
    assert code == 0
    assert "Nothing is kept longer" in printed


def _redate(place: Office, days_ago: dict[str, int]) -> None:
    """Let files have been delivered that many days ago, by the ledger."""
    lines = []
    for entry in ledger(place):
        if entry.event == "delivered" and entry.file_name in days_ago:
            day = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago[entry.file_name])
            entry = entry.model_copy(update={"recorded_at": day})
        lines.append(entry.model_dump_json() + "\n")
    (data_of(place).archive / "ledger.jsonl").write_text("".join(lines), encoding="utf-8")
