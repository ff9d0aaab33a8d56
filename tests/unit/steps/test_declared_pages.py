"""What conjoin.toml may declare of pages and answers, and what people are told of everything else."""

from datetime import date

import pytest

from conjoin.errors import SettingsError
from conjoin.settings import DeclaredBriefing, Settings, load_settings
from conjoin.steps.pages.declared import SHIPPED_ANSWERS, SHIPPED_BRIEFINGS, declared_answers, declared_pages
from conjoin.steps.pages.notebooks import notebook_names
from conjoin.steps.pages.requests import page_request, values_of
from support.notebooks import write_notebook
from support.projects import Project


@pytest.fixture
def root(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with two notebooks of its own, in which we stand."""
    monkeypatch.chdir(project.root)
    write_notebook(project.root, "ours")
    write_notebook(project.root, "strict", parameters="warehouse = None\nsite: str\ndays: list = []")
    return project


def declared(root: Project, text: str) -> Settings:
    (root.root / "conjoin.toml").write_text(text, encoding="utf-8")
    return load_settings()


def names(settings: Settings, *countries: str) -> list[str]:
    return [request.file_name for request in declared_pages(settings, countries or ("",))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[briefings]]\nnotebook = "their"', "number 1, notebook = 'their': there is no such notebook; there are"),
        ("[[briefings]]\nmonths = 1", "[[briefings]] number 1, notebook: Field required"),
        ('briefings = "ours"', "[[briefings]]: "),
        (
            '[[briefings]]\nnotebook = "ours"\n[[briefings]]\nnotebook = "ours"\ncountry = "TR"',
            "number 2, country = 'TR': ours takes no such parameter; it takes months",
        ),
        ('[[briefings]]\nnotebook = "strict"', "number 1, site is missing: strict cannot do without it; add it"),
        (
            '[[briefings]]\nnotebook = "overlap_briefing"\nfrom = 2026-02-01\nto = 2026-01-01',
            "number 1, from = '2026-02-01' lies after to = '2026-01-01'; exchange them",
        ),
        (
            '[[briefings]]\nnotebook = "overlap_briefing"\nfrom = "May"',
            "from = 'May': not a day; write it as 2025-01-31",
        ),
        (
            '[[briefings]]\nnotebook = "overlap_briefing"\ncountry = "Turkey"',
            "country = 'Turkey': not the ISO code of a country; write TR",
        ),
        ('[[briefings]]\nnotebook = "ours"\nmonths = { a = 1 }', "a notebook is given text, numbers, days, true or"),
        (
            '[[answers]]\nquestion = "busy"',
            "[[answers]] number 1, question = 'busy': there is no such question; there are",
        ),
        ('[[answers]]\nquestion = "busiest_sites"\nformat = "docx"', "[[answers]] number 1, format"),
        ('[[answers]]\nquestion = "busiest_sites"\ncountry = "XX"', "country = 'XX': not the ISO code"),
        ('[[answers]]\nquestion = "busiest_sites"\nsite = "A"', "[[answers]] number 1, site"),
        (
            '[[answers]]\nquestion = "refused_rows_by_source"\ncountry = "TR"',
            "country = 'TR': refused_rows_by_source looks at no such limit; take it out",
        ),
        ('[[pages]]\nnotebook = "ours"', "no section is called 'pages'; there are [run], [notify], [[briefings]] and"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(root: Project, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as told:
        settings = declared(root, text)
        declared_pages(settings)
        declared_answers(settings)
    assert message in str(told.value)
    assert "conjoin.toml" in str(told.value)


def test_what_is_declared_is_asked_for_once_under_a_name_of_its_own(root: Project) -> None:
    settings = declared(
        root,
        """
        [[briefings]]
        notebook = "ours"
        [[briefings]]
        notebook = "ours"
        [[briefings]]
        notebook = "ours"
        months = 24
        [[briefings]]
        notebook = "overlap_briefing"
        country = "tr"
        from = 2025-01-01
        [[briefings]]
        notebook = "strict"
        site = "CJ/../A"
        days = [2026-01-01, 2]
        """,
    )
    found = names(settings)
    assert found[:3] == ["ours.html", "ours_months_24.html", "overlap_briefing_TR_2025-01-01.html"]
    assert found[3].startswith("strict_CJ_.._A_")
    assert "/" not in found[3]
    given = declared_pages(settings)[3].given
    assert given == {"site": "CJ/../A", "days": ["2026-01-01", 2]}


def test_a_page_that_names_no_country_is_made_for_each_that_the_run_names(root: Project) -> None:
    settings = declared(root, '[[briefings]]\nnotebook = "overlap_briefing"\n[[briefings]]\nnotebook = "ours"\n')
    assert names(settings, "TR", "") == [
        "overlap_briefing_TR.html", "overlap_briefing_all_countries.html", "ours.html",
    ]  # fmt: skip
    assert declared_pages(settings, ()) == []


def test_nothing_declared_means_what_ships_and_an_empty_list_means_nothing(root: Project) -> None:
    shipped = declared(root, "")
    assert [page.notebook.name for page in declared_pages(shipped)] == [one.notebook for one in SHIPPED_BRIEFINGS]
    assert [one.question.name for one in declared_answers(shipped)] == [one.question for one in SHIPPED_ANSWERS]
    nothing = declared(root, "briefings = []\nanswers = []")
    assert (declared_pages(nothing), declared_answers(nothing)) == ([], [])


def test_answers_are_narrowed_and_named_by_their_limits(root: Project) -> None:
    settings = declared(
        root, '[[answers]]\nquestion = "busiest_sites"\nformat = "csv"\ncountry = "tr"\nfrom = 2025-01-01\n'
    )
    (answer,) = declared_answers(settings)
    assert answer.file_name == "busiest_sites_TR_2025-01-01.csv"
    assert (answer.narrowed.country, answer.narrowed.from_date) == ("TR", date(2025, 1, 1))
    assert "Türkiye" in answer.scope


def test_a_notebook_of_ones_own_stands_before_the_shipped_one(root: Project) -> None:
    write_notebook(root.root, "overlap_briefing")
    assert page_request("overlap_briefing", {"months": 3}, "").given == {"months": 3}
    assert notebook_names().count("overlap_briefing") == 1


def test_a_file_that_is_no_notebook_is_told_with_its_path(root: Project) -> None:
    (root.root / "notebooks" / "broken.ipynb").write_text('{"cells": [', encoding="utf-8")
    settings = Settings(data=root.settings.data, declared_briefings=[DeclaredBriefing(notebook="broken")])
    with pytest.raises(SettingsError, match=r"broken\.ipynb cannot be read as a notebook .* open it in Jupyter"):
        declared_pages(settings)


def test_values_are_typed_as_toml_has_them() -> None:
    assert values_of(["months=12", "name = Alder", 'quoted="12"', "on=true"]) == {
        "months": 12, "name": " Alder", "quoted": "12", "on": True,
    }  # fmt: skip
    with pytest.raises(SettingsError, match="write it as name=value"):
        values_of(["months"])


def test_what_is_missing_is_named_as_it_would_be_typed(root: Project) -> None:
    with pytest.raises(SettingsError, match=r"^--site is missing: strict cannot do without it; add it$"):
        page_request("strict", {}, "", "--{} {}")
