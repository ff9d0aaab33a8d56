"""Damage to cells of a workbook: odd types, numbers that no calculation gives, places at the end of the world."""

import random
import re
import struct
from collections.abc import Mapping
from datetime import date, timedelta

from support.attack import binary, writing
from support.attack.inputs import Attack, Cell, Seed
from support.attack.values import nasty

# --- cells of odd types -----------------------------------------------------------------------------------------

#: XML of a cell, and what it says in plain words.
_SAID: tuple[tuple[str, str], ...] = (
    *((f'<c r="{{ref}}"><v>{text}</v></c>', text) for text in ("Infinity", "-INF", "NaN", "1e400", "1E+308", "1e-400")),
    *((f'<c r="{{ref}}"><v>{text}</v></c>', text) for text in ("0x10", "9" * 400)),
    ('<c r="{ref}" s="1"><v>46083</v></c>', (date(1899, 12, 30) + timedelta(46083)).isoformat()),
    ('<c r="{ref}" t="e"><v>#N/A</v></c>', "#N/A"),
    ('<c r="{ref}" t="e"><v>#SPILL!</v></c>', "#SPILL!"),
    ('<c r="{ref}" t="zzz"><v>1</v></c>', "1"),
    ('<c r="{ref}" s="99"><v>1</v></c>', "1"),
    ('<c r="{ref}" s="-1"><v>1</v></c>', "1"),
    ('<c r="{ref}"><v/></c>', ""),
    ('<c r="{ref}"><f>1+1</f><v>3</v></c>', "3"),
    ('<c r="{ref}" t="str"><f>A1</f><v>Infinity</v></c>', "Infinity"),
    ('<c r="{ref}"><f t="shared" si="99"/><v>5</v></c>', "5"),
    ('<c r="{ref}"><f t="array" ref="A1:XFD1048576">1</f><v>5</v></c>', "5"),
    ('<c r="{ref}" t="inlineStr"><is><r><t>Al</t></r><r><t>der</t></r></is></c>', "Alder"),
    ('<c r="{ref}" t="inlineStr"><is><t>a&#x202e;b</t></is></c>', "ab"),
    ('<c r="{ref}" t="inlineStr"><is><t><![CDATA[Alder]]></t></is></c>', "Alder"),
    ('<c r="{ref}" t="inlineStr"><is><t>Al<!-- x -->der</t></is></c>', "Alder"),
    ('<c r="{ref}" t="inlineStr"><is><t>&#x1b;[31mred</t></is></c>', "[31mred"),
)
_NUMBERS_OF_NO_DAY = (
    "Infinity",
    "NaN",
    "1e400",
    "-1e400",
    "-1",
    "1e18",
    "2958466",
    "1e300",
    "-693594",
    "abc",
    "99999999999",
)
#: XML of cells that are shown as days, and are none that anybody means.
_NO_DAY = (
    *(f'<c r="{{ref}}" s="1"><v>{number}</v></c>' for number in (*_NUMBERS_OF_NO_DAY, "2958465", "0")),
    *(f'<c r="{{ref}}" t="d"><v>{text}</v></c>' for text in ("0001-01-01", "9999-12-31T00:00:00", "Infinity")),
    *(f'<c r="{{ref}}" t="d"><v>{text}</v></c>' for text in ("-0001-01-01", "2026-02-30", "10000-01-01")),
)
#: XML of cells of which nobody can say what they mean: they may be read in any way, and must do no harm.
_UNCLEAR = (
    '<c r="{ref}" s="1"><v>60</v></c>',
    '<c r="{ref}" s="1"><v>46083.999999</v></c>',
    '<c r="{ref}" t="b"><v>2</v></c>',
    '<c r="{ref}" t="s"><v>999999</v></c>',
    '<c r="{ref}" t="s"><v>-1</v></c>',
    '<c r="{ref}" t="s"><v>1e400</v></c>',
    '<c r="{ref}"><f>1+1</f></c>',
    '<c r="{ref}" t="inlineStr"><is><t>a&#0;b</t></is></c>',
    '<c r="{ref}" t="inlineStr"><is><t>a&unknown;b</t></is></c>',
)
_TYPED = (*(xml for xml, _ in _SAID), *_NO_DAY, *_UNCLEAR)


