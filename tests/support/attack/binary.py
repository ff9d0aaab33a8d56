"""Grids as binary workbooks: .xls and .xlsb, record by record."""

import struct
from collections.abc import Mapping

from support.attack.inputs import Grid
from support.attack.writing import xlsx_parts, zipped

# --- .xls -------------------------------------------------------------------------------------------------------


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _label(row: int, place: int, text: str) -> bytes:
    units = text.encode("utf-16-le", "surrogatepass")[:8000]
    return _record(0x0204, struct.pack("<HHHHB", row, place, 0, len(units) // 2, 1) + units)


def xls_stream(grid: Grid, special: Mapping[tuple[int, int], bytes] | None = None, more: bytes = b"") -> bytes:
    """The stream ``Workbook``; ``special`` gives whole records of cells, ``more`` comes after the rows."""
    formats = b"".join(_record(0x00E0, struct.pack("<HHHHBBBBIIH", 0, f, 0, 0, 0, 0, 0, 0, 0, 0, 0)) for f in (0, 14))
    name = b"Visits"
    cells = b"".join(
        (special or {}).get((row, place)) or (_label(row, place, text) if text else b"")
        for row, line in enumerate(grid)
        for place, text in enumerate(line)
    )
    size = _record(0x0200, struct.pack("<IIHHH", 0, len(grid), 0, max(map(len, grid)), 0))
    sheet = _bof(0x0010) + size + cells + more + _record(0x000A, b"")
    head = _bof(0x0005) + _record(0x0042, struct.pack("<H", 1200)) + formats
    bound_length = 4 + 6 + 2 + len(name)
    start = len(head) + bound_length + 4
    bound = _record(0x0085, struct.pack("<IBBBB", start, 0, 0, len(name), 0) + name)
    return head + bound + _record(0x000A, b"") + sheet


def ole(stream: bytes) -> bytes:
    """A compound file with one stream, as every .xls is."""
    stream = stream.ljust(4096, b"\0")
    count = -(-len(stream) // 512)
    stream = stream.ljust(count * 512, b"\0")
    fats = -(-(count + 2) // 127)
    chain = [0xFFFFFFFD] * fats + [0xFFFFFFFE]
    first = fats + 1
    chain += [*range(first + 1, first + count), 0xFFFFFFFE]
    table = b"".join(struct.pack("<I", entry) for entry in chain).ljust(fats * 512, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, fats, fats, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += b"".join(struct.pack("<I", place) for place in range(fats)).ljust(436, b"\xff")
    entries = _entry("Root Entry", 5, 0xFFFFFFFE, 0, 1) + _entry("Workbook", 2, first, len(stream), 0xFFFFFFFF)
    return head + table + entries.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
    text = name.encode("utf-16-le")
    body = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    body += struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child) + b"\0" * 36
    return body + struct.pack("<IQ", start, size)


def write_xls(grid: Grid) -> bytes:
    """An old workbook of texts."""
    return ole(xls_stream(grid))


# --- .xlsb ------------------------------------------------------------------------------------------------------


def part_record(kind: int, body: bytes = b"") -> bytes:
    """A record of a binary part: kind and length as numbers of seven bits a byte."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = len(body), b""
    while True:
        length, low = length >> 7, length & 0x7F
        size += bytes([low | (0x80 if length else 0)])
        if not length:
            return head + size + body


def wide(text: str) -> bytes:
    """A text with its length."""
    units = text.encode("utf-16-le", "surrogatepass")
    return struct.pack("<I", len(units) // 2) + units


def xlsb_parts(grid: Grid, special: Mapping[tuple[int, int], bytes] | None = None) -> dict[str, bytes]:
    """Everything that a binary workbook needs; ``special`` gives whole records of cells."""
    parts = xlsx_parts([["x"]])
    types = parts["[Content_Types].xml"].replace(b".xml", b".bin")
    rels = parts["xl/_rels/workbook.xml.rels"].replace(b".xml", b".bin")
    book = part_record(131) + part_record(143)
    book += part_record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("Visits"))
    book += part_record(144) + part_record(132)
    rows = b""
    for number, line in enumerate(grid):
        rows += part_record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0))
        for place, text in enumerate(line):
            own = (special or {}).get((number, place))
            rows += own or (part_record(6, struct.pack("<II", place, 0) + wide(text)) if text else b"")
    size = part_record(148, struct.pack("<IIII", 0, len(grid) - 1, 0, max(map(len, grid)) - 1))
    sheet = part_record(129) + size + part_record(145) + rows + part_record(146) + part_record(130)
    style = part_record(278) + part_record(617, struct.pack("<I", 1)) + part_record(47, b"\0" * 16) + part_record(618)
    return {
        "[Content_Types].xml": types,
        "_rels/.rels": parts["_rels/.rels"].replace(b"workbook.xml", b"workbook.bin"),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": rels,
        "xl/styles.bin": style + part_record(279),
        "xl/worksheets/sheet1.bin": sheet,
    }


def write_xlsb(grid: Grid) -> bytes:
    """A binary workbook of texts."""
    return zipped(xlsb_parts(grid))
