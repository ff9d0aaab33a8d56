"""What is remembered of each page and answer: of which day and warehouse it is, and whether it failed since.

One small file for each, so that a night and a person at the command line do not get into each other's way.
"""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from conjoin.keeping.folders import make_private, write_private
from conjoin.settings import Settings
from conjoin.warehouse.versions import published_version

#: A failure is told in so many letters at most.
_LETTERS = 600


class KeptPage(BaseModel):
    """One page or answer, and how its last making went.

    Attributes:
        file_name: Its file below ``settings.briefings``.
        kind: A page, or the answer to a saved question.
        title: What it is.
        scope: What it was narrowed to, in words.
        day: The day as of which the last good one speaks; None if there never was one.
        version: The number of the warehouse that it was made from; None if that had none.
        no_pdf: Why there is no PDF beside a page that was to have one; empty if there is one.
        failure: Why it could not be made when it was last tried; empty if it was made.
        failed_on: Since when it has failed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_name: str
    kind: Literal["page", "answer"] = "page"
    title: str = ""
    scope: str = ""
    day: date | None = None
    version: int | None = None
    no_pdf: str = ""
    failure: str = ""
    failed_on: date | None = None


def remember_made(settings: Settings, page: KeptPage) -> None:
    """Write down that a page was made."""
    folder = make_private(settings.page_notes)
    write_private(folder / f"{page.file_name}.json", page.model_dump_json(indent=1) + "\n")


def remember_failed(settings: Settings, tried: KeptPage, failure: str, day: date) -> KeptPage:
    """Write down that a page could not be made; what is known of its last good one stays.

    Args:
        settings: Where everything is.
        tried: Name, kind, title and scope of the page.
        failure: Why.
        day: The day of the attempt.

    Returns:
        The page as it is remembered now.
    """
    before = known_page(settings, tried.file_name) or tried
    told = failure if len(failure) <= _LETTERS else f"{failure[:_LETTERS]} ..."
    since = before.failed_on if before.failure else day
    failed = before.model_copy(update={"failure": told, "failed_on": since})
    remember_made(settings, failed)
    return failed


def settle_failures(settings: Settings, names: Collection[str]) -> None:
    """Stop telling of failures of pages that nobody asks for any more.

    Args:
        settings: Where everything is.
        names: The files that were asked for now.
    """
    for page in kept_pages(settings):
        if page.failure and page.file_name not in names:
            if (settings.briefings / page.file_name).is_file():
                remember_made(settings, page.model_copy(update={"failure": "", "failed_on": None}))
            else:
                (settings.page_notes / f"{page.file_name}.json").unlink(missing_ok=True)


def kept_pages(settings: Settings) -> list[KeptPage]:
    """Every page that is there, or failed before there was one, by name; a note that cannot be read is left out."""
    found = []
    for note in sorted(settings.page_notes.glob("*.json")):
        try:
            page = KeptPage.model_validate_json(note.read_bytes())
        except (ValidationError, OSError):
            continue
        if page.failure or (settings.briefings / page.file_name).is_file():
            found.append(page)
    return found


def known_page(settings: Settings, file_name: str) -> KeptPage | None:
    """What is remembered of the page with that file; None if nothing is."""
    return next((page for page in kept_pages(settings) if page.file_name == file_name), None)


def is_current(settings: Settings, page: KeptPage) -> bool:
    """Whether a page was made from the warehouse that readers see now, and did not fail since."""
    shown = published_version(settings)
    file = settings.briefings / page.file_name
    if page.failure or not file.is_file():
        return False
    return page.version == shown.number if shown else file.stat().st_mtime >= _changed_at(settings.warehouse)


def _changed_at(file: Path) -> float:
    return file.stat().st_mtime if file.is_file() else 0.0
