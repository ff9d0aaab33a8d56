"""JSON and JSON lines: nested objects as dotted columns, numbers as written, refusals that say where."""

from pathlib import Path

import duckdb
import pytest

from conjoin.errors import UnreadableFile
from support.reading import raw_rows

Con = duckdb.DuckDBPyConnection

NESTED = b"""{
 "made": "2026-04-01",
 "suppliers": [
  {"name": "Alder", "place": {"city": "Izmir"}, "sites": [
    {"code": "A1", "visit": {"day": "2026-03-02", "open": true}, "codes": ["x", "y"]},
    {"code": "A2", "visit": {"day": null}}
  ]},
  {"name": "Birch", "sites": [{"code": "B1", "parts": [{"n": 1, "m": [null, "2"]}]}]}
 ]
}"""


def test_parents_carry_their_path_and_rows_their_own_names(con: Con, tmp_path: Path) -> None:
    read = raw_rows(con, tmp_path, NESTED, "json", records=["suppliers", "sites"])
    assert read == [
        {
            "#row": 1,
            "#line": 1,
            "suppliers.name": "Alder",
            "suppliers.place.city": "Izmir",
            "code": "A1",
            "visit.day": "2026-03-02",
            "visit.open": "true",
            "codes": "x|y",
        },
        {"#row": 2, "#line": 2, "suppliers.name": "Alder", "suppliers.place.city": "Izmir", "code": "A2"},
        {"#row": 3, "#line": 3, "suppliers.name": "Birch", "code": "B1", "parts": '{"m": [null, "2"], "n": 1}'},
    ]


@pytest.mark.parametrize("written", ["38.420", "1e-7", "0.00001", "12345678901234567890", "1" * 5000])
def test_numbers_stay_as_they_are_written(con: Con, tmp_path: Path, written: str) -> None:
    assert raw_rows(con, tmp_path, f'[{{"a": {written}}}]'.encode(), "json")[0]["a"] == written


def test_json_lines_are_numbered_by_line(con: Con, tmp_path: Path) -> None:
    content = b'{"a": "1"}\n\n{"a": "2", "b": {"c": "x\xe2\x80\xa8y"}}\n'
    read = raw_rows(con, tmp_path, content, "json_lines")
    assert read == [{"#row": 1, "#line": 1, "a": "1"}, {"#row": 3, "#line": 3, "a": "2", "b.c": "x\u2028y"}]


TREE_REFUSED = {
    "cut off": (NESTED[:-40], ["line 8", "column", "not JSON", "cut off"]),
    "a key twice": (b'{"suppliers": [{"name": "a",\n "name": "b"}]}', ["the key 'name' twice", "keep one"]),
    "no such path": (b'{"vendors": []}', ["no 'suppliers' in the top", "reader.records"]),
    "no such path below": (b'{"suppliers": [{"name": "a"}]}', ["no 'sites' in suppliers", "reader.records"]),
    "a plain value": (b"3", ["the top holds a plain value"]),
    "plain values below": (b'{"suppliers": [{"sites": ["A1"]}]}', ["suppliers.sites holds a plain value"]),
    "no record": (b'{"suppliers": []}', ["nothing was found", "reader.records (suppliers > sites)"]),
    "NaN": (b'{"suppliers": [{"sites": [{"a": NaN}]}]}', ["NaN", "export it as null"]),
    "half a character": (b'{"suppliers": [{"sites": [{"a": "\\ud83d"}]}]}', ["half of a character", "export it again"]),
    "names but for case": (b'{"suppliers": [{"sites": [{"a": 1, "A": 2}]}]}', ["'a' twice"]),
    "a name of ours": (b'{"suppliers": [{"sites": [{"#line": 1}]}]}', ["'#line'", "rename it"]),
    "an abyss": (b"[" * 100_000, ["nested too deeply"]),
    "wrong encoding": (b'{"suppliers":\n "\xfc"}', ["line 2", "not utf-8-sig", "reader.encoding"]),
    "nothing": (b"", ["empty (0 bytes)"]),
}


@pytest.mark.parametrize("case", TREE_REFUSED)
def test_tree_refusals(con: Con, tmp_path: Path, case: str) -> None:
    content, parts = TREE_REFUSED[case]
    _refused(con, tmp_path, content, "json", parts, records=["suppliers", "sites"])


LINES_REFUSED = {
    "a bad line": (b'{"a": 1}\n{"a": 2\n{"a": 3}\n', ["line 2", "column", "not JSON"]),
    "a list": (b'{"a": 1}\n[1]\n', ["line 2", "one object in braces"]),
    "a key twice": (b'{"a": 1}\n{"a": 1, "a": 2}\n', ["line 2", "the key 'a' twice"]),
    "Infinity": (b'{"a": 1}\n{"a": Infinity}\n', ["line 2", "Infinity", "export it as null"]),
    "wrong encoding": (b'{"a": 1}\n{"a": "\xff"}\n', ["line 2", "not utf-8-sig"]),
    "blank lines only": (b"\n \n", ["nothing was found"]),
}


@pytest.mark.parametrize("case", LINES_REFUSED)
def test_line_refusals(con: Con, tmp_path: Path, case: str) -> None:
    content, parts = LINES_REFUSED[case]
    _refused(con, tmp_path, content, "json_lines", parts)


def _refused(con: Con, folder: Path, content: bytes, file_format: str, parts: list[str], **reader: object) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        raw_rows(con, folder, content, file_format, **reader)  # type: ignore[arg-type]
    message = str(refusal.value)
    assert message.startswith("delivery")
    assert [part for part in parts if part not in message] == [], message
