"""What it says is what happened: refusals are red until they are settled, quiet nights do nothing, versions go back."""

import socket
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest
from aiosmtpd.controller import Controller

from conjoin import content
from conjoin.keeping.run_journal import recorded_runs
from conjoin.settings import Settings
from conjoin.watch.status import take_stock
from conjoin.watch.status_text import status_text
from support import quillhaven
from support.files import as_csv
from support.processes import MARKER, Office, office
from support.published_office import GOOD, office_after_a_run, office_with_a_delivery
from support.receiver import receiving

LOG = quillhaven.FILES["log"]
BAD = b"not,what,was,agreed\n1,2,3,4\n"


@pytest.fixture
def place(tmp_path: Path, prefect: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A project after its first run; its runs use the server of the session."""
    return office_after_a_run(tmp_path, prefect, tmp_path_factory)


def settings_of(place: Office) -> Settings:
    """The settings of the project."""
    return Settings(data=place.root / ".data", settle_seconds=0)


def published(place: Office, query: str) -> list[tuple[Any, ...]]:
    """Rows of the published warehouse."""
    with duckdb.connect(str(place.root / ".data/warehouse/conjoin.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


@pytest.mark.slow
def test_a_refusal_is_red_until_it_is_settled(place: Office) -> None:
    place.deliver(quillhaven.NAME, "visits_2026-05.csv", BAD)
    for _ in range(2):  # the second night has nothing new, and the refusal still stands
        code, printed = place.run("run")
        assert code == 3
        assert printed.index("REFUSED") < printed.index("What is published")
        assert "visits_2026-05.csv: the first row holds none of the columns" in printed[printed.index("Refused:") :]
    code, printed = place.run("status")
    assert code == 3
    assert printed.index("REFUSED") < printed.index("Last runs")
    assert [run.outcome for run in recorded_runs(settings_of(place))] == ["completed", "refused", "refused"]

    freshness = published(
        place,
        "select is_stale, refused_file_count, last_refused_file_name, refused_since is not null, stale_reason "
        "from marts.source_freshness",
    )
    assert [row[:4] for row in freshness] == [(True, 1, "visits_2026-05.csv", True)]
    assert "refused since" in freshness[0][4]
    code, answer = place.run("ask", "refused_rows_by_source", "--format", "csv")
    assert answer.splitlines()[1].startswith('file,quillhaven,log,,"visits_2026-05.csv: the first row holds none')

    code, _ = place.run("withdraw", quillhaven.NAME, "--file", "visits_2026-05.csv", "--reason", "wrong file")
    assert code == 0
    assert place.run("run")[0] == 0
    settled = published(place, "select refused_file_count, stale_reason from marts.source_freshness")
    assert [row[0] for row in settled] == [0]
    assert settled[0][1].startswith("late: ")  # its newest period is months old, whenever the file landed
    assert not place.calls.exists(), place.calls.read_text()


@pytest.mark.slow
def test_a_night_with_nothing_new_publishes_nothing_and_versions_go_back(place: Office) -> None:
    warehouse = place.root / ".data/warehouse/conjoin.duckdb"
    first = warehouse.stat()
    code, printed = place.run("run")
    assert (code, warehouse.stat().st_ino) == (0, first.st_ino)
    assert "Nothing new: what is published stays" in printed

    place.deliver(quillhaven.NAME, LOG, as_csv(quillhaven.rows(12)))
    assert place.run("run")[0] == 0
    assert published(place, "select count(*) from marts.site_records_at_sites") == [(12,)]
    status = status_text(take_stock(settings_of(place)))
    assert "site records delivered: 12 (+2)" in status
    with duckdb.connect(str(warehouse), read_only=True) as reader:
        code, printed = place.run("publish", "--previous")
        assert code == 0, printed
        assert reader.execute("select count(*) from marts.site_records_at_sites").fetchall() == [(12,)]
    assert published(place, "select count(*) from marts.site_records_at_sites") == [(10,)]
    del place.environment["PREFECT_API_URL"]  # this one brings a server of its own, whose folder is private too
    assert place.run("run")[0] == 0  # what somebody went back from does not return over night
    assert published(place, "select count(*) from marts.site_records_at_sites") == [(10,)]
    code, printed = place.run("publish", "--previous")
    assert code == 1
    assert "no earlier warehouse is kept" in printed

    modes = {
        name: stat.S_IMODE((place.root / ".data" / name).stat().st_mode)
        for name in ("archive", "landing", "matching", "prefect", "warehouse/versions")
    }
    assert set(modes.values()) == {0o700}, modes
    assert stat.S_IMODE(warehouse.stat().st_mode) == 0o640


def _commands_first(folder: Path) -> list[list[str]]:
    (folder / "export.csv").write_bytes(GOOD)
    (folder / "records.csv").write_text("record_id,source,name\n1,a,Alder Loom\n2,b,Alder Loom\n", encoding="utf-8")
    return [
        ["status"], ["doctor"], ["ask"], ["ask", "1"], ["sql", "from marts.sites"], ["ingest"], ["match"], ["build"],
        ["publish"], ["publish", "--previous"], ["brief"], ["reviews", "export", "queue.xlsx"], ["joint-visits"],
        ["sites", "C1"], ["explain", "a:1", "b:2"], ["reference"], ["candidates"], ["fields"], ["codes"],
        ["withdraw", "nobody", "--reason", "x"], ["try", "brands/nobody"], ["accept", "brands/nobody"],
        ["new-source", "brands/mine", "--from", "export.csv"], ["link", "records.csv", "--out", "sites.csv"],
        ["reviews", "import", "export.csv"], ["simulate", "--sites", "3", "--out", "world"],
        ["rebuild"], ["backup", "copy.tar"], ["restore", "copy.tar"], ["retention"], ["retention", "--erase"],
        ["archive", "new-key"], ["archive", "encrypt"], ["archive", "decrypt"],
        ["withdraw", "nobody", "--reason", "x", "--erase"],
    ]  # fmt: skip


@pytest.mark.slow
def test_every_command_works_as_the_first_one_or_says_what_to_do(tmp_path: Path) -> None:
    place = office(tmp_path)
    for arguments in _commands_first(place.root):
        code, printed = place.run(*arguments)
        assert "Traceback" not in printed, (arguments, printed)
        assert code in (0, 1), (arguments, printed)
        assert printed.strip(), arguments
        if code:
            told = printed[printed.rindex("Not done:") :] if "Not done:" in printed else printed
            assert any(word in told for word in ("`conjoin", "there are", "choose", "Start from", "Begin")), printed


@pytest.mark.slow
def test_a_declaration_that_cannot_be_read_is_red_and_so_is_a_rule(place: Office) -> None:
    broken = place.root / "sources/brands/two"
    broken.mkdir()
    (broken / "source.toml").write_text('title = "Two"\n', encoding="utf-8")
    for command in ("run", "ingest", "status"):
        code, printed = place.run(command)
        assert code == 3, (command, printed)
        assert "two" in printed
    (broken / "source.toml").unlink()
    rules = place.root / "warehouse/rules"
    rules.mkdir(parents=True)
    packaged = (content.packaged_root() / "warehouse/rules/parameters.toml").read_text(encoding="utf-8")
    (rules / "parameters.toml").write_text(packaged.replace("grace_days", "grace_dayz"), encoding="utf-8")
    code, printed = place.run("run")
    assert code == 1
    assert "Traceback" not in printed
    assert "parameters.toml" in printed


@pytest.mark.slow
def test_a_rule_of_the_project_takes_effect(place: Office) -> None:
    due = "select due_date from marts.source_freshness"
    before = published(place, due)
    rules = place.root / "warehouse/rules"
    rules.mkdir(parents=True)
    packaged = (content.packaged_root() / "warehouse/rules/parameters.toml").read_text(encoding="utf-8")
    name = (
        packaged.index('name       = "grace_days"')
        if 'name       = "grace_days"' in packaged
        else packaged.index("grace_days")
    )
    value = packaged.index("value", name)
    changed = packaged[:value] + packaged[value:].replace("10", "25", 1)
    (rules / "parameters.toml").write_text(changed, encoding="utf-8")
    code, printed = place.run("run")
    assert code == 0, printed
    assert published(place, due) != before


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Mailbox:
    def __init__(self) -> None:
        self.mails: list[str] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        self.mails.append(envelope.content.decode("utf-8", "replace"))
        return "250 OK"


@pytest.mark.slow
def test_people_are_told_once_by_mail_and_webhook_and_only_of_trouble(tmp_path: Path, prefect: str) -> None:
    place = office_with_a_delivery(tmp_path, prefect)
    mailbox = _Mailbox()
    post = Controller(mailbox, hostname="127.0.0.1", port=_free_port())
    post.start()
    try:
        with receiving() as (hook, told):
            mail = f"mailto://127.0.0.1:{post.port}/?from=a@example.org&to=b@example.org"
            place.environment["POST"] = mail
            config = f'{MARKER}[notify]\nto = ["$POST", "{hook}"]\n'
            (place.root / "conjoin.toml").write_text(config, encoding="utf-8")
            assert place.run("run")[0] == 0
            assert [item for item in told if "refused" in item["title"]] == []
            late = len(told)  # the file is months old, which is told as late, once
            place.deliver(quillhaven.NAME, "visits_2026-05.csv", BAD)
            for _ in range(2):
                assert place.run("run")[0] == 3
            assert [item["title"] for item in told[late:]] == ["Conjoin: quillhaven refused"]
            plain = told[-1]["message"].replace("\\", "")
            assert "visits_2026-05.csv: the first row holds none of the columns" in plain
            (place.root / "schemas/reference").mkdir(parents=True)
            (place.root / "schemas/reference/party_aliases.csv").write_text("nonsense\n", encoding="utf-8")
            assert place.run("run")[0] == 1
            assert told[-1]["title"] == "Conjoin: the run failed"
            assert "party_aliases.csv" in told[-1]["message"].replace("\\", "")
            assert len(mailbox.mails) == len(told)
            assert "quillhaven refused" in "".join(mailbox.mails)
    finally:
        post.stop()


def test_a_mode_that_lets_everybody_in_must_be_named(tmp_path: Path) -> None:
    place = office(tmp_path)
    (place.root / "conjoin.toml").write_text('[run]\npublished_mode = "777"\n', encoding="utf-8")
    code, printed = place.run("status")
    assert code == 1
    assert "run.published_mode" in printed or "published_mode" in printed
    assert "600 owner, 640 group too" in printed
