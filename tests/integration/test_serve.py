"""Scheduled flows on a real Prefect server, and on the one that Prefect embeds."""

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import psutil
import pytest

from conjoin.flows.nightly import NIGHTLY_TITLE
from support import quillhaven
from support.files import as_csv
from support.processes import Office, office

_PATIENCE_SECONDS = 180


class Api:
    """A Prefect server's interface, as its own pages use it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str) -> Any:
        return self._call(urllib.request.Request(self.url + path))  # noqa: S310 - loopback

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"content-type": "application/json"}
        return self._call(urllib.request.Request(self.url + path, json.dumps(body).encode(), headers))  # noqa: S310

    def listed(self) -> list[dict[str, Any]]:
        """Every deployment."""
        return list(self.post("/deployments/filter", {"limit": 200}))

    def ended(self, run: dict[str, Any]) -> dict[str, Any] | None:
        """The run, once it has come to its end."""
        found = dict(self.get(f"/flow_runs/{run['id']}"))
        return found if found["state_type"] in ("COMPLETED", "FAILED", "CRASHED") else None

    @staticmethod
    def _call(request: urllib.request.Request) -> Any:
        def answered() -> list[Any]:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return [json.load(answer)]

        return wait_for(answered)[0]  # a server that is busy with its database says so, and answers a moment later


def wait_for(what: Callable[[], Any]) -> Any:
    """What ``what`` gives, as soon as it gives anything."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            if found := what():
                return found
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.3)
    raise AssertionError("waited in vain")


