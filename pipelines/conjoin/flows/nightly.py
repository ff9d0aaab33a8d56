"""The Prefect flows: ingest one source, and the nightly run over all of them.

Tasks are one-line wrappers over the plain functions of this package. Retries are for inboxes that may be out of reach
for a moment; a source that fails is told and never stops the others. A flow ends green only if all that was delivered
counts: a refused delivery gives it a state of its own, ``Refused``, until the delivery is replaced or withdrawn.

The work needs no Prefect server once a flow has begun: one that stops answering loses the record of the run, not its
result. So tasks carry no tags, for which Prefect asks its server before each of them.
"""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from conjoin.errors import ConjoinError, InboxUnreachable, SourceError
from conjoin.flows.ending import end_cleanly
from conjoin.flows.scale import comparing
from conjoin.flows.server import answers
from conjoin.keeping.archive import Archive
from conjoin.keeping.run_journal import NIGHTLY, RunRecord, recorded_run
from conjoin.machine import told_in_words
from conjoin.matching.run import MatchSummary
from conjoin.settings import Settings, load_settings
from conjoin.sources import registry
from conjoin.steps import brief, build, ingest, match
from conjoin.steps.deliveries import sources_in_use
from conjoin.steps.pages.declared import declared_answers, declared_pages
from conjoin.steps.pages.index import write_index
from conjoin.steps.pages.kept import settle_failures
from conjoin.steps.pages.requests import AnswerRequest, PageRequest
from conjoin.watch.notify import notify
from conjoin.watch.status import take_stock
from conjoin.watch.status_text import status_text

end_cleanly()

RETRIES = 2
RETRY_DELAY_SECONDS: list[float] = [5, 30]
#: What people see in Prefect.
NIGHTLY_TITLE = "All sources, sites, warehouse and briefings"
REFUSED = "Refused"
UNFINISHED = "Unfinished"
NOTHING_NEW = "nothing new"
_Made = TypeVar("_Made")


@dataclass
class RunSummary:
    """What one run did.

    Attributes:
        sources: Per source what was done, in order of name.
        failures: Source name to error, for sources that could not be ingested at all.
        is_published: Whether there was anything new to match, build and publish.
        matched: What matching concluded, if anything was new.
        headlines: The first figures of the published warehouse by name.
        pages: Files a person may want to open.
        failed_pages: Pages and answers that could not be made, by file name, and why; the last good ones stay.
        no_pdf: Why pages have no PDF beside them; empty if they have.
    """

    sources: list[ingest.SourceSummary] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    is_published: bool = False
    matched: MatchSummary | None = None
    headlines: dict[str, int] = field(default_factory=dict)
    pages: list[Path] = field(default_factory=list)
    failed_pages: dict[str, str] = field(default_factory=dict)
    no_pdf: str = ""

    @property
    def refused(self) -> dict[str, list[str]]:
        """What was delivered and does not count, by source."""
        return {source.source_name: source.refused for source in self.sources if source.refused}

    @property
    def verdict(self) -> str:
        """Why the run must not end green; empty if it may."""
        told = [f"{name}: {text}" for name, texts in self.refused.items() for text in texts]
        told += [f"{name}: could not be ingested: {text}" for name, text in sorted(self.failures.items())]
        # Why, the index of the pages says: an error of a notebook may quote what was delivered, and is erased with it.
        told += [f"{name}: could not be made; briefings/index.html says why" for name in sorted(self.failed_pages)]
        return "; ".join(told)

    @property
    def state(self) -> str:
        """What the run is called that must not end green: what was delivered counts before what is made of it."""
        return REFUSED if self.refused or self.failures else UNFINISHED


def _is_worth_a_retry(_task: object, _run: object, state: State[object]) -> bool:
    """Only what may answer a moment later: a declaration or a file does not mend itself."""
    return isinstance(state.data, InboxUnreachable)


@task(
    task_run_name="ingest {source_name}",
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAY_SECONDS,
    retry_condition_fn=_is_worth_a_retry,
)
def ingest_task(settings: Settings, source_name: str) -> ingest.SourceSummary:
    """Collect, archive, read, check and land what waits for one source."""
    return ingest.ingest_source(settings, source_name)


