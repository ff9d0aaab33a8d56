"""When the next run of each deployment will be, as the Prefect server has it: what it has not planned never starts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from conjoin.errors import ServerUnreachable

_TAG = "conjoin"


@dataclass(frozen=True)
class NextRun:
    """One deployment.

    Attributes:
        title: Its name.
        schedule: Cron, UTC.
        starts_at: When the server will start it next, UTC; None if it has planned nothing.
    """

    title: str
    schedule: str
    starts_at: datetime | None


def next_runs(url: str) -> list[NextRun]:
    """Every active deployment of Conjoin on a server, the next one to start first.

    Raises:
        ServerUnreachable: The server does not answer.
    """
    try:
        with httpx.Client(base_url=url, timeout=30) as server:
            deployments = _listed(server, "deployments", {"deployments": {"tags": {"all_": [_TAG]}}, "limit": 200})
            found = [_next_run(server, deployment) for deployment in deployments if not deployment["paused"]]
    except httpx.HTTPError as error:
        raise ServerUnreachable(f"{url}: the Prefect server does not answer ({error})") from error
    return sorted(found, key=lambda run: (run.starts_at is None, run.starts_at, run.title))


def _next_run(server: httpx.Client, deployment: dict[str, Any]) -> NextRun:
    planned = _listed(
        server,
        "flow_runs",
        {
            "deployments": {"id": {"any_": [deployment["id"]]}},
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
            "sort": "EXPECTED_START_TIME_ASC",
            "limit": 1,
        },
    )
    starts_at = datetime.fromisoformat(planned[0]["expected_start_time"]) if planned else None
    schedules = ", ".join(entry["schedule"].get("cron", "") for entry in deployment["schedules"])
    return NextRun(deployment["name"], schedules, starts_at)


def _listed(server: httpx.Client, what: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.post(f"/{what}/filter", json=body).raise_for_status().json()
    return found
