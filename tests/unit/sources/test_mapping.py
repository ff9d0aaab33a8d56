"""From raw rows to canonical tables: every column accounted for, every row accepted or refused with a reason."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin.errors import DeclarationError, MissingColumn, UnknownColumn
from support import quillhaven
from support.files import as_csv, as_feed, as_workbook
from support.reading import Read, read

Con = duckdb.DuckDBPyConnection
LOG = quillhaven.FILES["log"]


def read_log(con: Con, folder: Path, rows: list[dict[str, str]], **changes: Any) -> Read:
    """Rows of Quillhaven's CSV, read."""
    return read(con, folder, quillhaven.source(**changes), LOG, as_csv(rows))


def test_a_row_becomes_an_audit_and_a_site_that_refer_to_each_other(con: Con, tmp_path: Path) -> None:
    made = read_log(con, tmp_path, [quillhaven.row(7)])
    audit, site = made.tables["audit_records"][0], made.tables["site_records"][0]
    filled = {name: value for name, value in site.items() if value is not None}
    assert filled == {
        "record_id": audit["site_record_id"],
        "source_name": "quillhaven",
        "load_id": "load-1",
        "line_number": 2,
        "visibility": "consortium_site",
        "site_id_source": "Q07",
        "site_name": "Alder Loom Works",
        "site_address": "12 Mill Road",
        "city_name": "Izmir",
        "country_code": "TR",
        "latitude": 38.42,
        "longitude": 27.14,
        "worker_count_min": 340,
        "worker_count_max": 340,
        "site_level": "site",
    }
    assert (audit["date_kind"], audit["audit_status"], audit["auditor_party"]) == ("visit", "done", 2)
    assert (audit["grade_raw"], audit["severity_band"], audit["is_report_shareable"]) == ("Amber", "major", True)


@pytest.mark.parametrize("feed", quillhaven.FILES)
def test_every_format_gives_the_same_records(con: Con, tmp_path: Path, feed: str) -> None:
    rows = [*quillhaven.rows(3), quillhaven.row(4, Country="Atlantis"), quillhaven.row(1)]
    made = read(con, tmp_path, quillhaven.source(), quillhaven.FILES[feed], as_feed(feed)(rows))
    as_log = read_log(con, tmp_path, rows)
    without_line = [
        [{name: value for name, value in row.items() if name != "line_number"} for row in one.tables["audit_records"]]
        for one in (made, as_log)
    ]
    assert without_line[0] == without_line[1]
    assert (made.reading.rows_read, made.reading.rows_refused, made.reading.rows_repeated) == (5, 1, 1)
    assert [reason[1:] for reason in made.reasons] == [("Country", "Atlantis", "an unknown country")]


# --- columns -------------------------------------------------------------------------------------------------


def test_an_extra_column_refuses_the_file(con: Con, tmp_path: Path) -> None:
    with pytest.raises(UnknownColumn) as refusal:
        read_log(con, tmp_path, [{**quillhaven.row(), "Auditor": "x", "Fee": "y"}])
    assert str(refusal.value) == (
        "visits_2026-04.csv: columns 'Auditor' (column 17), 'Fee' (column 18) are not known to "
        "sources/brands/quillhaven/source.toml, feed.log. Map it under columns, or give a reason under ignore."
    )


def test_a_missing_column_refuses_the_file_and_shows_what_there_is(con: Con, tmp_path: Path) -> None:
    row = quillhaven.row()
    del row["City"]
    with pytest.raises(MissingColumn) as refusal:
        read_log(con, tmp_path, [row])
    assert "visits_2026-04.csv: the header lacks 'City', which sources/brands/quillhaven/source.toml" in str(
        refusal.value
    )
    assert "It has 'Visit No', 'Vendor Code'" in str(refusal.value)


def test_a_renamed_column_is_recognised_as_one(con: Con, tmp_path: Path) -> None:
    row = quillhaven.row()
    row["Land"] = row.pop("Country")
    with pytest.raises(UnknownColumn, match=r"'Land' \(column 16\) is not known .* 'Country' - was it renamed\?"):
        read_log(con, tmp_path, [row])


def test_a_file_without_header_is_refused_without_repeating_its_cells(con: Con, tmp_path: Path) -> None:
    content = as_csv(quillhaven.rows(3)).split(b"\n", 1)[1]
    with pytest.raises(UnknownColumn, match=r"none of the columns .* 'Visit No', .* Is the header missing") as refusal:
        read(con, tmp_path, quillhaven.source(), LOG, content)
    assert "example.org" not in str(refusal.value)