@contextmanager
def running(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout:
            process.stdout.close()


@contextmanager
def prefect_server(place: Office, folder: Path) -> Iterator[Api]:
    """A server with a database of its own on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**place.environment, "PREFECT_HOME": str(folder), "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
    command = [sys.executable, "-m", "prefect", "server", "start", "--port", str(port)]
    log = (folder.parent / "server.log").open("w")
    with log, running(subprocess.Popen(command, env=environment, stdout=log, stderr=log, text=True)):
        api = Api(f"http://127.0.0.1:{port}/api")
        wait_for(lambda: api.get("/health"))
        yield api


def one_source(tmp_path: Path) -> Office:
    place = office(tmp_path)
    quillhaven.write_declaration(place.root)
    good = as_csv(quillhaven.rows(10))
    place.deliver(quillhaven.NAME, quillhaven.FILES["log"], good.replace(b"2026-03-02", b"2026-13-02", 1))
    return place


def run_of(api: Api, deployment: dict[str, Any]) -> dict[str, Any]:
    """Start a run of the deployment, and give it as it ended."""
    run = api.post(f"/deployments/{deployment['id']}/create_flow_run", {})
    return dict(wait_for(lambda: api.ended(run)))


def scheduled_run(api: Api, deployment: dict[str, Any]) -> dict[str, Any]:
    """The first run of the deployment that its schedule started and that came to its end."""
    wanted = {"deployments": {"id": {"any_": [deployment["id"]]}}, "sort": "EXPECTED_START_TIME_ASC", "limit": 5}
    ended = ("COMPLETED", "FAILED", "CRASHED")

    def found() -> dict[str, Any] | None:
        runs = api.post("/flow_runs/filter", wanted)
        return next((run for run in runs if run["auto_scheduled"] and run["state_type"] in ended), None)

    return dict(wait_for(found))


def prefect(place: Office, url: str, *arguments: str) -> str:
    """What a command of Prefect's own prints about a server."""
    environment = {**place.environment, "PREFECT_API_URL": url, "COLUMNS": "200"}
    command = [sys.executable, "-m", "prefect", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def published_rows(place: Office) -> list[tuple[object, ...]]:
    """Source and number of site records of the published warehouse."""
    with duckdb.connect(str(place.root / ".data/warehouse/conjoin.duckdb"), read_only=True) as con:
        return con.execute(
            "select source_name, count(*) from marts.site_records_at_sites group by all order by all"
        ).fetchall()


def printed_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process printed up to the line with these words."""
    assert process.stdout is not None
    printed = ""
    while words not in printed:
        line = process.stdout.readline()
        assert line, printed
        printed += line
    return printed


def processes_below(root: Path) -> list[str]:
    """Command lines of the processes that work in a folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if process.info["cwd"] == str(root):
            found.append(" ".join(process.info["cmdline"] or []))
    return found


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_schedule_starts_runs_on_a_server_of_our_own_and_their_result_is_published(tmp_path: Path) -> None:
    place = one_source(tmp_path)
    with running(place.start("serve", "--nightly", "*/1 * * * *")) as served:
        printed = printed_until(served, "Ctrl-C ends it")
        url = printed[printed.index("PREFECT_API_URL=") :].split()[0].partition("=")[2]
        api = Api(url)
        titles = {found["name"]: found for found in api.listed()}
        assert set(titles) == {"Quillhaven visits", NIGHTLY_TITLE}  # the project's own sources, under their titles

        run = scheduled_run(api, titles[NIGHTLY_TITLE])

        assert run["state_type"] == "COMPLETED", run["state"]["message"]
        assert published_rows(place) == [(quillhaven.NAME, 9)]
        code, status = place.run("status")
        assert code == 0
        assert "nightly run" in status
        assert "completed" in status
        assert "UTC: Quillhaven visits" in status  # when its next run will be
        assert "nightly-run-status" in prefect(place, url, "artifact", "ls")
        assert "'type': 'markdown'" in prefect(place, url, "artifact", "inspect", "nightly-run-status")
        started = time.monotonic()
        served.terminate()
        rest = served.communicate(timeout=10)[0]
        assert time.monotonic() - started < 10
    assert processes_below(place.root) == []
    assert "Traceback" not in printed + rest
    code, status = place.run("status")
    assert "nothing starts by itself" in status
    assert not place.calls.exists(), place.calls.read_text()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_schedule_starts_runs_on_a_named_server_and_refusals_are_red(tmp_path: Path) -> None:
    place = one_source(tmp_path)
    place.deliver(quillhaven.NAME, "visits_2026-05.csv", b"not,what,was,agreed\n1,2,3,4\n")
    text = quillhaven.DECLARATION.replace('schedule   = "0 5 2 * *"', 'schedule   = "*/1 * * * *"')
    quillhaven.write_declaration(place.root, text)
    with prefect_server(place, tmp_path / "server") as api:
        place.environment["PREFECT_API_URL"] = api.url
        with running(place.start("serve", "--nightly", "15 1 * * *")) as served:
            printed_until(served, "Ctrl-C ends it")
            deployments = {found["name"]: found for found in api.listed()}
            crons = {name: [s["schedule"]["cron"] for s in found["schedules"]] for name, found in deployments.items()}
            assert crons == {"Quillhaven visits": ["*/1 * * * *"], NIGHTLY_TITLE: ["15 1 * * *"]}
            assert set(deployments["Quillhaven visits"]["tags"]) == {"conjoin", "brand", quillhaven.NAME}

            run = scheduled_run(api, deployments["Quillhaven visits"])

            assert (run["state_type"], run["state_name"]) == ("FAILED", "Refused")
            assert "visits_2026-05.csv: the first row holds none of the columns" in run["state"]["message"]
            assert run["name"] == "ingest Quillhaven visits"
            artifacts = api.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
            assert [artifact["key"] for artifact in artifacts] == [f"ingest-{quillhaven.NAME}-status"]
            assert artifacts[0]["data"].startswith("### Not in order: 1")
            assert f"**REFUSED** {quillhaven.NAME}" in artifacts[0]["data"]

            (place.root / ".data" / "archive" / "ledger.jsonl").write_text("damaged\n", encoding="utf-8")
            failed = run_of(api, deployments["Quillhaven visits"])
            assert (failed["state_type"], failed["state_name"]) == ("FAILED", "Failed")
            assert "ledger.jsonl, line 1: not a ledger entry" in failed["state"]["message"]
    assert not place.calls.exists(), place.calls.read_text()


@pytest.mark.slow
def test_a_killed_server_of_our_own_leaves_no_process(tmp_path: Path) -> None:
    place = one_source(tmp_path)
    with running(place.start("serve")) as served:
        printed_until(served, "Ctrl-C ends it")
        served.kill()
        served.wait()
        wait_for(lambda: processes_below(place.root) == [])


def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    place = one_source(tmp_path)
    place.environment["PREFECT_API_URL"] = "http://127.0.0.1:9/api"
    for command in (["serve"], ["run"]):
        code, printed = place.run(*command)
        assert code == 1
        assert printed.startswith("Not done: PREFECT_API_URL=http://127.0.0.1:9/api: no Prefect server answers there")
