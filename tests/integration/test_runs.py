"""The nightly run as a process: one source's trouble is its own, and the last good state stays."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from conjoin import content
from conjoin.keeping.run_lock import run_lock
from conjoin.settings import Settings
from support import quillhaven
from support.files import as_csv
from support.processes import Office, office

LOG = quillhaven.FILES["log"]
GOOD = as_csv(quillhaven.rows(10))

#: An inbox that does not answer when it is first asked: a file system of fsspec's own kind, as a plug-in adds one.
FLAKY = """
import fsspec
from fsspec.implementations.local import LocalFileSystem
class Flaky(LocalFileSystem):
    protocol = "flaky"
    asked = []
    @classmethod
    def _strip_protocol(cls, path, **more):
        return super()._strip_protocol(path.replace("flaky://", "", 1), **more)
    def exists(self, path, **more):
        self.asked.append(path)
        if len(self.asked) == 1:
            raise ConnectionResetError("connection reset by peer")
        return super().exists(path, **more)
fsspec.register_implementation("flaky", Flaky)
from conjoin.cli import main
main()
"""


def declare(root: Path, name: str, inbox: str) -> None:
    folder = root / "sources" / "brands" / name
    folder.mkdir(parents=True)
    (folder / "source.toml").write_text(f'inbox = "{inbox}"\n{quillhaven.DECLARATION}', encoding="utf-8")


def published(place: Office, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(place.root / ".data/warehouse/conjoin.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def test_one_source_in_trouble_never_stops_the_rest(tmp_path: Path) -> None:
    place = office(tmp_path)
    quillhaven.write_declaration(place.root)
    place.deliver(quillhaven.NAME, LOG, GOOD)
    remote = tmp_path / "remote"
    remote.mkdir()
    (remote / LOG).write_bytes(GOOD.replace(b"Izmir", b"Bursa"))
    declare(place.root, "distant", f"flaky://{remote}")
    declare(place.root, "nowhere", "nonsense://x")
    place.deliver("wrap", "wrap_certified_facilities_2026-10.csv", b"not,what,was,agreed\n1,2,3,4\n")
    chosen = [part for name in (quillhaven.NAME, "distant", "nowhere", "wrap") for part in ("--source", name)]

    code, printed = place.run("run", *chosen, code=FLAKY)

    assert code == 3, printed
    assert "Traceback" not in printed
    assert "View at" not in printed  # a page of a server that ends with the run
    told = printed[printed.index("Refused:") :]
    assert "nowhere, wrap; everything else is published" in told
    assert "the first row holds none of the columns" in told
    assert "nowhere: inbox nonsense://x: Protocol not known: nonsense" in told
    assert "distant" not in told  # it answered when it was asked again
    cities = published(place, "select source_name, count(*) from staging.site_records group by all order by all")
    assert cities == [("distant", 10), (quillhaven.NAME, 10)]
    refused = published(place, "select load_status, refusal from landing.loads where source_name = 'wrap'")
    assert [status for status, _ in refused] == ["refused"]
    assert "the first row holds none of the columns" in str(refused[0][1])
    stale = published(place, "select is_stale, stale_reason from marts.source_freshness where source_name = 'wrap'")
    assert stale[0][0]
    assert str(stale[0][1]).startswith("no file could be read: wrap_certified")
    assert not place.calls.exists(), place.calls.read_text()

    before = published(place, "select * from marts.sites order by all")
    with run_lock(Settings(data=place.root / ".data"), "a test"):
        code, printed = place.run("ingest", quillhaven.NAME)
    assert code == 1
    assert "another run is at work (a test, process" in printed
    assert "Traceback" not in printed

    spoilt = place.root / "warehouse" / "marts"
    spoilt.mkdir(parents=True)
    (spoilt / "sites.sql").write_text("select nothing from nowhere\n", encoding="utf-8")
    shutil.copy(content.find("warehouse/marts/sites.toml"), spoilt)
    code, printed = place.run("run", "--source", quillhaven.NAME)
    assert code == 1
    assert "Traceback" not in printed
    assert "Not done: " in printed
    assert "nowhere" in printed
    assert published(place, "select * from marts.sites order by all") == before


def test_a_run_that_was_killed_leaves_no_lock(tmp_path: Path) -> None:
    place = office(tmp_path)
    quillhaven.write_declaration(place.root)
    place.deliver(quillhaven.NAME, LOG, GOOD)
    holding = (
        "import time; from conjoin.settings import load_settings\n"
        "from conjoin.keeping.run_lock import run_lock\n"
        "with run_lock(load_settings(), 'nightly run'):\n    print('held', flush=True); time.sleep(600)"
    )
    holder = place.start(code=holding)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    code, printed = place.run("ingest", quillhaven.NAME)
    assert code == 1
    assert f"(nightly run, process {holder.pid}, since " in printed
    holder.kill()
    holder.communicate()
    code, printed = place.run("ingest", quillhaven.NAME)
    assert code == 0, printed
    manifests = list((place.root / ".data/landing" / quillhaven.NAME).glob("*/load.json"))
    assert [json.loads(path.read_text())["rows_accepted"] for path in manifests] == [10]


@pytest.mark.parametrize("command", [["sql", "from marts.sites"], ["ask", "1"], ["brief"], ["publish"]])
def test_what_needs_a_warehouse_says_how_to_get_one(tmp_path: Path, command: list[str]) -> None:
    code, printed = office(tmp_path).run(*command)
    assert code == 1
    assert printed.startswith("Not done:")
    assert "conjoin run" in printed or "conjoin build" in printed


def test_a_full_disk_is_told_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    place = office(tmp_path)
    quillhaven.write_declaration(place.root)
    place.deliver(quillhaven.NAME, LOG, as_csv(quillhaven.rows(400)))
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
    code, printed = place.run("ingest", quillhaven.NAME, code=full + "from conjoin.cli import main; main()")
    assert code == 1
    assert printed.startswith("Not done: ")
    assert "File too large" in printed
    assert [path.name for path in (place.root / ".data" / "archive").rglob("*") if path.is_file()] == []
    code, printed = place.run("ingest", quillhaven.NAME)
    assert code == 0, printed


def test_ingest_alone_goes_on_after_a_source_in_trouble(tmp_path: Path) -> None:
    place = office(tmp_path)
    quillhaven.write_declaration(place.root)
    place.deliver(quillhaven.NAME, LOG, GOOD)
    declare(place.root, "nowhere", "nonsense://x")
    code, printed = place.run("ingest", "nowhere", quillhaven.NAME)
    assert code == 3
    told = printed[printed.index("Refused:") :]
    assert "everything else is landed" in told
    assert "nowhere: inbox nonsense://x: Protocol not known: nonsense" in told
    assert len(list((place.root / ".data/landing" / quillhaven.NAME).glob("*/load.json"))) == 1
