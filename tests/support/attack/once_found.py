"""Damaged files in which an attack once found something: every attack begins with them."""

import struct
from collections.abc import Iterator
from dataclasses import replace

from support.attack import binary, writing
from support.attack.inputs import Attack, Cell, Seed

_FAR = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
_COUNT = b'<sst xmlns="x" count="4294967295" uniqueCount="4294967295"><si><t>x</t></si></sst>'


def once_found(known: list[Seed]) -> Iterator[Attack]:
    """One attack for each fault."""
    seeds = {seed.name: seed for seed in known}
    yield from _texts(seeds)
    yield from _workbooks(seeds)


def _texts(seeds: dict[str, Seed]) -> Iterator[Attack]:
    judged, log, linked = seeds["judgements csv"], seeds["log utf-8-sig ',' '\\n'"], seeds["link csv"]
    reference = seeds["reference party_aliases"]
    for day in ("0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        yield _with(judged, "decided_at", day)
        yield _with(judged, "moved_on", day, 3)
    for seed, column in ((judged, "note"), (judged, "reviewer"), (linked, "name"), (reference, "source")):
        yield _with(seed, column, "a\0b")
    yield _with(judged, "note", '"\nb')
    yield Attack(
        judged, "open_quote", judged.content.replace(b"seen on", b'"seen on', 1).replace(b",seen", b',"seen', 1)
    )
    above, below = judged.content.split(b', 3"')
    yield Attack(judged, "open_quote", above + b", 3" + below.replace(b'"', b""))  # it swallows all rows below
    yield Attack(judged, "open_quote", judged.content.replace(b', 7"', b", 7"))  # it swallows the end of its own
    for text in ("\u202egnp.exe", "\x1b[31mred", "a\u2028b", "x" * 70_000, "a\x85b"):
        yield _with(log, "Programme", text)
        yield _with(judged, "judgement", text)
        yield _with(linked, "lat", text)
        yield _with(linked, "country", text)
        yield _with(log, "City", text, 0)
        yield _with(linked, "city", text, 0)
        yield _with(reference, None, text, 0)
    yield replace(_with(log, "Last Day", "Alder"), cell=Cell(3, "Last Day", "Alder"))
    yield Attack(log, "wide_row", log.content.rstrip(b"\n") + b",x" * 150_000 + b"\n")
    yield Attack(linked, "wide_header", b"x," * 150_000 + linked.content)


def _workbooks(seeds: dict[str, Seed]) -> Iterator[Attack]:
    book, old, part = seeds["book xlsx"], seeds["book xls"], seeds["book xlsb"]
    assert book.grid is not None
    for seed in (book, seeds["link xlsx"], seeds["judgements xlsx"]):
        parts = writing.unzipped(seed.content)
        far = {writing.SHEET: parts[writing.SHEET].replace(b"</sheetData>", _FAR)}
        yield Attack(seed, "far_cell", writing.zipped(parts | far))
        yield Attack(seed, "forged_count", writing.zipped(parts | {"xl/sharedStrings.xml": _COUNT}))
    for text in ("-1e400", "1e400", "NaN", "-INF"):
        xml = f'<c r="{{ref}}" s="1"><v>{text}</v></c>'
        yield Attack(book, "endless_day", writing.zipped(writing.xlsx_parts(book.grid, {(3, 11): xml})), frozenset({4}))
    for number in (float("inf"), float("-inf"), float("nan")):
        cell = struct.pack("<HHHHHd", 0x0203, 14, 3, 11, 1, number)
        yield Attack(old, "endless_day", binary.ole(binary.xls_stream(book.grid, {(3, 11): cell})), frozenset({4}))
        cell = binary.part_record(5, struct.pack("<IId", 11, 1, number))
        content = writing.zipped(binary.xlsb_parts(book.grid, {(3, 11): cell}))
        yield Attack(part, "endless_day", content, frozenset({4}))


def _with(seed: Seed, column: str | None, text: str, row: int = 2) -> Attack:
    """The file with one cell changed; without a column the first one."""
    assert seed.grid is not None
    assert seed.write is not None
    grid = [list(cells) for cells in seed.grid]
    grid[row][grid[0].index(column) if column else 0] = text
    touched = frozenset({seed.line(row)}) if row else None
    return Attack(seed, "once_found", seed.write(grid), touched)
