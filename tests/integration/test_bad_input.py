"""Bad input: a clear error, nothing lost.

Every test begins with a project in which one delivery of every format has landed. Whatever arrives then, what counted
before counts until something better can be read, and the refusal is on record with file, place, finding and advice.
"""

import codecs
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from conjoin.errors import SourceError
from conjoin.keeping.landing import Landing
from conjoin.steps import ingest
from support import quillhaven
from support.files import as_csv, as_lines, as_sheet, as_tree, as_workbook, entry_of, growing, rewritten
from support.projects import Project, forget_declarations

PROTECTED = Path(__file__).parents[1] / "data" / "protected.xlsx"
LOG = quillhaven.FILES["log"]
GOOD = as_csv(quillhaven.rows(10))
BOOK = as_sheet(quillhaven.rows(10))


def refused_in(project: Project, file_name: str, content: bytes) -> str:
    """Deliver a file that must be refused whole; nothing that counted may change. Returns the refusal."""
    before = project.now()
    project.deliver(file_name, content)
    summary = project.ingest()
    assert project.now() == before
    (load,) = summary.loads
    assert (load.load_status, load.rows_accepted if not load.rows_read else 0) == ("refused", 0)
    assert summary.notices == [load.refusal]
    of_group = [(made.load_status, is_current) for made, is_current in project.loads() if made.file_name == file_name]
    assert of_group == [("landed", True), ("refused", False)], "the current load is older than the last delivery: stale"
    assert load.refusal.startswith(file_name)
    return load.refusal


# --- whole files that cannot be read ---------------------------------------------------------------------------


def without(column: str) -> bytes:
    return as_csv([{name: cell for name, cell in row.items() if name != column} for row in quillhaven.rows(10)])


