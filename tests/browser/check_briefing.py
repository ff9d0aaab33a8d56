"""The briefing in a headless Chromium: `make test-browser`. Not part of `make test`, which needs no browser."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from conjoin.settings import Settings
from conjoin.steps.brief import BriefingParameters, render_briefing
from conjoin.warehouse.connection import reader
from support import axe
from support.browser import Browser, chromium
from support.pdf_text import glyphs_of_sheets
from support.published import all_samples, warehouse_of

#: A4 less its margins, in pixels of a page: what a sheet of the print holds.
SHEET = (688, 1009)
#: What the first screen has to hold.
FIRST = ("p.scope", "p.answer", ".figures div:last-child", ".first figure img", ".next li:last-child")
COUNTRIES = ("", "TR", "NZ")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=warehouse_of(all_samples, tmp_path_factory).parents[1])


@pytest.fixture(scope="module")
def pages(settings: Settings) -> dict[str, Path]:
    """A page over all countries, one of a country, and one without data."""
    return {country: render_briefing(settings, BriefingParameters(country or None)) for country in COUNTRIES}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def bottom(browser: Browser, selector: str) -> float:
    """Where an element ends, from the top of the page; it must be there and have a size."""
    box = browser.value(
        f"(() => {{ const box = document.querySelector({selector!r})?.getBoundingClientRect();"
        " return box ? [box.bottom + window.scrollY, box.width, box.height] : null; })()"
    )
    assert box, f"{selector} is not there"
    assert box[1] > 10
    assert box[2] > 10
    return float(box[0])


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("country", COUNTRIES)
def test_it_opens_without_complaint_request_or_horizontal_scrollbar(
    country: str, width: int, pages: dict[str, Path], browser: Browser
) -> None:
    browser.open(pages[country], width)
    assert browser.complaints() == []
    outside = [address for address in browser.requests() if not address.startswith(("file:", "data:"))]
    assert outside == []
    assert browser.value("window.innerWidth") == width
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert axe.faults(browser) == []


@pytest.mark.parametrize(("width", "screens"), [(1280, 1), (390, 2)])
@pytest.mark.parametrize("country", ["", "TR"])
def test_the_first_screen_holds_the_answer(
    country: str, width: int, screens: int, pages: dict[str, Path], browser: Browser
) -> None:
    """Figures, trend and what to do end within the screens; who, where and why come after."""
    browser.open(pages[country], width)
    for selector in FIRST:
        assert bottom(browser, selector) < 900 * screens, selector
    assert bottom(browser, "p.answer") < 450
    assert browser.value("document.querySelector('.box').getBoundingClientRect().top") > bottom(browser, ".first")


def test_the_first_sheet_of_the_print_holds_the_answer_alone(pages: dict[str, Path], browser: Browser) -> None:
    browser.open(pages[""], SHEET[0])
    browser.ask("Emulation.setEmulatedMedia", media="print")
    try:
        for selector in FIRST:
            assert bottom(browser, selector) < SHEET[1], selector
        assert browser.value("getComputedStyle(document.querySelector('.first')).breakAfter") == "page"
        assert browser.value("document.documentElement.scrollWidth") <= SHEET[0]
    finally:
        browser.ask("Emulation.setEmulatedMedia", media="")


@pytest.mark.parametrize("country", COUNTRIES)
def test_no_page_of_the_print_is_nearly_empty(country: str, pages: dict[str, Path], browser: Browser) -> None:
    """Neither a heading alone at its end, nor the last line on a sheet of its own."""
    browser.open(pages[country], 1280)
    pdf = base64.b64decode(browser.ask("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])
    sheets = glyphs_of_sheets(pdf)
    assert 2 <= len(sheets) <= 20
    assert min(sheets) > 200, sheets


def test_the_numbers_on_the_screen_are_the_warehouses(
    settings: Settings, pages: dict[str, Path], browser: Browser
) -> None:
    with reader(settings.warehouse) as con:
        audits, avoidable, low, high = con.execute(
            "select count(*), count_if(is_avoidable), sum(auditor_days_low) filter (where is_avoidable), "
            "sum(auditor_days_high) filter (where is_avoidable) from marts.audits_in_totals"
        ).fetchall()[0]
    browser.open(pages[""], 1280)
    assert browser.value("document.querySelector('p.answer').innerText").startswith(f"{avoidable} of {audits} audits")
    told = browser.value("Array.from(document.querySelectorAll('.figures strong')).map(e => e.innerText)")
    assert told[:2] == [f"{avoidable}", f"{low:.0f} to {high:.0f}"]


def test_the_map_is_drawn_in_the_page(pages: dict[str, Path], browser: Browser) -> None:
    for width in (1280, 390):
        browser.open(pages[""], width)
        box = browser.value(
            "(() => { const box = document.querySelector('#map-TR').getBoundingClientRect();"
            " return [box.width, box.height, box.left, box.right]; })()"
        )
        assert min(box[:2]) > 3
        assert 0 < box[2] < box[3] < width
        empty = browser.value("getComputedStyle(document.querySelector('#map-BR')).fill")
        assert browser.value("getComputedStyle(document.querySelector('#map-TR')).fill") != empty


def test_every_picture_is_drawn_and_none_is_shrunk_beyond_reading(pages: dict[str, Path], browser: Browser) -> None:
    for width, least in ((1280, 0.65), (390, 0.55)):
        browser.open(pages[""], width)
        shown = browser.value("Array.from(document.images).map(i => [i.complete, i.naturalWidth, i.width])")
        assert len(shown) >= 5
        assert all(complete and natural > 0 for complete, natural, _ in shown)
        assert all(drawn / natural > least for _, natural, drawn in shown)  # ten points become no less than 6.5 or 5.5


def test_tables_and_pictures_that_scroll_can_be_reached_by_keyboard(pages: dict[str, Path], browser: Browser) -> None:
    browser.open(pages[""], 390)
    unreachable = browser.value(
        "Array.from(document.querySelectorAll('main *')).filter(e => e.scrollWidth > e.clientWidth + 1"
        " && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.tabIndex < 0).map(e => e.className)"
    )
    assert unreachable == []
