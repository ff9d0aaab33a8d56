"""Briefings: a notebook run on the published warehouse and rendered as one self-contained page, and its PDF."""

import html
import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from conjoin.briefings.answering.telling import scope_of
from conjoin.briefings.answers import answer_file
from conjoin.briefings.pages import render_notebook
from conjoin.briefings.pdf import NOTHING_PRINTS, html_to_pdf, printers
from conjoin.briefings.queries import ask
from conjoin.errors import ConjoinError
from conjoin.keeping.folders import let_readers_in, open_to_readers
from conjoin.plain import visible
from conjoin.progress import stage
from conjoin.settings import Settings
from conjoin.steps.pages.index import write_index
from conjoin.steps.pages.kept import KeptPage, is_current, known_page, remember_failed, remember_made
from conjoin.steps.pages.requests import AnswerRequest, PageRequest, page_request
from conjoin.warehouse.connection import reader
from conjoin.warehouse.versions import Version, published_version, told_version, version_file, versions


@dataclass(frozen=True)
class BriefingParameters:
    """What an overlap briefing speaks of; None means no limit."""

    country: str | None = None
    from_date: date | None = None
    to_date: date | None = None

    @property
    def request(self) -> PageRequest:
        """The page that it is.

        Raises:
            SettingsError: The parameters cannot be meant.
        """
        return page_request("overlap_briefing", vars(self), "", "--{} {}")

    @property
    def file_name(self) -> str:
        """Name of the rendered page."""
        return self.request.file_name


@dataclass(frozen=True)
class MadePage:
    """A page that was made.

    Attributes:
        page: The page.
        pdf: The same as PDF; None if there is none.
        no_pdf: Why there is none; empty if there is one, or none was asked for.
    """

    page: Path
    pdf: Path | None = None
    no_pdf: str = ""


def render_briefing(settings: Settings, parameters: BriefingParameters, warehouse: Path | None = None) -> Path:
    """Make the page of the overlap briefing without its PDF; see ``make_page``."""
    return make_page(settings.model_copy(update={"pdf": False}), parameters.request, warehouse).page


def make_page(
    settings: Settings, request: PageRequest, warehouse: Path | None = None, *, is_declared: bool = False
) -> MadePage:
    """Run a notebook and write its page: below ``settings.briefings``, with the index anew, or beside ``warehouse``.

    An earlier page stays until the new one is whole, and stays if the notebook fails; the index says so then.

    Args:
        settings: Where everything is, and whether pages are printed as PDF too.
        request: The notebook, and what it is given.
        warehouse: A warehouse built with ``--out``, or of a pack; the published one if None.
        is_declared: Whether every night makes it: then a failure is remembered also if there never was such a page.

    Raises:
        ConjoinError: There is no such warehouse, or the notebook failed.
    """
    file, folder = warehouse or settings.warehouse, warehouse.parent if warehouse else settings.briefings
    if not file.is_file():
        raise ConjoinError(
            f"{file}: no such warehouse; make one with `conjoin build --as-of DAY --out FILE`"
            if warehouse
            else "nothing is published yet; run `conjoin run` first"
        )
    tried = KeptPage(file_name=request.file_name, title=request.notebook.name.replace("_", " "), scope=request.scope)
    shown = published_version(settings)  # a run may publish the next one while the notebook runs
    try:
        with stage(f"Rendering the {request.notebook.name.replace('_', ' ')}"):
            page = _rendered(settings, request, file, is_published=warehouse is None)
    except ConjoinError as error:
        if warehouse is None and (is_declared or known_page(settings, tried.file_name)):
            _remember_failed(settings, tried, error)
        raise
    target = _put(folder / request.file_name, page.encode(), settings, is_open=warehouse is None)
    made = _printed(settings, target, is_open=warehouse is None)
    if warehouse is None:
        _remember(settings, tried.model_copy(update={"title": _title(page), "no_pdf": made.no_pdf}), shown)
    return made


def current_page(settings: Settings, request: PageRequest) -> Path | None:
    """The page, if it was made from what readers see now, with its PDF as far as this machine can print one."""
    page = _current(settings, request.file_name)
    is_printed = page is not None and (not settings.pdf or page.with_suffix(".pdf").is_file() or not printers())
    return page if is_printed else None