@task(task_run_name="match site records")
def match_task(settings: Settings) -> MatchSummary:
    """Match all current site records."""
    return match.match_sites(settings, compare=comparing(settings))


@task(task_run_name="build and check the warehouse")
def build_task(settings: Settings) -> build.BuildSummary:
    """Build the warehouse beside its place and check it."""
    return build.build_warehouse(settings)


@task(task_run_name="publish the warehouse")
def publish_task(settings: Settings) -> build.Published:
    """Publish the built warehouse and the pages on its checks."""
    return build.publish_warehouse(settings)


@task(task_run_name="page {name}")
def page_task(settings: Settings, name: str, request: PageRequest) -> brief.MadePage:
    """Make a page of a notebook."""
    return brief.make_page(settings, request, is_declared=True)


@task(task_run_name="answer {name}")
def answer_task(settings: Settings, name: str, request: AnswerRequest) -> Path:
    """Answer a saved question."""
    return brief.make_answer(settings, request)


def _ingest_name() -> str:
    found = registry.sources().get(str(flow_run.parameters.get("source_name")))
    return f"ingest {found.title if found else flow_run.parameters.get('source_name')}"


@flow(name="ingest", flow_run_name=_ingest_name)
def ingest_flow(source_name: str) -> State[Any]:
    """Ingest one source on its own schedule; the nightly run matches and publishes."""
    settings = load_settings()
    purpose = f"ingest {source_name}"
    return _run(settings, purpose, lambda _: _ingest_one(settings, source_name))


def _nightly_name() -> str:
    return f"nightly {date.today().isoformat()}"


@flow(name="nightly", flow_run_name=_nightly_name)
def nightly_flow(source_names: Sequence[str] | None = None, countries: Sequence[str] = ("",)) -> State[Any]:
    """Ingest all sources, match, build, check, publish, brief.

    Args:
        source_names: Sources to ingest; all when left out.
        countries: Pages that could name a country and name none are made for each, as ISO codes; an empty text means
            all countries.
    """
    settings = load_settings()
    return _run(settings, NIGHTLY, lambda record: _run_all(settings, source_names, countries, record))


#: How the run by hand of this process ended; None where nobody waits for it. A flow hands out no object of ours:
#: Prefect would hold on to its class beyond the end of the interpreter, and DuckDB with it, which then tells of leaks.
_ends: list[RunSummary | ConjoinError] | None = None


def run_nightly(source_names: Sequence[str] | None, countries: Sequence[str]) -> RunSummary:
    """Run the nightly flow here and now.

    Raises:
        ConjoinError: It failed as a whole; what was published stays as it is.
    """
    global _ends
    ends = _ends = []
    try:
        nightly_flow(source_names, countries, return_state=True)
    except Exception:
        if not ends:
            raise  # else the run came to its end, and only Prefect's server could not be told of it
    finally:
        _ends = None
    if not ends:
        raise ConjoinError("Prefect ended the run before it began; `conjoin run` again shows whether it was for once")
    if isinstance(ends[0], ConjoinError):
        raise ends[0]
    return ends[0]


def _run(settings: Settings, purpose: str, work: Callable[[RunRecord], RunSummary]) -> State[Any]:
    """Do the work under the lock, write down how it ended, tell people, and give the flow its state."""
    summary, failure = RunSummary(), None
    try:
        with told_in_words(), recorded_run(settings, purpose) as record:
            summary = work(record)
            if summary.verdict:
                record.outcome, record.message = summary.state.lower(), summary.verdict
    except ConjoinError as error:
        failure = error
    _tell(settings, purpose, str(failure or ""))
    if _ends is not None:
        _ends.append(failure or summary)
    if failure is not None:  # in words, which spares the log and the caller a traceback
        return Failed(message=str(failure), data=failure)
    if summary.verdict:
        return Failed(name=summary.state, message=summary.verdict, data=SourceError(summary.verdict))
    return Completed(message=NOTHING_NEW if not summary.is_published else None)


def _tell(settings: Settings, purpose: str, failure: str) -> None:
    """Leave in Prefect, as an artifact, how things stand, and send a word where something is newly wrong."""
    logger = get_run_logger()
    try:
        status = take_stock(settings)
        _leave(status_text(status), purpose)
        if notify(settings, status, failure):
            logger.info("sent a notification")
    except (ConjoinError, OSError) as error:  # the run itself is done, and says how it ended
        logger.error("how things stand could not be told: %s", error)


