"""The briefing over a small warehouse: the answer first, figures that explain themselves, nothing from outside."""

import base64
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from conjoin.briefings.queries import find_question
from conjoin.errors import ConjoinError
from conjoin.settings import Settings
from conjoin.steps.brief import BriefingParameters, render_briefing
from conjoin.warehouse.connection import reader
from support.once import made_once
from support.pages import Element, parse

pytestmark = pytest.mark.slow
COUNTRY, TITLE = "TR", "Türkiye"
FROM, TO = date(2023, 1, 1), date(2026, 6, 30)
WITHOUT_DATA = "NZ"


@pytest.fixture(scope="module")
def rendered(published: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of one country and period, as the command line renders it."""
    made_once(tmp_path_factory, "briefing", lambda _: run_brief(published))
    return (published.briefings / BriefingParameters(COUNTRY, FROM, TO).file_name).read_text(encoding="utf-8")


def run_brief(published: Settings) -> None:
    command = [sys.executable, "-m", "conjoin", "brief", "--country", COUNTRY.lower()]
    command += ["--from", FROM.isoformat(), "--to", TO.isoformat()]
    environment = {**os.environ, "CONJOIN_DATA": str(published.data), "COLUMNS": "500"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # How far it is may be told, and nothing else.
    assert [line for line in done.stderr.splitlines() if not re.match(r" *\d+ s  Rendering", line)] == []
    path = published.briefings / BriefingParameters(COUNTRY, FROM, TO).file_name
    assert str(path) in done.stdout


@pytest.fixture(scope="module")
def page(rendered: str) -> Element:
    return parse(rendered)


@pytest.fixture(scope="module")
def page_without_data(published: Settings) -> Element:
    return parse(render_briefing(published, BriefingParameters(WITHOUT_DATA)).read_text(encoding="utf-8"))


def asked(settings: Settings, sql: str) -> list[Any]:
    """The first row of an answer of the warehouse to a question within the page's scope."""
    given = {"country": COUNTRY, "from_date": FROM, "to_date": TO}
    with reader(settings.warehouse) as con:
        return list(con.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql}).fetchall()[0])


def coverage_box(page: Element) -> Element:
    return page.find("div", "box")[0]


def test_the_answer_comes_before_everything_and_coverage_after_it(page: Element) -> None:
    (first,) = page.find("section", "first")
    assert page.find("h1")[0].position < first.position
    assert [heading.words for heading in page.find("h2")] == [
        "Audits per year",
        "What to do next", "Who", "Where", "Why", "When", "Coverage", "How sure the sites are", "Rules and words",
    ]  # fmt: skip
    assert first.find("p", "answer")
    assert len(first.find("figure")) == 1
    assert first.find("section", "next")[0].find("li")
    assert first.everything()[-1].position < coverage_box(page).position
    assert f"{TITLE}, visits from {FROM} to {TO}" in first.find("p", "scope")[0].words


def test_the_coverage_counts_what_was_delivered(page: Element, published: Settings) -> None:
    sources, audits = asked(
        published,
        "select count(distinct source_name), sum(record_count) filter (where record_kind = 'audit_records') "
        "from marts.data_coverage where country_code = $country and record_kind <> 'complaints'",
    )
    box = coverage_box(page)
    assert f"{TITLE}, visits from {FROM} to {TO}" in box.words
    assert f"Sources: {sources};" in box.words
    assert f"{audits} audit records" in box.words


def test_without_an_earlier_version_it_says_that_there_is_none(page: Element) -> None:
    assert "There is no earlier briefing on file to compare with." in page.words


def test_at_least_five_figures_explain_themselves(page: Element) -> None:
    figures = page.find("figure")
    assert len(figures) >= 5
    assert len({(figure.find("h3") or figure.find("h2"))[0].words for figure in figures}) == len(figures)
    for figure in figures:
        (picture,), (caption,) = figure.find("img"), figure.find("figcaption")
        assert len(picture.attributes["alt"]) > 20
        assert caption.words.startswith(picture.attributes["alt"])


def test_every_figure_and_table_says_in_words_what_it_rests_on(page: Element) -> None:
    told = [e for e in page.everything() if "data-question" in e.attributes]
    assert len(told) > 12
    for element in told:
        question = find_question(element.attributes["data-question"])
        if question.name == "changed_since":
            continue
        (source,) = [*element.find("span", "source"), *element.find("p", "source")]
        assert source.words.startswith(f"Rests on {question.sidecar.rests_on.what}; answers “")
        assert question.title in source.words
    words = page.find("main")[0].words
    assert not re.search(r"\b(marts|staging|intermediate|reference|conjoin ask)\b[. ]\w+_", words)


def test_it_shows_no_code(page: Element, rendered: str) -> None:
    assert page.find("div", "input_area") + page.find("div", "highlight") + page.find("pre") == []
    for word in ("import ", "texts.show", "scope = ", "Traceback", "CONJOIN_DATA"):
        assert word not in page.find("main")[0].words
    assert "conjoin.duckdb" not in rendered


def test_nothing_is_loaded_from_outside(page: Element, rendered: str) -> None:
    assert page.find("script") + page.find("link") + page.find("iframe") == []
    loaded = [
        value
        for element in page.everything()
        for name, value in element.attributes.items()
        if name in ("src", "srcset", "href", "data", "poster", "background", "style")
    ]
    assert [value[:60] for value in loaded if not value.startswith(("data:image/svg+xml;base64,", "#"))] == []
    assert not re.search(r"@import|url\(", rendered)
    for picture in page.find("img"):
        svg = base64.b64decode(picture.attributes["src"].partition(",")[2]).decode()
        targets = re.findall(r'href="([^"]*)"', svg)
        assert [target for target in targets if not target.startswith(("#", "data:image/png;base64,"))] == []
        assert "<script" not in svg


def test_no_site_is_named(page: Element, published: Settings) -> None:
    with reader(published.warehouse) as con:
        names = [name for (name,) in con.execute("select distinct site_name from marts.sites order by all").fetchall()]
    assert len(names) > 10
    assert [name for name in names if name and name in page.words] == []


def test_a_country_without_data_reads_well(page_without_data: Element) -> None:
    (first,) = page_without_data.find("section", "first")
    assert "New Zealand" in first.find("p", "scope")[0].words
    assert "No audits are known in this scope" in first.find("p", "answer")[0].words
    assert "Sources: 0; records: none" in coverage_box(page_without_data).words
    assert page_without_data.find("figure") + page_without_data.find("div", "figures") == []
    told = [paragraph.words for paragraph in page_without_data.find("p", "empty")]
    assert len(told) >= 5
    assert any(re.search(r"none is in New Zealand", text) for text in told)
    assert not {"nan", "none.", "nz", "nz."} & set(" ".join(told).lower().split())


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        (BriefingParameters("TURKEY"), "--country TURKEY: not the ISO code of a country; write TR"),
        (BriefingParameters("XX"), "--country XX: not the ISO code of a country; write two letters"),
        (BriefingParameters(None, TO, FROM), f"--from {TO} lies after --to {FROM}"),
    ],
    ids=["name", "code", "period"],
)
def test_parameters_that_cannot_be_meant_are_refused(
    parameters: BriefingParameters, told: str, published: Settings
) -> None:
    with pytest.raises(ConjoinError, match=re.escape(told)):
        render_briefing(published, parameters)


def test_without_a_warehouse_it_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ConjoinError, match="nothing is published yet; run `conjoin run` first"):
        render_briefing(Settings(data=tmp_path), BriefingParameters())