def current_answer(settings: Settings, request: AnswerRequest) -> Path | None:
    """The answer, if it was made from what readers see now."""
    return _current(settings, request.file_name)


def _current(settings: Settings, file_name: str) -> Path | None:
    known = known_page(settings, file_name)
    return settings.briefings / file_name if known and is_current(settings, known) else None


def make_answer(settings: Settings, request: AnswerRequest) -> Path:
    """Answer a saved question into a file beside the pages, with the index anew.

    Raises:
        ConjoinError: Nothing is published, the question cannot be asked of it, or a sheet has no room for the answer.
    """
    question = request.question
    tried = KeptPage(file_name=request.file_name, kind="answer", title=question.title, scope=request.scope)
    shown = published_version(settings)
    try:
        with reader(settings.warehouse) as con:
            found = ask(con, question, request.narrowed)
            scope = scope_of(con, request.narrowed, told_version(settings), found.withheld_count)
            content = answer_file(question, found.frame, request.ending, scope)
    except ConjoinError as error:
        _remember_failed(settings, tried, error)
        raise
    target = _put(settings.briefings / request.file_name, content, settings, is_open=True)
    _remember(settings, tried, shown)
    return target


def _rendered(settings: Settings, request: PageRequest, file: Path, *, is_published: bool) -> str:
    given = {"warehouse": str(file), "before": _before(settings) if is_published else None}
    known = {name: value for name, value in given.items() if name in request.notebook.parameters}
    try:
        return render_notebook(request.notebook.path, {**known, **request.given})
    except ConjoinError:
        raise
    except Exception as error:  # a notebook may be anybody's, and a kernel may die: the other pages are to be made
        raise ConjoinError(
            visible(f"{request.notebook.path}: {type(error).__name__}: {error}".strip()[:2000])
        ) from error


def _put(target: Path, content: bytes, settings: Settings, *, is_open: bool) -> Path:
    """Write a file whole or not at all, for readers if it is open."""
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(f".{target.name}.{os.getpid()}")
    building.write_bytes(content)
    building.replace(target)
    if is_open:
        open_to_readers(target, settings.reader_mode)
        for entered in (settings.data, target.parent):
            let_readers_in(entered, settings.reader_mode)
    return target


def _printed(settings: Settings, page: Path, *, is_open: bool) -> MadePage:
    """Print a page beside it; a PDF of an earlier page never stays."""
    target = page.with_suffix(".pdf")
    try:
        is_printed = settings.pdf and html_to_pdf(page, target)
    except ConjoinError as error:
        target.unlink(missing_ok=True)
        return MadePage(page, None, str(error))
    if not is_printed:
        target.unlink(missing_ok=True)
        return MadePage(page, None, NOTHING_PRINTS if settings.pdf else "")
    if is_open:
        open_to_readers(target, settings.reader_mode)
    return MadePage(page, target)


def _remember(settings: Settings, made: KeptPage, shown: Version | None) -> None:
    """Write down of which warehouse a page is: the one that was published before its making began, if that is kept."""
    kept = shown and version_file(settings, shown)
    with reader(kept if kept and kept.is_file() else settings.warehouse) as con:
        day = con.execute("select as_of_date from intermediate.build_date").fetchall()[0][0]
    remember_made(settings, made.model_copy(update={"day": day, "version": shown.number if shown else None}))
    write_index(settings)


def _remember_failed(settings: Settings, tried: KeptPage, error: ConjoinError) -> None:
    remember_failed(settings, tried, str(error), datetime.now(UTC).date())
    write_index(settings)


def _title(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, flags=re.DOTALL)
    return html.unescape(found[1]) if found else ""


def _before(settings: Settings) -> dict[str, Any] | None:
    """The day and the first figures of what was published before the warehouse that readers see now."""
    shown = published_version(settings)
    earlier = [version for version in versions(settings) if shown and version.number < shown.number]
    if not earlier:
        return None
    return {"day": earlier[-1].published_at.date().isoformat(), "figures": earlier[-1].headlines}
