"""The letters of a PDF that a browser printed: enough to look for words in it, without a library."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)(?:stream\r?\n(.*?)endstream\s*)?endobj", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>")


def letters(pdf: bytes) -> str:
    """Every letter of the pages in the order in which they are drawn, blanks left out."""
    objects = {int(number): (head, _unpacked(head, body or b"")) for number, head, body in _OBJECT.findall(pdf)}
    fonts = {
        number: _letters_of(objects[int(found[1])][1])
        for number, (head, _) in objects.items()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", head))
    }
    named = {
        name: int(number) for head, _ in objects.values() for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", head)
    }
    drawn = []
    for body in (body for _, body in objects.values() if b" Tf" in body):
        font: dict[int, str] = {}
        for name, glyphs in _SHOWN.findall(body):
            if name:
                font = fonts.get(named.get(name, 0), {})
            else:
                drawn += [font.get(int(glyphs[place : place + 4], 16), "") for place in range(0, len(glyphs), 4)]
    return re.sub(r"\s+", "", "".join(drawn))


def _unpacked(head: bytes, body: bytes) -> bytes:
    return zlib.decompress(body.rstrip(b"\r\n")) if b"/FlateDecode" in head and body else body


def _letters_of(table: bytes) -> dict[int, str]:
    """Glyph to letters, as the font's own table has it."""
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for glyph, letter in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            found[int(glyph, 16)] = bytes.fromhex(letter.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, letter in re.findall(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            for glyph in range(int(first, 16), int(last, 16) + 1):
                found[glyph] = chr(int(letter, 16) + glyph - int(first, 16))
    return found


def glyphs_of_sheets(pdf: bytes) -> list[int]:
    """How many letters each page of a PDF draws as text (pictures of text are none)."""
    objects = {int(n): body for n, body in re.findall(rb"(?s)\b(\d+) 0 obj\b(.*?)\bendobj\b", pdf)}
    counts = []
    for body in objects.values():
        if re.search(rb"/Type\s*/Page\b", body):
            (number,) = re.findall(rb"/Contents\s+(\d+)\s+0\s+R", body)
            stream = objects[int(number)].partition(b"stream")[2].strip(b"\r\n").rpartition(b"endstream")[0]
            drawn = re.findall(rb"<([0-9A-Fa-f]+)>", zlib.decompressobj().decompress(stream))
            counts.append(sum(len(text) // 4 for text in drawn))
    return counts