def _leave(text: str, purpose: str) -> None:
    """Leave an artifact, unless Prefect's server has gone: its client would try for minutes."""
    url = os.environ.get("PREFECT_API_URL", "")
    if url and not answers(url):
        get_run_logger().warning(
            "PREFECT_API_URL=%s: Prefect's server stopped answering; the run came to its end without it, and Prefect's "
            "pages will not show it: start that server again before the next run",
            url,
        )
        if _ends is not None:  # nothing follows but what Prefect's client has to say of it
            logging.disable()
        return
    create_markdown_artifact(
        key=f"{purpose}-status".replace("_", "-").replace(" ", "-"),
        markdown=text,
        description=f"How things stood after {flow_run.name}",
    )


def _ingest_one(settings: Settings, source_name: str) -> RunSummary:
    summary = RunSummary(is_published=True)
    _ingest_all(settings, [source_name], summary)
    if summary.failures:
        raise SourceError(summary.failures[source_name])
    return summary


def _run_all(
    settings: Settings, source_names: Sequence[str] | None, countries: Sequence[str], record: RunRecord
) -> RunSummary:
    requests, answers = declared_pages(settings, countries), declared_answers(settings) if countries else []
    Archive(settings.archive).must_open()
    summary = RunSummary()
    _ingest_all(settings, list(source_names or sources_in_use(settings)), summary)
    if not source_names:
        summary.failures |= registry.broken_sources()
    if build.is_up_to_date(settings):
        record.outcome = NOTHING_NEW
        get_run_logger().info("nothing new: what is published stays")
    else:
        _publish(settings, summary)
        record.outcome = "completed"
    summary.headlines = build.published_headlines(settings)
    _make_pages(settings, requests, summary)
    _make_answers(settings, answers, summary)
    if countries:
        settle_failures(settings, [*(one.file_name for one in requests), *(one.file_name for one in answers)])
    summary.pages.append(write_index(settings))
    return summary


def _make_pages(settings: Settings, requests: Sequence[PageRequest], summary: RunSummary) -> None:
    """Make each page; one that fails is told and stops no other."""
    for request in requests:
        if not summary.is_published and (there := brief.current_page(settings, request)):
            summary.pages.append(there)
            continue
        state: State[brief.MadePage] = page_task(settings, request.notebook.name, request, return_state=True)
        if made := _made(state, request.file_name, summary):
            summary.pages.append(made.page)
            summary.no_pdf = summary.no_pdf or made.no_pdf
    if summary.no_pdf:
        get_run_logger().warning("%s", summary.no_pdf)


def _make_answers(settings: Settings, requests: Sequence[AnswerRequest], summary: RunSummary) -> None:
    """Answer each question; one that fails is told and stops no other."""
    for request in requests:
        if not summary.is_published and (there := brief.current_answer(settings, request)):
            summary.pages.append(there)
            continue
        state: State[Path] = answer_task(settings, request.question.name, request, return_state=True)
        if path := _made(state, request.file_name, summary):
            summary.pages.append(path)


def _made(state: State[_Made], name: str, summary: RunSummary) -> _Made | None:
    """What a task made; a failure is written down."""
    if state.is_completed():
        return state.result()
    summary.failed_pages[name] = str(state.result(raise_on_failure=False))
    get_run_logger().error("%s could not be made: %s", name, summary.failed_pages[name])
    return None


def _publish(settings: Settings, summary: RunSummary) -> None:
    logger = get_run_logger()
    summary.matched = match_task(settings)
    matched = summary.matched
    logger.info("matched %s site records: %s sites", matched.record_count, matched.site_count)
    if matched.vague_count:
        logger.info("%s site records name nobody or no place: they join no other by evidence", matched.vague_count)
    built = build_task(settings)
    logger.info("built and checked %s marts", len(built.row_counts))
    summary.pages.append(publish_task(settings).pages)
    summary.is_published = True


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
        for text in source.refused:
            logger.error("%s: refused: %s", name, text)
        for notice in source.notices:
            if notice not in source.refused:
                logger.warning("%s: %s", name, notice)
