"""Every saved question can be read by people: short headings, totals that mean something, marks on doubtful sites."""

import pytest

from conjoin.briefings.answering.telling import ToldColumn
from conjoin.briefings.joint_visits import PLAN
from conjoin.briefings.queries import BRIEFING, IDENTITY_MARK, PEOPLE, Question, questions
from conjoin.schemas.fields import glossary
from conjoin.schemas.vocabularies import vocabularies

ALL = [*questions(), PLAN]
OF_PEOPLE = [question for question in ALL if question.asked_by != BRIEFING]
#: Tables of which every row is a complaint case, or rests on one.
OF_CASES = ("marts.complaints_at_sites", "marts.contradicted_audits", "marts.research_context")


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.name)
def test_headings_are_short_and_tell_columns_apart(question: Question) -> None:
    columns = [ToldColumn(name, question.field(name)) for name in question.sidecar.columns]
    headings = [column.heading for column in columns]
    assert sorted(set(headings)) == sorted(headings)
    assert [heading for heading in headings if len(heading) > 34 or max(map(len, heading.split())) > 12] == []
    assert [heading for heading in headings if "_" in heading or not heading[0].isupper()] == []


@pytest.mark.parametrize("question", OF_PEOPLE, ids=lambda question: question.name)
def test_what_people_ask_has_headings_that_somebody_wrote(question: Question) -> None:
    silent = [name for name in question.sidecar.columns if not question.field(name).heading]
    assert silent == []
    assert [name for name in question.sidecar.columns if not question.field(name).description] == []


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.name)
def test_only_counts_days_and_money_add_up(question: Question) -> None:
    for name in question.sidecar.totals:
        assert question.field(name).type in ("integer", "number"), name
        assert name.endswith(("_count", "_usd")) or name.startswith("auditor_days"), name


@pytest.mark.parametrize("question", OF_PEOPLE, ids=lambda question: question.name)
def test_a_list_of_sites_says_of_which_the_identity_is_open(question: Question) -> None:
    if question is not PLAN and "site_id" in question.sidecar.columns:
        assert IDENTITY_MARK in question.sidecar.columns
        assert "site_name" in (question.sidecar.narrow or question.sidecar.columns)


@pytest.mark.parametrize("question", questions(), ids=lambda question: question.name)
def test_what_rests_on_cases_says_so(question: Question) -> None:
    if any(table in question.sql for table in OF_CASES):
        assert question.sidecar.visibility == "restricted_case" or "visibility" in question.sidecar.columns


def test_the_lists_of_words_that_fields_name_exist() -> None:
    known = {*vocabularies(), "plain", "sources", "pair_classes"}
    named = {name for entry in glossary().values() if entry.words for name in entry.words.split(", ")}
    assert named <= known
    assert named - set(vocabularies()) == known - set(vocabularies()), "a list of words that no field names"


def test_a_question_of_ones_own_is_for_people() -> None:
    assert {question.asked_by for question in questions()} == {PEOPLE, BRIEFING}
