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

from conjoin.sources import registry
from support import quillhaven
from support.files import as_csv
from support.processes import Office, office

_PATIENCE_SECONDS = 120


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


def test_every_source_is_served_on_its_schedule_by_a_real_server(tmp_path: Path) -> None:
    place = one_source(tmp_path)
    with prefect_server(place, tmp_path / "server") as api:
        place.environment["PREFECT_API_URL"] = api.url
        with running(place.start("serve", "--nightly", "15 1 * * *")):
            wanted = {*registry.folders(), quillhaven.NAME, "nightly"}
            listed: Callable[[], Any] = lambda: api.post("/deployments/filter", {"limit": 200})  # noqa: E731
            deployments = {
                found["name"]: found for found in wait_for(lambda: len(listed()) == len(wanted) and listed())
            }
            crons = {name: [s["schedule"]["cron"] for s in found["schedules"]] for name, found in deployments.items()}
            declared = {name: [source.schedule] for name, source in registry.sources().items()}
            assert crons == {**declared, quillhaven.NAME: [quillhaven.source().schedule], "nightly": ["15 1 * * *"]}
            assert set(deployments["northwind"]["tags"]) == {"conjoin", "brand", "northwind"}

            run = run_of(api, deployments[quillhaven.NAME])

            assert run["state_type"] == "COMPLETED", run["state"]["message"]
            assert run["name"] == f"ingest {quillhaven.NAME}"
            assert {"conjoin", quillhaven.NAME} <= set(run["tags"])
            tasks = api.post("/task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
            assert [(task["name"], task["tags"]) for task in tasks] == [(f"ingest {quillhaven.NAME}", ["ingest"])]
            artifacts = api.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run["id"]]}}})
            assert [artifact["key"] for artifact in artifacts] == [f"ingest-{quillhaven.NAME}-summary"]
            rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in artifacts[0]["data"].splitlines()]
            assert rows[0] == ["Source", "New files", "Rows read", "Rows refused", "New sites", "Notices"]
            assert rows[2] == [quillhaven.NAME, "1", "10", "1", "9", "0"]

            manifest = next((place.root / ".data" / "archive").glob("ledger.jsonl"))
            manifest.write_text("damaged\n", encoding="utf-8")
            failed = run_of(api, deployments[quillhaven.NAME])
            assert failed["state_type"] == "FAILED"
            assert "ledger.jsonl, line 1: not a ledger entry" in failed["state"]["message"]
    assert not place.calls.exists(), place.calls.read_text()


def test_the_embedded_server_serves_without_any_setting(tmp_path: Path) -> None:
    place = one_source(tmp_path)
    with running(place.start("serve")) as served:
        assert served.stdout is not None
        printed = ""
        while f"ingest/{quillhaven.NAME}" not in printed:
            line = served.stdout.readline()
            assert line, printed
            printed += line
    assert "Traceback" not in printed
    assert (place.root / ".data" / "prefect").is_dir()
    assert not place.calls.exists(), place.calls.read_text()
