"""The Prefect flows: ingest one source, and the nightly run over all of them.

Tasks are one-line wrappers over the plain functions of this package. Retries are for inboxes that may be out of reach
for a moment; a source that fails is told and never stops the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, cast

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.context import get_run_context
from prefect.states import Failed

from conjoin.briefings.queries import headlines
from conjoin.errors import ConjoinError, InboxUnreachable, SourceError
from conjoin.flows import brief as briefing
from conjoin.flows import ingest, match, warehouse
from conjoin.flows.summary import markdown_summary
from conjoin.matching.run import MatchSummary
from conjoin.settings import Settings, load_settings
from conjoin.sources import registry
from conjoin.warehouse.runlock import run_lock

RETRIES = 2
RETRY_DELAY_SECONDS: list[float] = [5, 30]


@dataclass
class RunSummary:
    """What one nightly run did.

    Attributes:
        sources: Per source what was done, in order of name.
        failures: Source name to error, for sources that could not be ingested at all.
        matched: What matching concluded.
        marts: Mart to rows, as published.
        headlines: The first figures of the published warehouse, in words.
        pages: Files a person may want to open.
    """

    sources: list[ingest.SourceSummary] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    matched: MatchSummary | None = None
    marts: dict[str, int] = field(default_factory=dict)
    headlines: dict[str, str] = field(default_factory=dict)
    pages: list[Path] = field(default_factory=list)


def _is_worth_a_retry(_task: object, _run: object, state: State[object]) -> bool:
    """Only what may answer a moment later: a declaration or a file does not mend itself."""
    return isinstance(state.data, InboxUnreachable)


@task(
    task_run_name="ingest {source_name}",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAY_SECONDS,
    retry_condition_fn=_is_worth_a_retry,
    tags=["ingest"],
)
def ingest_task(settings: Settings, source_name: str) -> ingest.SourceSummary:
    """Collect, archive, read, check and land what waits for one source."""
    return ingest.ingest_source(settings, source_name)


@task(task_run_name="match site records", tags=["match"])
def match_task(settings: Settings) -> MatchSummary:
    """Match all current site records."""
    return match.match_sites(settings)


@task(task_run_name="build and check the warehouse", tags=["warehouse"])
def build_task(settings: Settings) -> warehouse.BuildSummary:
    """Build the warehouse beside its place and check it."""
    return warehouse.build_warehouse(settings)


@task(task_run_name="publish the warehouse", tags=["warehouse"])
def publish_task(settings: Settings) -> Path:
    """Publish the built warehouse and the pages on its checks."""
    return warehouse.publish_warehouse(settings)


@task(task_run_name="brief {country}", tags=["briefing"])
def brief_task(settings: Settings, country: str) -> Path:
    """Render the overlap briefing."""
    return briefing.render_briefing(settings, briefing.BriefingParameters(country=country or None))


@flow(name="ingest", flow_run_name="ingest {source_name}")
def ingest_flow(source_name: str) -> State[Any] | None:
    """Ingest one source on its own schedule; the nightly run matches and publishes."""
    try:
        _ingest_one(load_settings(), source_name)
    except ConjoinError as error:
        return _told(error)
    return None


def _nightly_name() -> str:
    return f"nightly {date.today().isoformat()}"


@flow(name="nightly", flow_run_name=_nightly_name)
def nightly_flow(
    source_names: Sequence[str] | None = None, countries: Sequence[str] = ("",)
) -> RunSummary | State[Any]:
    """Ingest all sources, match, build, check, publish, brief.

    Args:
        source_names: Sources to ingest; all when left out.
        countries: One briefing each, as ISO codes; an empty text means all countries.
    """
    try:
        return _run_all(load_settings(), source_names, countries)
    except ConjoinError as error:
        return _told(error)


def run_nightly(source_names: Sequence[str] | None, countries: Sequence[str]) -> RunSummary:
    """Run the nightly flow here and now.

    Raises:
        ConjoinError: It failed as a whole; what was published stays as it is.
    """
    return cast(RunSummary, nightly_flow(source_names, countries))  # a failed state raises its error here


def _told(error: ConjoinError) -> State[Any]:
    """The failure of a flow in words, which spares its log and its caller a traceback."""
    return Failed(message=str(error), data=error)


def _ingest_one(settings: Settings, source_name: str) -> None:
    summary = RunSummary()
    with run_lock(settings, f"ingest {source_name}"):
        _ingest_all(settings, [source_name], summary)
    _leave_artifact(summary, f"ingest-{source_name}")
    if summary.failures:
        raise SourceError(summary.failures[source_name])


def _run_all(settings: Settings, source_names: Sequence[str] | None, countries: Sequence[str]) -> RunSummary:
    summary, logger = RunSummary(), get_run_logger()
    with run_lock(settings, "nightly run"):
        _ingest_all(settings, list(source_names or registry.sources()), summary)
        summary.matched = match_task(settings)
        logger.info("matched %s site records: %s sites", summary.matched.record_count, summary.matched.site_count)
        built = build_task(settings)
        logger.info("built and checked %s marts", len(built.row_counts))
        summary.pages.append(publish_task(settings))
        summary.marts = built.row_counts
        summary.headlines = headlines(settings.warehouse)
        summary.pages += [brief_task(settings, country) for country in countries]
    _leave_artifact(summary, "nightly")
    return summary


def _ingest_all(settings: Settings, source_names: list[str], summary: RunSummary) -> None:
    logger = get_run_logger()
    for name in source_names:
        state: State[ingest.SourceSummary] = ingest_task(settings, name, return_state=True)
        if not state.is_completed():
            error = state.result(raise_on_failure=False)
            summary.failures[name] = str(error)
            logger.error("%s: %s", name, error)
            continue
        source = state.result()
        summary.sources.append(source)
        logger.info("%s: %s rows read, %s refused", name, source.rows_read, source.rows_refused)
        for notice in source.notices:
            logger.warning("%s: %s", name, notice)


def _leave_artifact(summary: RunSummary, key: str) -> None:
    """Leave in Prefect, as an artifact, what a person should know."""
    run = get_run_context()
    create_markdown_artifact(
        key=f"{key}-summary".replace("_", "-"),
        markdown=markdown_summary(summary.sources, summary.failures, summary.marts),
        description=f"What {getattr(run, 'flow_run', None) and run.flow_run.name} did, per source",  # type: ignore[union-attr]
    )
