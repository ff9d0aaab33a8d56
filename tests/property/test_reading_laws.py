"""Laws of reading that hold for any delivery: nothing is lost, nothing depends on order, nothing surprises."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, example, given
from hypothesis import strategies as st

from conjoin.errors import ConjoinError
from conjoin.sources.descriptor import Reader
from conjoin.sources.mapping import REJECTED
from conjoin.sources.readers.readers import RAW, DeliveredFile
from support import quillhaven
from support.files import as_csv, as_feed, as_lines, as_sheet, as_tree
from support.laws import law
from support.reading import Read, read

Con = duckdb.DuckDBPyConnection

#: Each example reads files of its own, so fixtures need not be made anew for it. A reading takes a tenth of a second:
#: failing examples are shown as they were found, for shrinking them would take minutes.
NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
READING = law(8, phases=NO_SHRINKING)
FUZZ = law(40, phases=NO_SHRINKING)

#: What every format can hold, line ends among it; in a workbook "=" begins a formula.
LETTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"], exclude_characters="=", include_characters="\n")
TEXTS = st.text(LETTERS, max_size=12)

CELLS = {
    "Visit No": st.sampled_from(["V-001", "V-002", "V-003", "V-004", ""]),
    "Vendor Code": st.sampled_from(["Q01", "Q02", "q01", ""]),
    "Street": TEXTS,
    "Country": st.sampled_from(["Türkiye", "TR", "Atlantis", ""]),
    "Lat": st.sampled_from(["38.42", "0", "27.14", ""]),
    "Workers": st.sampled_from(["340", "1-9", "9-1", "many", ""]),
    "First Day": st.sampled_from(["2026-03-02", "31.02.2026", "2099-01-01", ""]),
    "Result": st.sampled_from(["Amber", "n/a", "template row", "Purple"]),
}
ROWS = st.lists(
    st.fixed_dictionaries(CELLS).map(lambda cells: {**quillhaven.ORDINARY, **cells}), min_size=1, max_size=8
)


def read_rows(con: Con, folder: Path, rows: list[dict[str, str]], feed: str = "log", **changes: Any) -> Read:
    """Rows of Quillhaven, read."""
    return read(con, folder, quillhaven.source(feed, **changes), quillhaven.FILES[feed], as_feed(feed)(rows))


def content(made: Read) -> list[dict[str, Any]]:
    """Every accepted record without its place in the file."""
    rows = [row for table in made.tables.values() for row in table]
    plain = [{name: value for name, value in row.items() if name != "line_number"} for row in rows]
    return sorted(plain, key=lambda row: row["record_id"])


@READING
@given(rows=ROWS, feed=st.sampled_from(sorted(quillhaven.FILES)))
def test_every_row_is_accepted_refused_repeated_or_skipped(
    con: Con, tmp_path: Path, rows: list[dict[str, str]], feed: str
) -> None:
    made = read_rows(con, tmp_path, rows, feed)
    counts = made.reading
    skipped = [row for row in rows if row["Result"] == "template row"]
    refused = {line for line, *_ in made.reasons}
    standing = {row["line_number"] for row in made.tables["audit_records"]}
    assert counts.rows_read == len(rows)
    assert counts.rows_skipped == len(skipped)
    assert counts.rows_refused == len(refused)
    assert counts.rows_accepted == len(standing) == len(made.tables["audit_records"])
    assert counts.rows_read == len(standing) + len(refused) + counts.rows_repeated + len(skipped)
    assert not standing & refused
    assert {row["line_number"] for row in made.tables["site_records"]}.isdisjoint(refused)
    assert all(row["reason"] and row["advice"] for row in made.refused)


@READING
@given(rows=ROWS, order=st.permutations(quillhaven.HEADER))
def test_the_order_of_columns_changes_nothing(
    con: Con, tmp_path: Path, rows: list[dict[str, str]], order: list[str]
) -> None:
    plain = read_rows(con, tmp_path, rows)
    moved = read(con, tmp_path, quillhaven.source(), quillhaven.FILES["log"], as_csv(rows, order))
    assert moved.tables == plain.tables
    assert moved.refused == plain.refused


@READING
@given(rows=st.permutations([quillhaven.row(n, Workers=str(n)) for n in range(1, 5)] * 2), data=st.data())
def test_the_order_of_rows_changes_no_landed_row(
    con: Con, tmp_path: Path, rows: list[dict[str, str]], data: st.DataObject
) -> None:
    bad = quillhaven.row(9, Country="Atlantis")
    rows.insert(data.draw(st.integers(0, len(rows))), bad)
    made = read_rows(con, tmp_path, rows)
    in_order = [quillhaven.row(number, Workers=str(number)) for number in range(1, 5)]
    assert content(made) == content(read_rows(con, tmp_path, [*in_order, bad]))
    assert (made.reading.rows_accepted, made.reading.rows_repeated, made.reading.rows_refused) == (4, 4, 1)


@READING
@given(
    street=TEXTS,
    meaning=st.sampled_from(["0", ""]),
)
@example(street="12 Mill Road, tel. 0232 000 00 00", meaning="")
def test_our_cleaning_and_our_reading_of_values_never_change_an_id(
    con: Con, tmp_path: Path, street: str, meaning: str
) -> None:
    first = read_rows(con, tmp_path, [quillhaven.row(3)])
    changed = {"values": {"worker_count": {"340": meaning}}, "key": {"site_records": ["Vendor Code"]}}
    other = read_rows(con, tmp_path, [quillhaven.row(3, Street=street, Factory="ALDER  LOOM")], **changed)
    for table in ("audit_records", "site_records"):
        assert [row["record_id"] for row in other.tables[table]] == [row["record_id"] for row in first.tables[table]]


@READING
@given(
    key=st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
        min_size=2,
        max_size=6,
        unique=True,
    )
)
def test_other_keys_have_other_ids(con: Con, tmp_path: Path, key: list[str]) -> None:
    rows = [quillhaven.row(Visit_No=number) for number in key]
    made = read_rows(con, tmp_path, rows)
    assert len({row["record_id"] for row in made.tables["audit_records"]}) == len(key)


# --- arbitrary bytes -------------------------------------------------------------------------------------------

GOOD: dict[str, bytes] = {
    name: write(quillhaven.rows(3))
    for name, write in (("csv", as_csv), ("workbook", as_sheet), ("json", as_tree), ("json_lines", as_lines))
}

# Made once: a workbook holds the time at which it was written, and examples must not depend on that.
DELIVERIES: dict[str, bytes] = {feed: as_feed(feed)(quillhaven.rows(3)) for feed in quillhaven.FILES}


@st.composite
def damaged(draw: st.DrawFn, good: bytes) -> bytes:
    """A good file with some bytes overwritten, inserted or cut off."""
    data = bytearray(good)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(data) - 1, 0)))
        piece = draw(st.binary(max_size=4))
        data[place : place + draw(st.integers(0, 8))] = piece
    return bytes(data[: draw(st.integers(1, len(data)))]) if draw(st.booleans()) and data else bytes(data)


def tries(con: Con, folder: Path, content: bytes, file_format: Any, **reader: Any) -> None:
    """Read ``content``, which may fail only as a ConjoinError that names the file."""
    path = folder / "original"
    path.write_bytes(content)
    try:
        rows = DeliveredFile(path, "delivery", file_format, Reader(**reader)).load(con)
        assert con.execute(f'select count(distinct "#row") from {RAW}').fetchall() == [(rows,)]
    except ConjoinError as error:
        assert str(error).startswith("delivery")


@FUZZ
@given(content=st.binary(max_size=300), encoding=st.sampled_from(["utf-8-sig", "utf-16", "cp1254", "latin-1"]))
@example(content=b"\xff\xfe", encoding="utf-16")
@example(content=b"a,b\n\x80", encoding="utf-8-sig")
@example(content=b'"\n"', encoding="latin-1")
def test_reading_csv_never_surprises(con: Con, tmp_path: Path, content: bytes, encoding: str) -> None:
    tries(con, tmp_path, content, "csv", encoding=encoding)


@FUZZ
@given(text=st.text(st.sampled_from('a,;"\n\r\t 0\u00a0'), max_size=40), skip=st.integers(0, 2))
def test_reading_text_with_odd_quotes_and_lines_never_surprises(con: Con, tmp_path: Path, text: str, skip: int) -> None:
    tries(con, tmp_path, text.encode(), "csv", skip_rows=skip)


@FUZZ
@given(content=st.binary(max_size=200), by_line=st.booleans(), encoding=st.sampled_from(["utf-8-sig", "utf-16"]))
@example(content=b'["\\ud800"]', by_line=False, encoding="utf-8-sig")
@example(content=b'[{"a": 1' + b"0" * 5000 + b"}]", by_line=False, encoding="utf-8-sig")
@example(content=b'{"\\ud800": 1}', by_line=True, encoding="utf-8-sig")
def test_reading_json_never_surprises(con: Con, tmp_path: Path, content: bytes, by_line: bool, encoding: str) -> None:
    tries(con, tmp_path, content, "json_lines" if by_line else "json", encoding=encoding)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@FUZZ
@example(value={"\0": 1.5, "": None}, records=[])
@given(value=JSON_VALUES, records=st.sampled_from([[], ["a"]]))
def test_reading_any_json_value_never_surprises(con: Con, tmp_path: Path, value: Any, records: list[str]) -> None:
    tries(con, tmp_path, json.dumps(value).encode(), "json", records=records)


@FUZZ
@given(content=st.binary(max_size=200), start=st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"]))
def test_reading_a_workbook_never_surprises(con: Con, tmp_path: Path, content: bytes, start: bytes) -> None:
    tries(con, tmp_path, start + content, "workbook")


@FUZZ
@given(data=st.data(), file_format=st.sampled_from(sorted(GOOD)))
def test_reading_a_damaged_file_never_surprises(
    con: Con, tmp_path: Path, data: st.DataObject, file_format: str
) -> None:
    reader = {"records": ["visits"]} if file_format == "json" else {}
    tries(con, tmp_path, data.draw(damaged(GOOD[file_format])), file_format, **reader)


@pytest.mark.parametrize("feed", sorted(quillhaven.FILES))
@law(5, phases=NO_SHRINKING)
@given(data=st.data())
def test_a_damaged_delivery_is_read_or_refused(con: Con, tmp_path: Path, data: st.DataObject, feed: str) -> None:
    damage = data.draw(damaged(DELIVERIES[feed]))
    try:
        made = read(con, tmp_path, quillhaven.source(feed), quillhaven.FILES[feed], damage)
    except ConjoinError as error:
        assert str(error).startswith(quillhaven.FILES[feed])
    else:
        assert (
            made.reading.rows_refused == con.execute(f'select count(distinct "#row") from {REJECTED}').fetchall()[0][0]
        )