def test_an_optional_column_may_be_absent_and_counts_as_empty(con: Con, tmp_path: Path) -> None:
    row = quillhaven.row()
    del row["Street"]
    made = read_log(con, tmp_path, [row], optional=["Str*"])
    assert made.tables["site_records"][0]["site_address"] is None


def test_ignored_columns_may_be_absent_and_leave_nothing_behind(con: Con, tmp_path: Path) -> None:
    with_contact = read_log(con, tmp_path, [quillhaven.row()]).tables
    row = quillhaven.row()
    del row["Contact E-mail"]
    assert read_log(con, tmp_path, [row]).tables == with_contact
    assert "someone@example.org" not in str(with_contact)


def test_two_columns_cannot_fill_one_field(con: Con, tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="two columns fill city_name; use join"):
        read_log(con, tmp_path, [quillhaven.row()], columns={"Street": "city_name"})


# --- rows ----------------------------------------------------------------------------------------------------


def test_a_row_is_refused_whole_with_every_reason(con: Con, tmp_path: Path) -> None:
    made = read_log(con, tmp_path, [quillhaven.row(1, Country="Atlantis", First_Day="soon"), quillhaven.row(2)])
    assert made.reasons == [
        (2, "Country", "Atlantis", "an unknown country"),
        (2, "First Day", "soon", "not a date written as %Y-%m-%d or %d.%m.%Y"),
    ]
    assert [row["line_number"] for row in made.tables["audit_records"]] == [3]
    assert [row["line_number"] for row in made.tables["site_records"]] == [3]
    where = "sources/brands/quillhaven/source.toml, feed.log"
    assert made.refused[0]["advice"] == (
        f"say in {where} what it means (values.country_code: `conjoin codes country` lists what it may mean), or "
        "correct the export"
    )


@pytest.mark.parametrize("written", ["31.06.2025", "04/09/2025", "abc", "45855", "-", "04.07.25"])
def test_an_end_that_is_no_day_is_refused_and_never_becomes_the_start(con: Con, tmp_path: Path, written: str) -> None:
    """What is filled in where a cell is empty is not filled in where it cannot be read (trial F01)."""
    rows = [quillhaven.row(1, Last_Day=written), quillhaven.row(2, Last_Day="")]
    rows = [
        {name.replace("_", " ") if name == "Last_Day" else name: cell for name, cell in row.items()} for row in rows
    ]
    made = read_log(con, tmp_path, rows)
    assert made.reasons == [(2, "Last Day", written, "not a date written as %Y-%m-%d or %d.%m.%Y")]
    kept = made.tables["audit_records"]
    assert [(row["line_number"], row["visit_end"] == row["visit_start"]) for row in kept] == [(3, True)]


def test_identical_rows_count_once_and_contradicting_ones_are_refused_together(con: Con, tmp_path: Path) -> None:
    rows = [
        quillhaven.row(1),
        quillhaven.row(2),
        quillhaven.row(1),
        quillhaven.row(2, Result="Green"),
        quillhaven.row(3),
    ]
    made = read_log(con, tmp_path, rows)
    contradiction = "the key stands on several rows with different content: lines 3, 5"
    assert made.reasons == [(3, "Visit No", None, contradiction), (5, "Visit No", None, contradiction)]
    assert [row["line_number"] for row in made.tables["audit_records"]] == [2, 6]
    assert (made.reading.rows_repeated, made.reading.rows_accepted) == (1, 2)


def test_contradicting_rows_are_listed_in_the_order_of_the_file(con: Con, tmp_path: Path) -> None:
    rows = [*quillhaven.rows(8), quillhaven.row(1, Result="Green"), quillhaven.row(1, Result="n/a")]
    assert read_log(con, tmp_path, rows).reasons[0][3].endswith("lines 2, 10, 11")


def test_a_refused_row_does_not_contradict_another(con: Con, tmp_path: Path) -> None:
    made = read_log(con, tmp_path, [quillhaven.row(1), quillhaven.row(1, First_Day="soon")])
    assert [row["line_number"] for row in made.tables["audit_records"]] == [2]


def test_a_site_that_several_rows_tell_is_as_the_last_of_them_says(con: Con, tmp_path: Path) -> None:
    rows = [quillhaven.row(n, Vendor_Code="Q01", City=city) for n, city in enumerate(["Izmir", "Bursa", "Adana"], 1)]
    sites = read_log(con, tmp_path, rows).tables["site_records"]
    assert [(site["city_name"], site["line_number"]) for site in sites] == [("Adana", 4)]


