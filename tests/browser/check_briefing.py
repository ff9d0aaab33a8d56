"""The briefing in a headless Chromium: `make test-browser`. Not part of `make test`, which needs no browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from conjoin.steps.brief import BriefingParameters, render_briefing
from support.browser import Browser, chromium
from support.published import published_warehouse


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page over all countries and one without data."""
    settings = published_warehouse(tmp_path_factory)
    return {country: render_briefing(settings, BriefingParameters(country or None)) for country in ("", "NZ")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("country", ["", "NZ"])
def test_it_opens_without_complaint_request_or_horizontal_scrollbar(
    country: str, width: int, pages: dict[str, Path], browser: Browser
) -> None:
    browser.open(pages[country], width)
    assert browser.complaints() == []
    outside = [address for address in browser.requests() if not address.startswith(("file:", "data:"))]
    assert outside == []
    assert browser.value("window.innerWidth") == width
    assert browser.value("document.documentElement.scrollWidth") <= width


def test_every_picture_is_drawn_and_none_is_shrunk_beyond_reading(pages: dict[str, Path], browser: Browser) -> None:
    for width in (1280, 390):
        browser.open(pages[""], width)
        shown = browser.value("Array.from(document.images).map(i => [i.complete, i.naturalWidth, i.width])")
        assert len(shown) >= 5
        assert all(complete and natural > 0 for complete, natural, _ in shown)
        assert all(drawn / natural > 0.65 for _, natural, drawn in shown)  # ten points become no less than 6.5
