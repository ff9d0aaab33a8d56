"""Briefings: a notebook run on the published warehouse and rendered as one self-contained page."""

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from conjoin import content
from conjoin.briefings.pages import render_notebook
from conjoin.errors import ConjoinError
from conjoin.keeping.folders import let_readers_in, open_to_readers
from conjoin.progress import stage
from conjoin.schemas.vocabularies import fold_case, spellings_of, vocabulary
from conjoin.settings import Settings
from conjoin.warehouse.versions import published_version, versions


@dataclass(frozen=True)
class BriefingParameters:
    """What a briefing speaks of; None means no limit."""

    country: str | None = None
    from_date: date | None = None
    to_date: date | None = None

    @property
    def file_name(self) -> str:
        """Name of the rendered page."""
        parts = ["overlap_briefing", self.country or "all_countries"]
        parts += [bound.isoformat() for bound in (self.from_date, self.to_date) if bound]
        return "_".join(parts) + ".html"


def page_of(settings: Settings, parameters: BriefingParameters) -> Path:
    """Where the briefing on the published warehouse is put."""
    return settings.briefings / parameters.file_name


def is_newer(page: Path, warehouse: Path) -> bool:
    """Whether the page was rendered after that warehouse was built."""
    return page.is_file() and page.stat().st_mtime >= warehouse.stat().st_mtime


def render_briefing(settings: Settings, parameters: BriefingParameters, warehouse: Path | None = None) -> Path:
    """Run notebooks/overlap_briefing.ipynb and write its page: below ``settings.briefings``, or beside ``warehouse``.

    Args:
        settings: Where everything is.
        parameters: What the briefing speaks of.
        warehouse: A warehouse built with ``--out``; the published one if None.

    Raises:
        ConjoinError: The parameters cannot be meant, there is no such warehouse, or the notebook failed.
    """
    _refuse_impossible(parameters)
    file, folder = warehouse or settings.warehouse, warehouse.parent if warehouse else settings.briefings
    if not file.is_file():
        raise ConjoinError(
            f"{file}: no such warehouse; make one with `conjoin build --as-of DAY --out FILE`"
            if warehouse
            else "nothing is published yet; run `conjoin run` first"
        )
    with stage("Rendering the briefing"):
        page = render_notebook(
            content.find("notebooks/overlap_briefing.ipynb"),
            {
                "warehouse": str(file),
                "country": parameters.country,
                "from_date": parameters.from_date and parameters.from_date.isoformat(),
                "to_date": parameters.to_date and parameters.to_date.isoformat(),
                "before": _before(settings) if warehouse is None else None,
            },
        )
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / parameters.file_name
    building = target.with_name(f".{target.name}.{os.getpid()}")
    building.write_text(page, encoding="utf-8")
    building.replace(target)
    if warehouse is None:
        open_to_readers(target, settings.reader_mode)
        for entered in (settings.data, folder):
            let_readers_in(entered, settings.reader_mode)
    return target


def _before(settings: Settings) -> dict[str, Any] | None:
    """The day and the first figures of what was published before the warehouse that readers see now."""
    shown = published_version(settings)
    earlier = [version for version in versions(settings) if shown and version.number < shown.number]
    if not earlier:
        return None
    return {"day": earlier[-1].published_at.date().isoformat(), "figures": earlier[-1].headlines}


def _refuse_impossible(parameters: BriefingParameters) -> None:
    country = parameters.country
    if country and country not in vocabulary("country").codes:
        meant = spellings_of("country").get(fold_case(country))
        raise ConjoinError(
            f"--country {country}: not the ISO code of a country; write "
            + (meant or "two letters, such as TR for Türkiye")
        )
    if parameters.from_date and parameters.to_date and parameters.from_date > parameters.to_date:
        raise ConjoinError(f"--from {parameters.from_date} lies after --to {parameters.to_date}; exchange them")