def test_skipped_rows_are_counted_apart(con: Con, tmp_path: Path) -> None:
    made = read_log(con, tmp_path, [quillhaven.row(1, Result="template row", Country="Atlantis"), quillhaven.row(2)])
    assert (made.reading.rows_read, made.reading.rows_skipped, made.reading.rows_accepted) == (2, 1, 1)
    assert made.refused == []


def test_an_empty_key_refuses_the_row(con: Con, tmp_path: Path) -> None:
    made = read_log(con, tmp_path, [quillhaven.row(1, Visit_No=""), quillhaven.row(2, Vendor_Code=" ")])
    assert made.reasons == [(2, "Visit No", None, "the key is empty"), (3, "Vendor Code", None, "the key is empty")]


def test_rows_with_the_same_line_on_two_sheets_are_two_rows(con: Con, tmp_path: Path) -> None:
    sheets = {
        "March": [quillhaven.row(1, Country="Atlantis"), quillhaven.row(2)],
        "April": [quillhaven.row(3), quillhaven.row(2)],
    }
    book = as_workbook({n: [quillhaven.HEADER, *(list(r.values()) for r in rows)] for n, rows in sheets.items()})
    made = read(con, tmp_path, quillhaven.source(), quillhaven.FILES["book"], book)
    assert [(r["#sheet"], r["#line"], r["value"]) for r in made.refused] == [("March", 2, "Atlantis")]
    assert sorted(row["audit_id_source"] for row in made.tables["audit_records"]) == ["V-002", "V-003"]
    assert (made.reading.rows_accepted, made.reading.rows_refused, made.reading.rows_repeated) == (2, 1, 1)


def test_contradicting_rows_of_two_sheets_are_named_by_sheet(con: Con, tmp_path: Path) -> None:
    sheets = {"March": [quillhaven.row(1)], "April": [quillhaven.row(1, Result="Green")]}
    book = as_workbook({n: [quillhaven.HEADER, *(list(r.values()) for r in rows)] for n, rows in sheets.items()})
    made = read(con, tmp_path, quillhaven.source(), quillhaven.FILES["book"], book)
    assert {reason[3] for reason in made.reasons} == {
        "the key stands on several rows with different content: lines March!2, April!2"
    }


# --- further emits -------------------------------------------------------------------------------------------


def test_an_exploded_cell_gives_one_record_per_value(con: Con, tmp_path: Path) -> None:
    emit = {
        "table": "site_buyers",
        "key": ["Vendor Code", "Result"],
        "explode": {"column": "Result", "separator": "|"},
        "columns": {"Result": "buyer_name"},
        "constants": {"as_of_date": "{period}"},
    }
    changes: dict[str, Any] = {"emit": [emit], "columns": {"Result": "grade_raw"}}
    made = read_log(
        con, tmp_path, [quillhaven.row(1, Result="Birch|Cedar|Birch"), quillhaven.row(2, Result="Birch")], **changes
    )
    buyers = made.tables["site_buyers"]
    assert sorted((row["line_number"], row["buyer_name"]) for row in buyers) == [
        (2, "Birch"),
        (2, "Cedar"),
        (3, "Birch"),
    ]
    assert {str(row["as_of_date"]) for row in buyers} == {"2026-04-30"}
    assert made.reading.rows_accepted == 2


def test_an_empty_cell_that_is_exploded_is_a_row_and_never_gone_in_silence(con: Con, tmp_path: Path) -> None:
    emit = {
        "table": "site_buyers",
        "key": ["Vendor Code", "Result"],
        "explode": {"column": "Result", "separator": "|"},
        "columns": {"Result": "buyer_name"},
        "constants": {"as_of_date": "{period}"},
    }
    changes: dict[str, Any] = {"emit": [emit], "columns": {"Result": "grade_raw"}}
    rows = [quillhaven.row(1, Result="Birch|Cedar"), quillhaven.row(2, Result="")]
    made = read_log(con, tmp_path, rows, **changes)
    assert [(row["line_number"], row["buyer_name"]) for row in made.tables["site_buyers"]] == [
        (2, "Birch"),
        (2, "Cedar"),
    ]
    assert [(reason[0], reason[3]) for reason in made.reasons] == [(3, "buyer_name is missing")]


