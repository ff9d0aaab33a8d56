"""The attack of `make fuzz` sees what it looks for: each kind of harm is done on purpose, and must be found."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from conjoin.sources.descriptor import Reader
from support.attack.comparing import feed_differences, judgement_differences, list_differences
from support.attack.expected import EXPECTED
from support.attack.findings import Findings, kept
from support.attack.inputs import Attack, Cell
from support.attack.oracle import judged
from support.attack.second import NotReadable, read_again
from support.attack.seeds import seeds
from support.attack.trial import Outcome, Row

SEEDS = {seed.name: seed for seed in seeds()}
LOG, SHEET, LIST = SEEDS["log utf-8-sig ',' '\\n'"], SEEDS["judgements csv"], SEEDS["link csv"]
LEFT, RIGHT = "northwind:7f3a9c2112345678", "wrap:0000000000000001"


def _row(line: int, **cells: object) -> Row:
    return {"line_number": line, "site_name": "Alder Loom Works", "city_name": "Izmir", **cells}


def _kinds(found: Outcome, touched: frozenset[int] | None = None, cell: Cell | None = None) -> list[str]:
    before = Outcome(rows={"a": _row(2), "b": _row(3)})
    kinds = [kind for kind, _ in judged(Attack(LOG, "one_cell", b"", touched, cell), found, before)]
    assert set(kinds) <= EXPECTED.keys()
    return kinds


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert _kinds(Outcome(rows={"a": _row(2), "b": _row(3)}), frozenset({3})) == []
    assert _kinds(Outcome(refusal="visits_2026-04.csv, line 3: what is this?"), frozenset({3})) == []


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (Outcome(rows={"b": _row(3)}), "row lost"),
        (Outcome(rows={"a": _row(2, city_name="Bursa"), "b": _row(3)}), "row changed"),
        (Outcome(rows={"a": _row(2), "b": _row(3, visit_start="0001-01-01")}), "implausible day"),
        (Outcome(rows={"a": _row(2), "b": _row(3, latitude=float("inf"))}), "implausible number"),
        (Outcome(rows={"a": _row(2), "b": _row(3, city_name="a\0b")}), "NUL accepted"),
        (Outcome(rows={"a": _row(2), "b": _row(3)}, told=["a\x1b[31mb"]), "raw characters"),
        (Outcome(refusal="visits_2026-04.csv: a\u202eb"), "raw characters"),
        (Outcome(refusal="visits_2026-04.csv: " + "x" * 9_000), "too long"),
        (Outcome(refusal="something is wrong"), "file not named"),
        (Outcome(problems=[("exception", "ValueError")]), "exception"),
    ],
)
def test_harm_is_found(found: Outcome, kind: str) -> None:
    assert _kinds(found, frozenset({3})) == [kind]


def test_a_cell_that_was_given_another_meaning_is_found() -> None:
    found = Outcome(rows={"a": _row(2), "b": _row(3, city_name="Bursa")})
    assert _kinds(found, frozenset({3}), Cell(3, "City", "Izmir")) == ["another meaning"]


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        ("select 1", []),
        ('delete from raw where "#row" = 4', ["rows lost or made up"]),
        ("insert into raw select * from raw limit 1", ["rows lost or made up"]),
        ("update raw set city = 'Bursa' where \"#row\" = 4", ["cells lost or made up"]),
        ('update raw set "#line" = 8 where "#row" = 8', ["wrong line"]),
    ],
)
def test_rows_and_cells_are_compared_with_a_second_reading(
    con: duckdb.DuckDBPyConnection, statement: str, kinds: list[str]
) -> None:
    assert LIST.grid is not None
    columns = ", ".join(f"{name} varchar" for name in LIST.grid[0])
    con.execute(f'create table raw ("#row" bigint, "#line" bigint, "#sheet" varchar, {columns})')
    for number, cells in enumerate(LIST.grid[1:], start=1):
        con.execute(f"insert into raw values ({', '.join('?' * (len(cells) + 3))})", [number, number + 1, None, *cells])
    con.execute(statement)
    assert [kind for kind, _ in list_differences(con, LIST.content)] == kinds


def test_rows_that_an_open_quote_swallows_are_found(con: duckdb.DuckDBPyConnection) -> None:
    assert LOG.source is not None
    damaged = LOG.content.replace(b"Alder", b'"Alder', 1)
    with pytest.raises(NotReadable):
        read_again(damaged, "csv", Reader())
    assert [kind for kind, _ in feed_differences(con, LOG.source.feed["log"], damaged)] == ["read though damaged"]
    sheet = SHEET.content.replace(b', 7"', b", 7")
    assert [kind for kind, _ in judgement_differences([], sheet)] == ["read though damaged"]


@pytest.mark.parametrize(("row", "is_read"), [(b"a,b", True), (b"a,b,, ", True), (b"a,b,c", False), (b"a", False)])
def test_cells_beyond_the_header_are_nothing_only_if_they_are_blank(row: bytes, is_read: bool) -> None:
    if is_read:
        second = read_again(b"A,B\n" + row, "csv", Reader())
        assert second is not None
        assert [list(cells.values()) for _, cells in second.rows] == [["a", "b"]]
    else:
        with pytest.raises(NotReadable):
            read_again(b"A,B\n" + row, "csv", Reader())


def test_judgements_are_counted_and_compared() -> None:
    sheet = f"record_id_left,record_id_right,judgement,reviewer,role,note\n{LEFT},{RIGHT},same,RK,,two gates\n".encode()
    row = {"left": LEFT, "right": RIGHT, "reviewer": "RK", "role": "", "note": "two gates"}
    assert judgement_differences([row], sheet) == []
    assert [kind for kind, _ in judgement_differences([], sheet)] == ["rows lost or made up"]
    assert [kind for kind, _ in judgement_differences([row | {"note": ""}], sheet)] == ["cells lost or made up"]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b'{"visits": [{"City": "Izmir"}, {"City": "Bursa"}]}', 2),
        (b'{"visits": [{"City": "Izmir"}, {"City": "Bursa"}', None),
        (b'{"audits": []}', None),
        (b"\xff", None),
    ],
)
def test_json_is_read_again(content: bytes, rows: int | None) -> None:
    if rows is None:
        with pytest.raises(NotReadable):
            read_again(content, "json", Reader(records=["visits"]))
    else:
        second = read_again(content, "json", Reader(records=["visits"]))
        assert second is not None
        assert len(second.rows) == rows


def test_findings_of_one_kind_are_kept_once_and_can_be_tried_again(tmp_path: Path) -> None:
    findings = Findings(tmp_path)
    attack = Attack(LOG, "far_cell 7", b"content", frozenset({3}), Cell(3, "City", "a\0b"))
    for detail in ("SIGABRT\nin one place", "SIGABRT\nin another"):
        findings.keep(attack, "crash", detail)
    findings.keep(attack, "crash", "SIGSEGV\n")
    assert [(name, found.count) for name, found in findings.by_signature.items()] == [
        ("feed csv: crash: SIGABRT, far_cell", 2),
        ("feed csv: crash: SIGSEGV, far_cell", 1),
    ]
    (first, _) = findings.by_signature["feed csv: crash: SIGABRT, far_cell"].inputs
    name, about = kept(Path(first))
    assert Attack(SEEDS[name], **about) == attack


_ENDS = """
import json, os, sys
from support.attack.warden import watched
def endless():
    while True: pass
def greedy():
    try: bytearray(1 << 30)
    except MemoryError: return "no memory"
ends = [watched(work, seconds=1, most=1 << 28) for work in (lambda: "read", os.abort, endless, greedy)]
print(json.dumps([[ending.told, ending.signal] for ending in ends]))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory as Linux keeps them")
def test_a_process_that_dies_hangs_or_grows_is_found() -> None:
    tests = Path(__file__).parents[1]
    told = subprocess.run([sys.executable, "-c", _ENDS], cwd=tests, stdout=subprocess.PIPE, check=True, timeout=60)
    assert json.loads(told.stdout) == [["read", 0], [None, 6], [None, 24], ["no memory", 0]]
