"""Damage to the parts of a workbook and to the archive around them."""

import io
import random
import re
import zipfile
from collections.abc import Callable

from support.attack import writing
from support.attack.damage import DAMAGES
from support.attack.inputs import Attack, Seed
from support.attack.odd_cells import a_sheet

# --- parts of the archive ---------------------------------------------------------------------------------------

_BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + '<!ENTITY file SYSTEM "file:///etc/hostname">]>'  # fmt: skip


def odd_xml(seed: Seed, chance: random.Random) -> Attack:
    """XML that is well formed or nearly so, and means something else than a sheet of an exporter."""
    parts = writing.unzipped(seed.content)
    name = a_sheet(parts, chance)
    text = parts[name]
    ways: dict[str, Callable[[], bytes]] = {
        "dimension": lambda: text.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'),
        "merged": lambda: text.replace(
            b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
        ),
        "entities": lambda: re.sub(rb"^<\?xml.*?\?>", _BOMB.encode(), text).replace(b"Izmir", b"&j;&file;"),
        "nested": lambda: text.replace(b"</sheetData>", b"<x>" * 100_000 + b"</sheetData>"),
        "said to be utf-16": lambda: text.replace(b'encoding="UTF-8"', b'encoding="UTF-16"'),
        "in utf-16": lambda: text.decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"),
        "no namespace": lambda: re.sub(rb' xmlns="[^"]*"', b"", text),
        "prefix": lambda: re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", text).replace(b"xmlns=", b"xmlns:x="),
        "no rows": lambda: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", text, flags=re.DOTALL),
        "rows backwards": lambda: _backwards(text),
        "empty": lambda: b"",
        "long attribute": lambda: text.replace(b'r="2"', b'r="' + b"2" * 300_000 + b'"', 1),
    }
    kind = chance.choice(list(ways))
    parts[name] = ways[kind]()
    return Attack(seed, f"odd_xml {kind}", writing.zipped(parts))


_SHEET_NAMES = (b"a\xe2\x80\xaeb", b"a&#x1b;[31m", b"x" * 5_000, b"", b"*", b"[a]", b"&#0;", b"Visits'!A1", b"a&#10;b")
_COUNTS = (b"4294967295", b"18446744073709551615", b"-1")
_FORMATS = (b"99999", b"-1", b"46", b"22", b"x")


def odd_book(seed: Seed, chance: random.Random) -> Attack:
    """A workbook whose list of sheets, styles or dates is odd."""
    parts = writing.unzipped(seed.content)
    book, rels, styles = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
    text, links, looks = parts[book], parts[rels], parts.get(styles, b"")
    shared = b'<sst xmlns="x" count="4294967295" uniqueCount="' + chance.choice(_COUNTS) + b'"><si><t>x</t></si></sst>'
    named = rb'<sheet \1name="' + chance.choice(_SHEET_NAMES) + b'"'
    ways: dict[str, tuple[str, bytes]] = {
        "1904": (book, text.replace(b"<workbookPr/>", b'<workbookPr date1904="1"/>')),
        "sheet name": (book, re.sub(rb'<sheet ([^>]*)name="[^"]*"', named, text)),
        "many sheets": (book, re.sub(rb"(<sheet [^>]*/>)", rb"\1" * 3_000, text)),
        "hidden": (book, text.replace(b"<sheet ", b'<sheet state="veryHidden" ')),
        "no sheets": (book, re.sub(rb"<sheet [^>]*/>", b"", text)),
        "target outside": (rels, links.replace(b"worksheets/", b"../../../etc/")),
        "count": ("xl/sharedStrings.xml", shared),
        "style": (styles, looks.replace(b'numFmtId="14"', b'numFmtId="' + chance.choice(_FORMATS) + b'"')),
        "without": (chance.choice(list(parts)), b""),
    }
    kind = chance.choice(list(ways))
    name, content = ways[kind]
    return Attack(seed, f"odd_book {kind}", writing.zipped({**parts, name: content}))


def damaged_part(seed: Seed, chance: random.Random) -> Attack:
    """Bytes of one part are damaged, and the archive around it is whole."""
    parts = writing.unzipped(seed.content)
    name, way = chance.choice([part for part in parts if parts[part]]), chance.choice(list(DAMAGES))
    parts[name] = DAMAGES[way](parts[name], chance)
    return Attack(seed, f"damaged_part {name} {way}", writing.zipped(parts))


def odd_zip(seed: Seed, chance: random.Random) -> Attack:
    """An archive that says odd things about its parts."""
    parts, data = writing.unzipped(seed.content), bytearray(seed.content)
    target = io.BytesIO()
    kind = chance.choice(
        ("twice", "outside", "many", "before", "behind", "sizes", "method", "encrypted", "stored", "bomb")
    )
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED if kind == "stored" else zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, archive.compression)
        if kind == "twice":
            name = chance.choice(list(parts))
            archive.writestr(zipfile.ZipInfo(name), parts[name][: len(parts[name]) // 2])
        elif kind == "outside":
            archive.writestr("../../outside\x1b[31m.xml", b"x")
        elif kind == "many":
            for number in range(2_000):
                archive.writestr(f"xl/worksheets/more{number}.xml", b"<f>")
        elif kind == "bomb":
            archive.writestr("xl/worksheets/sheet9.xml", b" " * 19_000_000)
    made = target.getvalue()
    if kind == "before":
        made = b"PK\x03\x04" * chance.choice((1, 100)) + made
    elif kind == "behind":
        made += b"x" * chance.choice((1, 70_000))
    elif kind in ("sizes", "method", "encrypted"):
        at, values = {"sizes": (24, (0, 1, 0xFF)), "method": (10, (99, 12, 1)), "encrypted": (8, (1, 9))}[kind]
        starts = [found.start() for found in re.finditer(b"PK\x01\x02", data)]
        data[chance.choice(starts) + at] = chance.choice(values)
        made = bytes(data)
    return Attack(seed, f"odd_zip {kind}", made)


def _backwards(text: bytes) -> bytes:
    rows = re.findall(rb"<row .*?</row>", text, flags=re.DOTALL)
    start, end = text.find(b"<sheetData>") + 11, text.rfind(b"</sheetData>")
    return text[:start] + b"".join(reversed(rows)) + text[end:]
