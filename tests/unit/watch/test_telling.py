"""What people are told of how things stand: trouble first, told once and again when it returns, nothing settled."""

import json
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from conjoin.flows.summary import summary_rows
from conjoin.keeping.folders import make_private, write_private
from conjoin.keeping.landing import Landing, Load
from conjoin.keeping.run_journal import NIGHTLY
from conjoin.settings import Notify, Settings
from conjoin.steps.ingest import SourceSummary
from conjoin.steps.landed import LandedState
from conjoin.warehouse.versions import publish_version
from conjoin.watch.next_runs import next_runs
from conjoin.watch.notify import notify
from conjoin.watch.status import Change, SourceStatus, Status, take_stock
from conjoin.watch.status_text import status_text
from conjoin.watch.troubles import Trouble, find_troubles
from support.projects import Project
from support.receiver import receiving

LATE = Trouble("late", "zeta", date(2026, 11, 12), "log: 2026-10 was due")


def status(*troubles: Trouble, sources: tuple[str, ...] = ()) -> Status:
    """How things stand with these troubles and sources."""
    told = [SourceStatus(name, name, "a.csv", None, 1, 0, "inbox") for name in sources]
    return Status(datetime(2026, 11, 30, tzinfo=UTC), told, list(troubles), [])


def test_sources_in_trouble_come_first() -> None:
    told = status_text(status(LATE, sources=("alder", "birch", "zeta")))
    assert [line.split(" | ")[0] for line in told.splitlines() if line.endswith("| 1 | 0 |")] == [
        "| zeta",
        "| alder",
        "| birch",
    ]


def test_what_was_settled_and_comes_back_is_told_again(settings: Settings) -> None:
    with receiving() as (address, sent):
        to = settings.model_copy(update={"notify": Notify(to=[address])})
        make_private(to.data)
        told = [notify(to, now) for now in (status(LATE), status(LATE), status(), status(LATE))]
    assert told == [True, False, False, True]
    assert [word["title"] for word in sent] == ["Conjoin: zeta late"] * 2


def _load(period: str, rows: int, line: int) -> tuple[Load, bool]:
    made = Load(
        load_id=f"q-{line}",
        source_name="quillhaven",
        feed="log",
        file_name=f"visits_{period}.csv",
        period=period,
        content_hash="00",
        byte_count=1,
        delivered_at=datetime(2026, 11, line, tzinfo=UTC),
        load_status="landed",
        ledger_line=line,
        rows_read=rows,
    )
    return made, True


@pytest.mark.parametrize(
    ("loads", "shrunk"),
    [
        ([_load("2026-09", 100, 1), _load("2026-10", 40, 2)], ["visits_2026-10.csv"]),
        ([_load("2026-10", 100, 1), _load("2026-09", 40, 2)], []),  # an old month that comes later is no shrinking
        ([_load("2026-10", 40, 1), _load("2026-09", 100, 2)], ["visits_2026-10.csv"]),
    ],
)
def test_a_period_is_compared_with_the_one_before_it_whenever_they_came(
    project: Project, loads: list[tuple[Load, bool]], shrunk: list[str]
) -> None:
    state = LandedState(Landing(project.settings.landing), loads)
    found = find_troubles(project.settings, state, date(2026, 11, 5))
    assert [trouble.what.split(":")[0] for trouble in found if trouble.kind == "shrunk"] == shrunk


def test_a_failure_before_a_later_run_over_everything_is_settled(project: Project) -> None:
    def told(purpose: str, hour: int, outcome: str) -> str:
        at = f"2026-11-30T{hour:02}:00:00+00:00"
        return json.dumps(
            {"purpose": purpose, "started_at": at, "ended_at": at, "outcome": outcome, "message": ""},
        )

    runs = [told("ingest early", 1, "failed"), told(NIGHTLY, 2, "completed"), told("ingest later", 3, "failed")]
    make_private(project.settings.data)
    write_private(project.settings.run_journal, "\n".join(runs) + "\n")
    assert [run.purpose for run in take_stock(project.settings).runs] == ["ingest later", NIGHTLY]


def test_figures_are_held_against_those_of_the_version_before(project: Project) -> None:
    built = project.settings.data / "warehouse" / "built.duckdb"
    built.parent.mkdir(parents=True)
    for sites in (3, 5, 4):
        built.write_text(f"{sites} sites", encoding="utf-8")
        publish_version(project.settings, built, f"{sites} sites were delivered", {"sites": sites})
    status = take_stock(project.settings)
    assert (status.previous_count, status.changes) == (2, [Change("sites", 4, -1)])


def test_a_run_tells_what_failed_first_then_what_was_refused() -> None:
    sources = [SourceSummary("alder"), SourceSummary("birch", refused=["a.csv: no table"]), SourceSummary("cedar")]
    rows = summary_rows(sources, {"zeta": "the inbox cannot be reached"})
    assert [row[:2] for row in rows] == [("zeta", "FAILED"), ("birch", "REFUSED"), ("alder", "ok"), ("cedar", "ok")]


class _Planned(BaseHTTPRequestHandler):
    """A server of Prefect's that has planned three runs of one deployment."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        runs = [{"expected_start_time": f"2026-12-0{day}T01:15:00+00:00"} for day in (2, 1, 3)]
        runs.sort(key=lambda run: run["expected_start_time"], reverse=asked.get("sort", "").endswith("DESC"))
        schedule = {"schedule": {"cron": "15 1 * * *"}}
        found: list[dict[str, Any]] = (
            [
                {"id": "1", "name": "nightly", "paused": False, "schedules": [schedule]},
                {"id": "2", "name": "put aside", "paused": True, "schedules": [schedule]},
            ]
            if self.path.startswith("/api/deployments")
            else runs[: asked["limit"]]
        )
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def test_the_next_run_is_the_first_that_is_planned() -> None:
    with HTTPServer(("127.0.0.1", 0), _Planned) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            found = next_runs(f"http://127.0.0.1:{server.server_port}/api")
        finally:
            server.shutdown()
            thread.join()
    assert [(run.title, run.starts_at) for run in found] == [("nightly", datetime(2026, 12, 1, 1, 15, tzinfo=UTC))]