def odd_type(seed: Seed, chance: random.Random) -> Attack:
    """A cell of an odd type."""
    assert seed.grid is not None
    row, place = chance.randrange(1, len(seed.grid)), chance.randrange(len(seed.grid[0]))
    xml = chance.choice(_TYPED)
    content = writing.zipped(writing.xlsx_parts(seed.grid, {(row, place): xml}))
    cell = None if xml in _UNCLEAR else Cell(row + 1, seed.grid[0][place], dict(_SAID).get(xml))
    return Attack(seed, f"odd_type {xml[:60]}", content, frozenset({row + 1}), cell)


_NUMBERS = (float("inf"), float("-inf"), float("nan"), 1e308, -1.0, 0.0, 60.0, 2958466.0, 1e18, 5e-324, 46083.0)


def odd_number(seed: Seed, chance: random.Random) -> Attack:
    """A number cell of a binary workbook, or a typed one of an .ods file, that no calculation gives."""
    assert seed.grid is not None
    row, place, number = (
        chance.randrange(1, len(seed.grid)),
        chance.randrange(len(seed.grid[0])),
        chance.choice(_NUMBERS),
    )
    style = chance.choice((0, 1))
    if seed.ending == "xls":
        record = struct.pack("<HHHHHd", 0x0203, 14, row, place, style, number)
        content = binary.ole(binary.xls_stream(seed.grid, {(row, place): record}))
    elif seed.ending == "xlsb":
        record = binary.part_record(5, struct.pack("<IId", place, style, number))
        content = writing.zipped(binary.xlsb_parts(seed.grid, {(row, place): record}))
    else:
        text = chance.choice((str(number), "Infinity", "1e400", "NaN", "0001-01-01", "9999-12-31", "+12345-01-01", "x"))
        kind = chance.choice(("float", "date", "percentage", "time", "boolean", "currency"))
        name = {"date": "date-value", "time": "time-value", "boolean": "boolean-value"}.get(kind, "value")
        xml = f'<table:table-cell office:value-type="{kind}" office:{name}="{text}"/>'
        content = writing.ods_of(writing.ods_rows(seed.grid, {(row, place): xml}))
    return Attack(seed, f"odd_number {number} style {style}", content, frozenset({row + 1}))


# --- far places -------------------------------------------------------------------------------------------------

_FAR = (
    '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
    '<row r="10"><c r="XFD10"><v>1</v></c></row>', '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
    '<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>', '<row r="0"><c r="A0"><v>1</v></c></row>',
    '<row r="20"><c r="ZZZZZZZ20"><v>1</v></c></row>', '<row r="-1"><c r="A-1"><v>1</v></c></row>',
    '<row r="20"><c r=""><v>1</v></c></row>', '<row r="20"><c><v>1</v></c></row>', '<row><c><v>1</v></c></row>',
    '<row r="3"><c r="A3" t="inlineStr"><is><t>twice</t></is></c></row>', '<row r="20"><c r="20A"><v>1</v></c></row>',
    '<row r="2000000"><c r="A2000000"><v>1</v></c></row>', '<row r="20"><c r="XFE20"><v>1</v></c></row>',
    '<row r="20"><c r="É20"><v>1</v></c></row>', '<row r="500000"><c r="ALL500000"><v>1</v></c></row>',
    '<row r="100000"><c r="XFD100000"><v>1</v></c></row>', '<row r="1048576"><c r="Z1048576"><v>1</v></c></row>',
    '<row r="20"><c r="A18446744073709551617"><v>1</v></c></row>', '<row r="1e9"><c r="A1e9"><v>1</v></c></row>',
)  # fmt: skip


def far_cell(seed: Seed, chance: random.Random) -> Attack:
    """A cell where none can be, or so far away that a table up to there fills the memory."""
    parts = writing.unzipped(seed.content)
    sheet = a_sheet(parts, chance)
    parts[sheet] = parts[sheet].replace(b"</sheetData>", chance.choice(_FAR).encode() + b"</sheetData>")
    return Attack(seed, "far_cell", writing.zipped(parts))


