"""Every declared source is whole: its samples are read exactly as accepted, and nothing personal gets past reading.

A new source is tested by existing.
"""

import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from conjoin.schemas.fields import glossary
from conjoin.schemas.tables import table
from conjoin.sources import registry
from conjoin.sources.patterns import match_feed
from conjoin.sources.readers.readers import RAW, DeliveredFile
from conjoin.sources.samples import REJECTED, SampleReading, expected_frames, read_samples
from conjoin.sql import quote_identifier

SOURCES = list(registry.folders())
PERSONAL = {
    "e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    "telephone number": re.compile(
        r"\+ ?\(?\d[\d ().-]{6,}\d|(?i:\b(?:tel|phone|mobile|fax)\b)[ .:]*\+?\(?\d[\d ().-]{5,}\d"
    ),
}


@cache
def sample_reading(name: str) -> SampleReading:
    """What the samples of a source become, read once."""
    with duckdb.connect() as con:
        return read_samples(con, registry.source(name), registry.folders()[name])


def sample_files(name: str) -> list[Path]:
    """The sample files of a source."""
    return sorted(path for path in (registry.folders()[name] / "sample").glob("*") if path.is_file())


@cache
def delivered_cells(name: str) -> set[tuple[str, str]]:
    """Every filled cell of the samples as delivered, with why its column is ignored (empty: it is not)."""
    found: set[tuple[str, str]] = set()
    for path in sample_files(name):
        matched = match_feed(registry.source(name), path.name)
        assert matched is not None
        feed = registry.source(name).feed[matched[0]]
        with duckdb.connect() as con:
            file = DeliveredFile(path, path.name, feed.format, feed.reader)
            file.load(con)
            for column in file.header:
                cell = quote_identifier(column)
                why = next((why for pattern, why in feed.ignore.items() if fnmatchcase(column, pattern)), "")
                found |= {
                    (row[0], why) for row in con.execute(f"select distinct {cell} from {RAW}").fetchall() if row[0]
                }
    return found


def personal_cells(name: str) -> set[str]:
    """Cells of columns ignored as personal data, as far as they can point to anyone: no count of workers does."""
    return {
        cell
        for cell, why in delivered_cells(name)
        if "personal" in why.lower() and len(cell) > (6 if cell.isdigit() else 3)
    }


def test_there_are_sources_of_every_kind() -> None:
    kinds = {registry.source(name).kind for name in SOURCES}
    assert kinds == set(registry.KINDS.values())


@pytest.mark.parametrize("name", SOURCES)
def test_the_declaration_says_what_can_be_meant(name: str) -> None:
    source = registry.read_source(registry.folders()[name] / "source.toml")
    assert source == registry.source(name)
    assert all(source.model_dump()[key].strip() for key in ("title", "summary", "owner", "terms", "schedule"))
    assert len(source.schedule.split()) == 5


@pytest.mark.parametrize("name", SOURCES)
def test_every_sample_file_belongs_to_a_feed_and_every_feed_has_one(name: str) -> None:
    source = registry.source(name)
    matched = {path.name: match_feed(source, path.name) for path in sample_files(name)}
    assert [file for file, feed in matched.items() if feed is None] == []
    assert {feed[0] for feed in matched.values() if feed} == set(source.feed)


@pytest.mark.parametrize("name", SOURCES)
def test_the_samples_become_exactly_what_was_accepted(name: str) -> None:
    folder = registry.folders()[name]
    accepted, read = expected_frames(folder), sample_reading(name).frames
    advice = f"run `conjoin accept {folder.parent.name}/{name}` and read the difference"
    assert accepted, f"{folder}/expected is empty: {advice}"
    assert list(accepted) == list(read), advice
    for part, frame in read.items():
        pd.testing.assert_frame_equal(
            frame, accepted[part], check_dtype=False, obj=f"{name}/expected/{part}.csv ({advice})"
        )


@pytest.mark.parametrize("name", SOURCES)
def test_the_samples_show_rows_that_land_and_rows_that_do_not(name: str) -> None:
    readings = sample_reading(name).readings.values()
    assert all(reading.rows_accepted for reading in readings)
    assert sum(reading.rows_refused + reading.rows_repeated + reading.rows_skipped for reading in readings) > 0


@pytest.mark.parametrize("name", SOURCES)
def test_every_refusal_says_where_what_and_why(name: str) -> None:
    rejected = sample_reading(name).frames[REJECTED]
    for column in ("file_name", "line_number", "column_name", "reason"):
        assert rejected[column].ne("").all(), column


@pytest.mark.parametrize("name", SOURCES)
def test_every_emitted_column_is_known(name: str) -> None:
    for part, frame in sample_reading(name).frames.items():
        if part != REJECTED:
            assert set(frame.columns) <= set(table(part).columns)
            assert set(frame.columns) <= set(glossary())


@pytest.mark.parametrize("kind", PERSONAL)
@pytest.mark.parametrize("name", SOURCES)
def test_nothing_personal_gets_past_reading(name: str, kind: str) -> None:
    found = {
        f"{part}.{column}: {cell}"
        for part, frame in sample_reading(name).frames.items()
        for column in frame.columns
        for cell in frame[column]
        if PERSONAL[kind].search(cell)
    }
    assert found == set()


@pytest.mark.parametrize("name", SOURCES)
def test_columns_ignored_as_personal_leave_no_value_behind(name: str) -> None:
    kept = {cell for frame in sample_reading(name).frames.values() for cell in frame.to_numpy().ravel()}
    assert personal_cells(name) & kept == set()


@pytest.mark.parametrize("kind", PERSONAL)
def test_the_samples_hold_personal_data_to_prove_it(kind: str) -> None:
    holding = [name for name in SOURCES if any(PERSONAL[kind].search(cell) for cell, _ in delivered_cells(name))]
    assert len(holding) >= 5, holding


@pytest.mark.parametrize("name", SOURCES)
def test_samples_are_small(name: str) -> None:
    assert sum(reading.rows_read for reading in sample_reading(name).readings.values()) <= 100


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("1 Mill Lane, Leeds, LS1 4AB, United Kingdom", ("1 Mill Lane", "Leeds", "LS1 4AB", "United Kingdom")),
        ("Via Lana 2, Prato, IT-59100, Italy", ("Via Lana 2", "Prato", "IT-59100", "Italy")),
        ("Plot 4, SITE, Karachi, 75700, Pakistan", ("Plot 4, SITE", "Karachi", "75700", "Pakistan")),
        ("6th of October, Egypt", ("", "6th of October", "", "Egypt")),
    ],
)
def test_addresses_of_certificates_are_taken_apart(address: str, parts: tuple[str, ...]) -> None:
    pattern = registry.source("sai").feed["certificates"].extract["Address"]
    names = ("street", "city", "postcode", "country")
    with duckdb.connect() as con:
        found = [con.execute("select regexp_extract($1, $2, $3)", [address, pattern, list(names)]).fetchall()[0][0]]
    assert tuple(found[0][name] for name in names) == parts
