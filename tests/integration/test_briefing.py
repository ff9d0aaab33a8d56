"""The briefing over a small warehouse: coverage first, figures that explain themselves, nothing from outside."""

import base64
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.briefings.queries import find_question
from conjoin.errors import ConjoinError
from conjoin.settings import Settings
from conjoin.steps.brief import BriefingParameters, render_briefing
from conjoin.warehouse.connection import reader
from conjoin.warehouse.models import models_for, table_references
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
    assert done.stderr == ""
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


def first_box(page: Element) -> Element:
    return page.find("div", "box")[0]


def test_the_coverage_box_comes_before_any_figure_or_number(page: Element) -> None:
    box = first_box(page)
    heading = page.find("h1")[0]
    later = [*page.find("figure"), *page.find("h2"), *page.find("strong"), *page.find("table")]
    assert later
    assert heading.position < box.position < min(element.position for element in later)
    assert "What this briefing rests on" in box.words
    assert f"{TITLE}, visits from {FROM} to {TO}" in box.words


def test_the_box_counts_what_was_delivered(page: Element, published: Settings) -> None:
    sources, audits = asked(
        published,
        "select count(distinct source_name), sum(record_count) filter (where record_kind = 'audit_records') "
        "from marts.data_coverage where country_code = $country and record_kind <> 'complaints'",
    )
    assert f"Sources: {sources};" in first_box(page).words
    assert f"{audits} audit records" in first_box(page).words


def test_the_headline_is_what_the_warehouse_answers(page: Element, published: Settings) -> None:
    audits, sites, avoidable = asked(
        published,
        "select count(*), count(distinct e.site_id), count(*) filter (where e.is_avoidable) "
        "from marts.audit_events as e join marts.sites as s using (site_id) "
        "where e.counts_as_audit and s.country_code = $country and e.visit_start between $from_date and $to_date "
        "and e.visibility not in ('owner_only', 'restricted_case')",
    )
    assert audits > 10
    figures = [div.words for div in page.find("div", "figures")[0].children]
    assert figures[0] == f"{audits}audits at {sites} sites"
    assert figures[1].startswith(f"{avoidable}of them")


def _rests_on(question: str) -> set[str]:
    """The tables that a saved question reads, and those that they are made of."""
    with duckdb.connect() as parser:
        reads = table_references(find_question(question).sql, question, parser)
    return {model.name for model in models_for(reads)}


def test_at_least_five_figures_explain_themselves(page: Element, published: Settings) -> None:
    figures = page.find("figure")
    with reader(published.warehouse) as con:
        marts = {
            f"marts.{name}"
            for (name,) in con.execute(
                "select table_name from information_schema.tables where table_schema = 'marts' order by all"
            ).fetchall()
        }
    assert len(figures) >= 5
    assert len({figure.find("h3")[0].words for figure in figures}) == len(figures)
    for figure in figures:
        (picture,), (caption,) = figure.find("img"), figure.find("figcaption")
        assert len(picture.attributes["alt"]) > 20
        assert caption.words.startswith(picture.attributes["alt"])
        told = caption.find("span", "source")[0].words.removeprefix("Source: ")
        mart, _, question = told.partition(", asked by: conjoin ask ")
        assert mart in marts
        assert mart in _rests_on(question), f"{question} does not read {mart}"


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


def test_a_country_without_data_says_so_after_its_box(page_without_data: Element) -> None:
    assert "New Zealand" in first_box(page_without_data).words
    assert "Sources: 0; records: none" in first_box(page_without_data).words
    assert page_without_data.find("figure") == []
    told = [paragraph.words for paragraph in page_without_data.find("p", "empty")]
    assert any("No audits are known in this scope" in text for text in told)
    assert len(told) >= 5
    assert "nan" not in page_without_data.words.lower().split()


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