def test_identifiers_are_emitted_where_filled(con: Con, tmp_path: Path) -> None:
    rows = [{**quillhaven.row(1), "OS ID": "TR2020055F2BQTZ"}, {**quillhaven.row(2), "OS ID": ""}]
    made = read_log(con, tmp_path, rows, identifiers={"OS ID": "os_id"})
    found = [(row["id_scheme"], row["id_value"], row["site_record_id"]) for row in made.tables["site_identifiers"]]
    assert found == [("os_id", "TR2020055F2BQTZ", made.tables["audit_records"][0]["site_record_id"])]


def test_a_value_that_no_emit_accepts_refuses_the_row_and_is_shown_scrubbed(con: Con, tmp_path: Path) -> None:
    emit = {
        "table": "site_buyers",
        "key": ["Vendor Code"],
        "when": {"Shareable": ["yes"]},
        "constants": {"buyer_name": "Q"},
    }
    changes: dict[str, Any] = {"emit": [emit], "skip": {"Shareable": {"never": "withdrawn"}}}
    rows = [
        quillhaven.row(1),
        quillhaven.row(2, Shareable="ask boss@example.org"),
        quillhaven.row(3, Shareable="never"),
    ]
    made = read_log(con, tmp_path, rows, **changes)
    assert [(r["column_name"], r["value"]) for r in made.refused if r["reason"] == "an unknown value"] == [
        ("Shareable", "ask")
    ]
    assert [row["line_number"] for row in made.tables["site_buyers"]] == [2]


def test_a_row_that_becomes_no_record_is_refused(con: Con, tmp_path: Path) -> None:
    emits = [{"table": name, "when": "City"} for name in ("site_records", "audit_records")]
    changes: dict[str, Any] = {"emits": [], "emit": emits}
    rows = [quillhaven.row(1), quillhaven.row(2, City="")]
    made = read_log(con, tmp_path, rows, **changes)
    assert made.reasons == [(3, "City", None, "the row becomes no record")]
    assert (made.reading.rows_accepted, made.reading.rows_refused) == (1, 1)


def test_extracted_parts_are_columns_and_a_cell_that_does_not_match_is_refused(con: Con, tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "extract": {"Street": r"^(?P<road>.+), (?P<code>\d{5})$"},
        "columns": {"Street.road": "site_address", "Street.code": "postal_code"},
    }
    source = quillhaven.source(**changes)
    feed = source.feed["log"]
    columns = {name: target for name, target in feed.columns.items() if name != "Street"}
    source = source.model_copy(update={"feed": {"log": feed.model_copy(update={"columns": columns})}})
    rows = [quillhaven.row(1, Street="12 Mill Road, 35000"), quillhaven.row(2, Street="somewhere")]
    made = read(con, tmp_path, source, LOG, as_csv(rows))
    assert [(s["site_address"], s["postal_code"]) for s in made.tables["site_records"]] == [("12 Mill Road", "35000")]
    assert (3, "Street", "somewhere", "does not look as declared") in made.reasons


def test_visibility_may_differ_by_table(con: Con, tmp_path: Path) -> None:
    made = read_log(con, tmp_path, [quillhaven.row()], visibility={"site_records": "public"})
    assert made.tables["site_records"][0]["visibility"] == "public"
    assert made.tables["audit_records"][0]["visibility"] == "consortium_site"


# --- personal data -------------------------------------------------------------------------------------------


def test_mail_addresses_and_telephone_numbers_never_get_past_reading(con: Con, tmp_path: Path) -> None:
    kept = {
        "12 Mill Road, ask elif.kaya@example.org": "12 Mill Road, ask",
        "12 Mill Road, tel. 0232 000 00 00": "12 Mill Road",
        "12 Mill Road (+90 232 000 00 00)": "12 Mill Road ()",
        "mobile: 0532-000-0000": None,
        "No. 12/4, Block B": "No. 12/4, Block B",
        "Plot 1234567, Phase 2": "Plot 1234567, Phase 2",
    }
    rows = [quillhaven.row(number, Street=written) for number, written in enumerate(kept, start=1)]
    sites = read_log(con, tmp_path, rows).tables["site_records"]
    assert [site["site_address"] for site in sites] == list(kept.values())


def test_refused_values_are_scrubbed_and_short(con: Con, tmp_path: Path) -> None:
    row = quillhaven.row(Country="elif@example.org says " + "x" * 900, Workers="call +90 232 000 00 00")
    made = read_log(con, tmp_path, [row])
    shown = {column: value for _, column, value, _ in made.reasons}
    assert shown["Country"] is not None and len(shown["Country"]) == 200 and shown["Country"].startswith("says xxx")
    assert shown["Workers"] == "call"
