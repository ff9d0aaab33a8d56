"""Deployments: one per source with the schedule of its declaration, and the nightly run. No file to drift."""

import re
from collections.abc import Iterable

from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule

from conjoin.flows.nightly import NIGHTLY_TITLE, ingest_flow, nightly_flow
from conjoin.sources.descriptor import Source

#: What Prefect does not allow in a name.
_NOT_IN_NAMES = re.compile(r"[/%&<>]+")


def deployments(sources: Iterable[Source], nightly_cron: str) -> list[RunnerDeployment]:
    """Every deployment, under the title that people know."""
    served = list(sources)
    titles = [source.title for source in served]
    found = [
        RunnerDeployment.from_flow(
            ingest_flow,
            name=deployment_name(source, is_shared=titles.count(source.title) > 1),
            schedules=[_cron(source.schedule)],
            parameters={"source_name": source.name},
            description=f"{source.title}: {source.summary}",
            tags=["conjoin", source.kind, source.name],
        )
        for source in served
    ]
    nightly = RunnerDeployment.from_flow(
        nightly_flow,
        name=NIGHTLY_TITLE,
        schedules=[_cron(nightly_cron)],
        description="Ingest all sources, match, build, check, publish, brief",
        tags=["conjoin", "nightly"],
    )
    return [*found, nightly]


def deployment_name(source: Source, *, is_shared: bool) -> str:
    """The source's title as Prefect allows it; with its code name where another source has the same title."""
    title = _NOT_IN_NAMES.sub(" ", source.title).strip()
    return f"{title} ({source.name})" if is_shared else title


def _cron(text: str) -> Schedule:
    return Cron(text, timezone="UTC")
