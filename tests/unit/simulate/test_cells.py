import numpy as np
import pandas as pd
import pytest

from conjoin.simulate.writing.cells import CellWriter
from conjoin.sources.descriptor import Feed


def _writer(**settings: object) -> CellWriter:
    declared = {
        "grain": "an audit",
        "pattern": "audits.csv",
        "format": "csv",
        "emits": ["audit_records"],
        "key": {"audit_records": ["No"], "site_records": ["Site"]},
        **settings,
    }
    return CellWriter(Feed.model_validate(declared), np.random.default_rng(1))


def _column(writer: CellWriter, header: str, **wanted: list[object]) -> list[object]:
    return writer.write(header, pd.DataFrame(wanted)).cells.tolist()


def test_dates_are_written_in_the_feeds_format():
    writer = _writer(dates={"formats": ["%m/%Y", "%d.%m.%Y"]})

    assert _column(writer, "Day", visit_start=[pd.Timestamp("2026-03-09"), pd.NaT]) == ["09.03.2026", None]


@pytest.mark.parametrize(
    ("numbers", "field", "value", "text"),
    [
        ({"decimal": ",", "thousands": "."}, "worker_count", 1300, "1.300"),
        ({"decimal": ","}, "auditor_days", 2.5, "2,5"),
        ({}, "latitude", -8.25, "-8.25"),
    ],
)
def test_numbers_are_written_in_the_feeds_way(numbers, field, value, text):
    assert _column(_writer(numbers=numbers), "Number", **{field: [value]}) == [text]


def test_a_header_that_speaks_of_bands_gets_bands():
    assert _column(_writer(), "Worker band", worker_count=[320, 20_000]) == ["101-500", ">10000"]


def test_one_word_says_several_fields():
    writer = _writer(
        values={
            "commissioner": {"own": "Ash", "Ash + Elm": "Ash; Elm"},
            "commissioner_type": {"own": "brand", "Ash + Elm": "shared"},
        }
    )

    wanted = {"commissioner": ["Ash", "Elm; Ash"], "commissioner_type": ["brand", "shared"]}
    assert _column(writer, "By", **wanted) == ["own", "Ash + Elm"]


def test_what_a_source_has_no_word_for_is_not_true():
    writer = _writer(values={"audit_kind": {"First": "initial_full", "Check": "desktop"}})

    written = writer.write("Kind", pd.DataFrame({"audit_kind": ["periodic_full", "desktop", "pilot"]}))

    assert written.cells.tolist()[:2] == ["First", "Check"]  # a first and a periodic full audit are near enough
    assert written.is_true.tolist() == [True, True, False]


def test_lists_are_covered_by_few_words():
    writer = _writer(
        list_separator=";",
        values={"topics_in_scope": {"Pay": "wages|overtime_pay", "Safety": "osh", "All": ""}},
    )

    wanted = ["osh|overtime_pay|wages", "osh", None]
    assert [sorted(str(cell).split(";")) for cell in _column(writer, "Scope", topics_in_scope=wanted)] == [
        ["Pay", "Safety"],
        ["Safety"],
        ["All"],
    ]
