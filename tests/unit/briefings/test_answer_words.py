"""Answers in words: codes, numbers, totals and what must be said below."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from conjoin.briefings.answering.telling import SIGN, AnswerScope, ToldColumn, cells_of, said_below, totals_of
from conjoin.briefings.answering.whose import Whose
from conjoin.briefings.answering.words import Words
from conjoin.briefings.emptiness import Narrowed, RestsOn
from conjoin.briefings.queries import QuerySidecar, Question
from conjoin.schemas.fields import field

WORDS = Words({"sources": {"northwind": "Northwind social audits"}, "pair_classes": {"followup": "follow-up"}})
SCOPE = AnswerScope(Narrowed(), WORDS, Whose("coordinator", "", frozenset()))
COLUMNS = ["site_id", "site_name", "is_identity_open", "audit_count", "auditor_days"]


def question(**said: object) -> Question:
    rests_on = RestsOn(what="audits", table="t", meets="counts")
    sidecar = {"title": "Which?", "description": "d", "grain": "one row per site", "columns": COLUMNS, **said}
    return Question("", "which", "", QuerySidecar.model_validate({**sidecar, "rests_on": rests_on}))


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("country_code", "TR", "Türkiye"),
        ("country_code", "XX", "XX"),
        ("source_name", "northwind", "Northwind social audits"),
        ("source_name", "=1+1", "=1+1"),
        ("pair_class", "followup", "follow-up"),
        ("first_obstacle", "grade_too_low", "grade too low"),
        ("reason", "not a date written as %d/%m/%Y, see visit_end", "not a date written as %d/%m/%Y, see visit_end"),
        ("visits_a", "bsci, initial_full", "amfori BSCI, Full, first"),
        ("topics_missing", np.array(["osh", "wages"]), "Health and safety, Wages"),
        ("is_avoidable", np.True_, "yes"),
        ("visit_month", pd.Timestamp("2027-01-01"), "2027-01"),
        ("visit_start", date(2027, 1, 2), "2027-01-02"),
        ("audit_count", 1234.0, "1,234"),
        ("visit_year", 2027, "2027"),
        ("auditor_days", 1234.56, "1,234.6"),
        ("weakest_link_probability", 0.956, "0.96"),
        ("cost_low_usd", 1999.5, "2,000"),
        ("site_name", "Alder\x1b[2J\u202eLoom", "Alder\\u001b[2J\\u202eLoom"),
        ("site_name", None, ""),
        ("audit_count", float("nan"), ""),
    ],
)
def test_a_cell_reads_as_people_write_it(column: str, value: object, told: str) -> None:
    assert ToldColumn(column, field(column)).text(value, WORDS) == told


def test_totals_are_of_all_that_is_known_and_say_what_is_not() -> None:
    frame = pd.DataFrame([["S1", "One", False, 2, 1.5], ["S2", "Two", True, 3, None]], columns=COLUMNS)
    asked = question(totals=["audit_count", "auditor_days"])
    assert totals_of(asked, frame) == {"audit_count": 5, "auditor_days": 1.5}
    assert said_below(asked, frame, SCOPE)[0] == "Auditor days: 1 row says nothing and is not in the total."
    assert totals_of(asked, frame.head(1)) == {}, "one row is its own total"


def test_a_site_whose_identity_is_open_carries_a_sign() -> None:
    frame = pd.DataFrame([["S1", "One", False, 2, 1.5], ["S2", None, True, 3, None]], columns=COLUMNS)
    cells = {column.name: cell for column, cell in cells_of(question(), frame, WORDS).items()}
    assert cells["site_name"] == ["One", SIGN]
    assert "is_identity_open" not in cells
    assert said_below(question(), frame, SCOPE)[-1].startswith("1 row with (?) after the site")
    assert said_below(question(), frame.head(1), SCOPE) == []


@pytest.mark.parametrize(
    ("said", "mistake"),
    [
        ({"totals": ["gap_days"]}, "totals: 'gap_days' is not among the columns"),
        ({"narrow": ["gap_days"]}, "narrow: 'gap_days' is not among the columns"),
        ({"own_columns": {"audit_count": {"type": "integer", "description": "d"}}}, "stands in schemas/fields.toml"),
    ],
)
def test_a_sidecar_that_cannot_be_meant_is_refused(said: dict[str, object], mistake: str) -> None:
    with pytest.raises(ValueError, match=mistake):
        question(**said)