FILES: dict[str, tuple[str, bytes, list[str]]] = {
    "missing column": ("log", without("City"), ["lacks 'City'", "feed.log reads", "It has 'Visit No'"]),
    "renamed column": ("log", GOOD.replace(b"City", b"Town", 1), ["'Town' (column 5)", "'City' - was it renamed?"]),
    "extra column": (
        "log",
        as_csv([{**row, "Fee": "1"} for row in quillhaven.rows(10)]),
        ["'Fee' (column 17) is not known", "Map it under columns, or give a reason under ignore"],
    ),
    "no header": ("log", GOOD.split(b"\n", 1)[1], ["none of the columns", "Is the header missing"]),
    "wrong encoding": ("log", GOOD.decode().encode("cp1254"), ["line 2", "bytes fc", "export the file as utf-8-sig"]),
    "UTF-16": ("log", GOOD.decode().encode("utf-16"), ["written in utf-16", "set reader.encoding = 'utf-16'"]),
    "NUL bytes": ("log", GOOD.replace(b"Q05", b"Q\0\0"), ["line 6", "NUL bytes", "export it again"]),
    "unbalanced quotes": ("log", GOOD.replace(b"V-005", b'"V-005'), ["line 6", "a quote is opened and never closed"]),
    "a cell of 20 MB": (
        "log",
        GOOD.replace(b"12 Mill Road", b"x" * 20_000_000, 1),
        ["line 2", "longer than 2,000,000 bytes", "Correct the file"],
    ),
    "empty file": ("log", b"", ["empty (0 bytes)", "deliver it again"]),
    "cut off in a row": ("log", GOOD[:-80], ["line 11", "cells, but the header has 16 columns"]),
    "a workbook named CSV": ("log", BOOK, ["an Excel workbook", "export it as CSV"]),
    "truncated workbook": ("book", BOOK[:-400], ["cut off or damaged", "deliver it again"]),
    "protected workbook": ("book", PROTECTED.read_bytes(), ["protected by a password", "save it without one"]),
    "zip bomb": ("book", rewritten(BOOK, {"xl/media/a.png": b"\0" * 30_000_000}), ["bytes unpack to", "zip bomb"]),
    "formula never computed": (
        "book",
        as_sheet([{**row, "City": "=A1"} for row in quillhaven.rows(10)]),
        ["cell E2", "formula that was never computed", "open the workbook, save it"],
    ),
    "CSV named workbook": ("book", GOOD, ["this is no workbook"]),
    "empty workbook": ("book", as_workbook({"Visits": []}), ["every sheet is empty"]),
    "truncated JSON": ("tree", as_tree(quillhaven.rows(10))[:-30], ["line 18", "not JSON", "cut off"]),
    "key twice in JSON": ("tree", as_tree(quillhaven.rows(10)).replace(b'"City"', b'"Street"', 1), ["'Street' twice"]),
    "wrong path in JSON": ("tree", b'{"audits": []}', ["no 'visits' in the top", "reader.records"]),
    "no records in JSON": ("tree", b'{"visits": []}', ["nothing was found in it", "reader.records (visits)"]),
    "bad JSON line": (
        "stream",
        as_lines(quillhaven.rows(10)).replace(b'"V-004",', b'"V-004"', 1),
        ["line 4, column", "not JSON"],
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_read_is_refused_and_changes_nothing(landed: Project, case: str) -> None:
    feed, content, parts = FILES[case]
    refusal = refused_in(landed, quillhaven.FILES[feed], content)
    assert [part for part in parts if part not in refusal] == [], refusal
    assert "someone@example.org" not in refusal


# --- files whose rows are too few or too bad -------------------------------------------------------------------

STAYS = "Look at the file; if it is right, change [expect] in the declaration. The load before it stays current."


def test_a_file_with_a_header_only_is_refused(landed: Project) -> None:
    refusal = refused_in(landed, LOG, as_csv([], quillhaven.HEADER))
    assert "rows in the file (expect.min.rows): 0, expected at least 1" in refusal
    assert refusal.endswith(STAYS)


def test_a_file_half_the_size_of_the_last_one_is_refused(landed: Project) -> None:
    refusal = refused_in(landed, LOG, as_csv(quillhaven.rows(5)))
    told = "rows as a share of the file that this one replaces (expect.min.share_of_last): 0.5, expected at least 0.6"
    assert refusal == f"{LOG}: {told}. {STAYS}"


def test_a_refused_file_is_no_measure_for_the_next(landed: Project) -> None:
    for count, share in ((5, "0.5"), (4, "0.4")):
        landed.deliver(LOG, as_csv(quillhaven.rows(count)))
        (load,) = landed.ingest().loads
        assert load.load_status == "refused"
        assert f"(expect.min.share_of_last): {share}, expected at least 0.6" in load.refusal


def test_a_refusal_stands_until_a_file_of_its_own_period_settles_it(landed: Project) -> None:
    landed.deliver("visits_2026-05.csv", GOOD.split(b"\n", 1)[1])
    landed.ingest()
    landed.deliver("visits_2026-06.csv", GOOD)
    assert [told.split(":")[0] for told in landed.ingest().refused] == ["visits_2026-05.csv"]
    landed.deliver("visits_2026-05.csv", GOOD)
    assert landed.ingest().refused == []


def test_too_many_refused_rows_refuse_the_file_and_keep_the_reasons(landed: Project) -> None:
    rows = [quillhaven.row(number, Country="Atlantis" if number < 7 else "Türkiye") for number in range(1, 11)]
    refusal = refused_in(landed, LOG, as_csv(rows))
    assert "refused rows as a share of all (expect.max.refused_share): 0.6, expected at most 0.5" in refusal
    refused = [load for load, _ in landed.loads() if load.load_status == "refused"]
    files = Landing(landed.settings.landing).parquet_files(refused, "rejected_rows")
    with duckdb.connect() as con:
        told = con.execute("select line_number, value from read_parquet($1) order by all", [files]).fetchall()
    assert told == [(line, "Atlantis") for line in range(2, 8)]


def test_bad_rows_are_kept_with_place_and_reason_while_good_ones_land(landed: Project) -> None:
    soon = (date.today() + timedelta(days=30)).isoformat()
    bad = {
        "a date that does not exist": {"First_Day": "31.02.2026"},
        "a date in the future": {"First_Day": soon, "Last_Day": ""},
        "an unknown country": {"Country": "Atlantis"},
        "swapped coordinates": {"Lat": "27.14", "Lon": "38.42"},
        "zero coordinates": {"Lat": "0", "Lon": "0"},
        "negative workers": {"Workers": "-5"},
    }
    rows = [*quillhaven.rows(10), *(quillhaven.row(number, **cells) for number, cells in enumerate(bad.values(), 11))]
    rows.append(quillhaven.row(17, Workers="1001-5000"))
    landed.deliver(LOG, as_csv(rows))
    (load,) = landed.ingest().loads
    assert (load.load_status, load.rows_read, load.rows_accepted, load.rows_refused) == ("landed", 17, 11, 6)
    assert load in landed.current()
    told = [row for row in landed.rows("rejected_rows") if row["load_id"] == load.load_id]
    assert [row["line_number"] for row in told] == [12, 13, 14, 15, 16, 17]
    assert {row["file_name"] for row in told} == {LOG}
    assert {row["sheet_name"] for row in told} == {None}
    assert [row["column_name"] for row in told] == [
        "First Day",
        "First Day + Last Day",
        "Country",
        "Lat + Lon",
        "Lat + Lon",
        "Workers",
    ]
    assert all(row["reason"] and row["advice"] and row["value"] for row in told)
    banded = [row for row in landed.rows("site_records") if row["worker_count_max"] == 5000]
    assert [row["worker_count_min"] for row in banded] == [1001]


def test_a_workbook_with_macros_and_computed_formulas_is_read(landed: Project) -> None:
    types = entry_of(BOOK, "[Content_Types].xml").replace(
        b"vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", b"vnd.ms-excel.sheet.macroEnabled.main+xml"
    )
    sheet = entry_of(BOOK, "xl/worksheets/sheet1.xml").replace(
        b'<c r="E2" t="inlineStr"><is><t>Izmir</t></is></c>', b'<c r="E2" t="str"><f>"Bur"&amp;"sa"</f><v>Bursa</v></c>'
    )
    macros = {"[Content_Types].xml": types, "xl/vbaProject.bin": b"\xd0\xcf\x11\xe0", "xl/worksheets/sheet1.xml": sheet}
    landed.deliver("visits_2026-05.xlsm", rewritten(BOOK, macros))
    (load,) = landed.ingest().loads
    assert (load.load_status, load.rows_accepted) == ("landed", 10)
    cities = {row["city_name"] for row in landed.rows("site_records") if row["load_id"] == load.load_id}
    assert cities == {"Bursa", "Izmir"}


def test_a_byte_order_mark_is_no_obstacle(landed: Project) -> None:
    landed.deliver(LOG, codecs.BOM_UTF8 + GOOD)
    assert [load.rows_accepted for load in landed.ingest().loads] == [10]


def test_a_good_file_after_a_refused_one_counts(landed: Project) -> None:
    refused_in(landed, LOG, GOOD[:-80])
    landed.deliver(LOG, as_csv(quillhaven.rows(12)))
    (load,) = landed.ingest().loads
    assert (load.load_status, load.rows_accepted) == ("landed", 12)
    assert load in landed.current()


# --- files that are not for us, or not yet ---------------------------------------------------------------------


def test_a_file_for_no_known_source_is_told(landed: Project) -> None:
    with pytest.raises(SourceError, match=r"no source is called 'nobody'; there are .*quillhaven"):
        ingest.ingest_source(landed.settings, "nobody")


def test_a_file_for_no_feed_is_told_and_left(landed: Project) -> None:
    before = landed.now()
    landed.deliver("visits_april.csv", GOOD)
    summary = landed.ingest()
    patterns = "visits_{period}.csv, visits_{period}.xls*, visits_{period}.json, visits_{period}.jsonl"
    assert summary.notices == [f"visits_april.csv: belongs to no feed of quillhaven (they read {patterns})"]
    assert (summary.new_files, landed.now()) == ([], before)


def test_a_file_still_being_written_is_left_for_the_next_run(landed: Project) -> None:
    before = landed.now()
    path = landed.deliver("visits_2026-05.csv", GOOD[:200])
    (landed.inbox / "visits_2026-06.csv.part").write_bytes(GOOD)
    patient = landed.settings.model_copy(update={"settle_seconds": 0.4})
    with growing(path):
        summary = ingest.ingest_source(patient, landed.source_name)
    path.write_bytes(GOOD)
    assert summary.notices == [
        "visits_2026-05.csv: left for the next run, it is still being written",
        "visits_2026-06.csv.part: left for the next run, its name says that it is not complete",
    ]
    assert landed.now() == before
    assert landed.ingest().new_files == ["visits_2026-05.csv"]


@pytest.mark.parametrize(("visibility", "told"), [("consortium_site", True), ("consortium_aggregate", False)])
def test_values_of_restricted_feeds_are_left_out_of_refusals(project: Project, visibility: str, told: bool) -> None:
    restricted = quillhaven.DECLARATION + f'\n[feed.log.visibility]\naudit_records = "{visibility}"\n'
    quillhaven.write_declaration(project.root, restricted)
    forget_declarations()
    project.deliver(LOG, GOOD.replace(b"2026-03-02", b"2026-13-02", 1))
    project.ingest()
    files = Landing(project.settings.landing).parquet_files(project.current(), "rejected_rows")
    with duckdb.connect() as con:
        found = con.execute("select line_number, value, visibility from read_parquet($1)", [files]).fetchall()
    assert {line for line, _, _ in found} == {2}
    assert {seen for _, _, seen in found} == {visibility}
    assert any(value for _, value, _ in found) == told
