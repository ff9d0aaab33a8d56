"""Deployments: one per source with the schedule of its declaration, and the nightly run. No file to drift."""

from prefect import serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule

from conjoin.errors import SettingsError
from conjoin.flows.nightly import ingest_flow, nightly_flow
from conjoin.sources import registry

NIGHTLY_CRON = "30 2 * * *"


def deployments(nightly_cron: str = NIGHTLY_CRON) -> list[RunnerDeployment]:
    """Every deployment, named for what it does.

    Raises:
        SettingsError: A schedule is no cron expression.
    """
    found = [
        RunnerDeployment.from_flow(
            ingest_flow,
            name=source.name,
            schedules=[_cron(source.schedule, f"schedule of {source.name}")],
            parameters={"source_name": source.name},
            description=f"{source.title}: {source.summary}",
            tags=["conjoin", source.kind, source.name],
        )
        for source in registry.sources().values()
    ]
    nightly = RunnerDeployment.from_flow(
        nightly_flow,
        name="nightly",
        schedules=[_cron(nightly_cron, "nightly run")],
        description="Ingest all sources, match, build, check, publish, brief",
        tags=["conjoin", "nightly"],
    )
    return [*found, nightly]


def _cron(text: str, whose: str) -> Schedule:
    try:
        return Cron(text, timezone="UTC")
    except ValueError as error:
        raise SettingsError(
            f"{whose}: {text!r} is no cron expression; write five fields, as in {NIGHTLY_CRON!r}"
        ) from error


def serve_deployments(nightly_cron: str = NIGHTLY_CRON) -> None:
    """Serve every deployment until stopped: on the server that PREFECT_API_URL names, else on an embedded one."""
    serve(*deployments(nightly_cron), limit=1)