def repeated_cell(seed: Seed, chance: random.Random) -> Attack:
    """An .ods file that repeats cells and rows, as it may, up to sizes that no memory holds."""
    assert seed.grid is not None
    many = chance.choice((2, 16_384, 1_048_576, 4_294_967_295, 99_999_999_999, -1))
    text = "<text:p>x</text:p>" if chance.random() < 0.5 else ""
    kind = 'office:value-type="string"' if text else ""
    cell = f'<table:table-cell table:number-columns-repeated="{many}" {kind}>{text}</table:table-cell>'
    rows = chance.choice((1, 1, 1_048_576, 4_294_967_295))
    more = f'<table:table-row table:number-rows-repeated="{rows}">{cell}</table:table-row>'
    return Attack(seed, f"repeated_cell {many} {rows} {bool(text)}", writing.ods_of(writing.ods_rows(seed.grid) + more))


_RECORDS = (
    (0x0203, "<HHHd"),
    (0x0204, "<HHHH"),
    (0x0205, "<HHHBB"),
    (0x027E, "<HHHI"),
    (0x00FD, "<HHHI"),
    (0x00BD, "<HHHH"),
)


def far_record(seed: Seed, chance: random.Random) -> Attack:
    """The same in a binary workbook, with records of odd lengths."""
    assert seed.grid is not None
    if seed.ending == "xls":
        kind, layout = chance.choice(_RECORDS)
        values = [chance.choice((0, 1, 255, 0x7FFF, 0xFFFF)) for _ in layout[1:]]
        values = [value & 0xFF if letter == "B" else value for letter, value in zip(layout[1:], values, strict=True)]
        body = struct.pack(layout, *values)[: chance.choice((2, 6, 8, 99))]
        more = struct.pack("<HH", kind, chance.choice((len(body), len(body), 0, 0xFFFF))) + body
        return Attack(seed, f"far_record {kind:x}", binary.ole(binary.xls_stream(seed.grid, more=more)))
    row, place = chance.randrange(1, len(seed.grid)), chance.randrange(len(seed.grid[0]))
    far = struct.pack("<II", chance.choice((16_383, 0xFFFF, 0xFFFFFFFF, 1 << 20)), 0)
    text = chance.choice((binary.wide("x"), b"\xff\xff\xff\xff", b"\xff\xff\xff\x7fx", b""))
    line = struct.pack("<IIHHBI", chance.choice((1_048_575, 0xFFFFFFFF, 0)), 0, 300, 0, 0, 0)
    record = chance.choice((b"", binary.part_record(0, line))) + binary.part_record(6, far + text)
    return Attack(seed, "far_record", writing.zipped(binary.xlsb_parts(seed.grid, {(row, place): record})))


def nasty_cell(seed: Seed, chance: random.Random) -> Attack:
    """A cell of a shipped workbook says something odd; its other rows are as they were."""
    parts = writing.unzipped(seed.content)
    name = a_sheet(parts, chance)
    cells = list(re.finditer(rb'<c r="[A-Z]+(\d+)"[^>]*?(?:/>|>.*?</c>)', parts[name], flags=re.DOTALL))
    cell = chance.choice([found for found in cells if int(found[1]) > 3] or cells)
    ref = re.match(rb'<c r="([A-Z]+\d+)"', cell[0])
    assert ref is not None
    other = chance.choice([*_TYPED] + [writing.text_cell("{ref}", nasty(chance))] * 30)
    made = other.replace("{ref}", ref[1].decode()).encode("utf-8", "replace")
    parts[name] = parts[name][: cell.start()] + made + parts[name][cell.end() :]
    return Attack(seed, f"nasty_cell {ref[1].decode()} {other[:80]}", writing.zipped(parts))


def a_sheet(parts: Mapping[str, bytes], chance: random.Random) -> str:
    """The name of one of its sheets."""
    return chance.choice([name for name in parts if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)])
