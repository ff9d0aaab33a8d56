"""The index of pages: what somebody reads there of pages that are fresh, stale, failed or unknown."""

from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from conjoin.settings import Settings
from conjoin.steps.pages.index import write_index
from conjoin.steps.pages.kept import KeptPage, kept_pages, remember_failed, remember_made, settle_failures

DAY, LATER = date(2026, 11, 1), date(2026, 11, 9)
HOSTILE = '<script>alert("1")</script> \u202egnp.exe'


class Tags(HTMLParser):
    """Tags and words of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(page.read_text(encoding="utf-8").partition("<body>")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def place(tmp_path: Path) -> Settings:
    """Settings of a folder in which nothing is published: a page is as fresh as its file."""
    made = Settings(data=tmp_path)
    made.briefings.mkdir()
    return made


def make(place: Settings, name: str, **told: object) -> KeptPage:
    (place.briefings / name).write_text("page", encoding="utf-8")
    page = KeptPage.model_validate({"file_name": name, "title": name, "day": DAY, **told})
    remember_made(place, page)
    return page


def words(place: Settings) -> str:
    return " ".join(" ".join(Tags(write_index(place)).words).split())


def test_nothing_made_yet_is_said_with_what_makes_it(place: Settings) -> None:
    told = words(place)
    assert "Nothing has been made yet." in told
    assert "conjoin brief" in told
    assert "No warehouse has been checked and published yet." in told


def test_a_failure_is_told_with_its_day_and_what_stays(place: Settings) -> None:
    page = make(place, "a.html")
    make(place, "b.html")
    remember_failed(place, page, "no such column", LATER)
    remember_failed(place, page, "no such column again", date(2026, 11, 12))
    told = words(place)
    assert "Of 2, 1 failed; the others are up to date." in told
    assert f"failed since {LATER}: no such column again; the one of {DAY} stays" in told


def test_a_page_that_never_was_is_told_without_a_link(place: Settings) -> None:
    remember_failed(place, KeptPage(file_name="a.html", title="A"), "no such column", LATER)
    tags = Tags(write_index(place))
    assert "there is none yet" in " ".join(tags.words)
    assert "a" not in tags.tags


def test_a_failure_of_what_nobody_asks_for_any_more_is_settled(place: Settings) -> None:
    remember_failed(place, make(place, "kept.html"), "x", LATER)
    remember_failed(place, KeptPage(file_name="never.html"), "x", LATER)
    remember_failed(place, make(place, "wanted.html"), "x", LATER)
    settle_failures(place, ["wanted.html"])
    assert {page.file_name: page.failure for page in kept_pages(place)} == {"kept.html": "", "wanted.html": "x"}


def test_names_are_no_markup_and_turn_no_line_around(place: Settings) -> None:
    make(place, "a.html", title=HOSTILE, scope=HOSTILE, no_pdf=HOSTILE)
    remember_failed(place, make(place, "b.html"), HOSTILE, LATER)
    tags = Tags(write_index(place))
    assert "script" not in tags.tags
    assert "\u202e" not in "".join(tags.words)
    assert "".join(tags.words).count('<script>alert("1")</script>') == 4


def test_files_of_which_nothing_is_remembered_are_linked_and_called_so(place: Settings) -> None:
    make(place, "a.html")
    (place.briefings / "old one.html").write_text("x", encoding="utf-8")
    (place.page_notes / "damaged.html.json").write_text("{", encoding="utf-8")
    page = write_index(place).read_text(encoding="utf-8")
    assert 'href="old%20one.html"' in page
    assert "Of these nothing is known" in page


def test_the_same_pages_give_the_same_index(place: Settings) -> None:
    make(place, "b.html")
    make(place, "a.html")
    assert write_index(place).read_bytes() == write_index(place).read_bytes()
