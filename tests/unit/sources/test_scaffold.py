"""A new source from a real file: all of its header, none of its values, and refused until it is finished."""

from pathlib import Path

import pytest

from conjoin.errors import DeclarationError, SourceError
from conjoin.sources import registry
from conjoin.sources.scaffold import scaffold
from support import quillhaven
from support.files import as_csv, as_sheet


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("export.csv", as_csv(quillhaven.rows(2), delimiter=";"), 'delimiter = ";"'),
        ("export.txt", as_csv(quillhaven.rows(2), delimiter="\t", encoding="utf-16"), 'encoding = "utf-16"'),
        ("export.csv", as_csv(quillhaven.rows(2), encoding="cp1254"), 'encoding = "cp1252"'),
        ("export.xlsx", as_sheet(quillhaven.rows(2)), 'format  = "workbook"'),
    ],
)
def test_every_column_and_no_value_of_the_file_stands_in_it(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    export = tmp_path / name
    export.write_bytes(content)
    text = scaffold(tmp_path, "brands/newbrand", export).read_text(encoding="utf-8")
    assert told in text
    assert [column for column in quillhaven.HEADER if f'"{column}"' not in text] == []
    assert "Alder Loom Works" not in text
    assert "example.org" not in text


def test_it_is_refused_until_it_is_finished(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(as_csv(quillhaven.rows(1)))
    path = scaffold(tmp_path, "brands/newbrand", export)
    with pytest.raises(DeclarationError, match="TODO"):
        registry.read_source(path)


@pytest.mark.parametrize("name", ["newbrand", "shops/newbrand", "brands/New Brand", "brands/../x"])
def test_a_name_of_another_form_is_refused(tmp_path: Path, name: str) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(as_csv(quillhaven.rows(1)))
    with pytest.raises(SourceError, match="write <kind>/<name>"):
        scaffold(tmp_path, name, export)


def test_an_existing_folder_and_an_unknown_ending_are_refused(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(as_csv(quillhaven.rows(1)))
    scaffold(tmp_path, "brands/newbrand", export)
    with pytest.raises(SourceError, match="exists already"):
        scaffold(tmp_path, "brands/newbrand", export)
    with pytest.raises(SourceError, match=r"files that end in '\.pdf' are not read"):
        scaffold(tmp_path, "brands/other", tmp_path / "export.pdf")


def test_what_is_known_of_the_layout_is_taken_and_helps_the_guess(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    lines = "Report, made, by, hand\n\nName;Şehir;Land\n" + "Müller;Köln;DE\n" * 1000
    export.write_bytes(lines.encode("cp1254"))
    text = scaffold(tmp_path, "brands/newbrand", export, {"skip_rows": 2, "encoding": "cp1254"}).read_text("utf-8")
    assert 'reader  = { encoding = "cp1254", delimiter = ";", skip_rows = 2 }' in text
    assert '"Şehir" = "TODO"' in text


def test_every_open_place_is_told_with_its_line(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(as_csv(quillhaven.rows(1)))
    path = scaffold(tmp_path, "brands/newbrand", export)
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(DeclarationError, match="not finished yet") as refusal:
        registry.read_source(path)
    told = [int(line.split()[1].rstrip(":")) for line in str(refusal.value).splitlines()[1:]]
    assert told == [number for number, line in enumerate(lines, start=1) if '"TODO' in line]


def test_a_mistake_is_told_once_and_by_its_place(tmp_path: Path) -> None:
    export = tmp_path / "export.csv"
    export.write_bytes(as_csv(quillhaven.rows(1)))
    path = scaffold(tmp_path, "brands/newbrand", export)
    path.write_text(path.read_text(encoding="utf-8").replace("TODO", "x"), encoding="utf-8")
    with pytest.raises(DeclarationError) as refusal:
        registry.read_source(path)
    told = [line.split(": ") for line in str(refusal.value).splitlines() if "columns.Factory" in line]
    assert [place for place, _ in told] == ["  feed.audits.columns.Factory"]
    assert told[0][1].startswith("no field 'x' in schemas/fields.toml")
