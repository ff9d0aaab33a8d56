"""Pages beside the briefing in a headless Chromium: what a night links, and what a factory hands on.

Each at two widths: no complaint on the console, no request, nothing wider than the window, nothing that axe-core finds
fault with; printed, no sheet is nearly empty.
"""

import base64
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from conjoin.packs.statement.make import make_statement
from conjoin.settings import Settings
from conjoin.steps.brief import BriefingParameters, make_page, render_briefing
from conjoin.steps.pages.requests import page_request
from conjoin.warehouse.connection import reader
from support import axe
from support.browser import Browser, chromium
from support.pdf_text import glyphs_of_sheets
from support.published import all_samples, warehouse_of

#: Notebook to what it is given, if anything.
NOTEBOOKS: dict[str, dict[str, str]] = {
    "source_coverage": {},
    "match_quality": {},
    "site_dossier": {"site": ""},
    "organisation_view": {"reader": "Northwind Outfitters"},
}
NAMES = ["index", "statement", *NOTEBOOKS]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    warehouse = warehouse_of(all_samples, tmp_path_factory)
    return Settings(data=warehouse.parents[1], pdf=False)


@pytest.fixture(scope="module")
def page_of(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes a page over the samples, once; of the site that is audited most where one has to be named."""
    with reader(settings.warehouse) as con:
        site, day = con.execute(
            "select site_id, as_of_date from marts.sites, intermediate.build_date order by audit_count desc, site_id"
        ).fetchall()[0]

    @cache
    def made(name: str) -> Path:
        if name == "statement":
            return make_statement(settings, site, day, tmp_path_factory.mktemp("statement")).page
        if name == "index":
            render_briefing(settings, BriefingParameters())
            return settings.briefings / "index.html"
        given = {key: value or site for key, value in NOTEBOOKS[name].items()}
        return make_page(settings, page_request(name, given, "")).page

    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_quiet_fits_and_is_accessible(
    name: str, width: int, page_of: Callable[[str], Path], browser: Browser
) -> None:
    browser.open(page_of(name), width)
    assert browser.complaints() == []
    assert [one for one in browser.requests() if not one.startswith(("file:", "data:"))] == []
    assert browser.value("document.documentElement.scrollWidth") <= width, browser.value(axe.WIDER)
    assert axe.faults(browser) == []


@pytest.mark.parametrize("name", [name for name in NAMES if name != "index"])
def test_no_sheet_of_the_print_is_nearly_empty(name: str, page_of: Callable[[str], Path], browser: Browser) -> None:
    browser.open(page_of(name), 1280)
    pdf = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])
    sheets = glyphs_of_sheets(pdf)
    assert min(sheets) > 200, sheets
    if name == "statement":
        assert len(sheets) <= 2
