"""Text of any script into plain ASCII, whole columns at a time.

What happens here is done on columns, never on rows: the texts that are not ASCII are joined into one long string,
cleaned and transliterated by a table of the characters that occur, and split again. Texts that are ASCII already pass
untouched. ``tokens`` cuts the result into words.

Turkish letters are folded before anything is lower-cased, because ``"İSTANBUL".lower()`` has nine code points. A
character that an export has lost (``?`` inside a word, U+FFFD, an empty box) becomes the wildcard ``?``.
"""

import html
import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii

NORMALISATION_VERSION = "4"
"""Changes with every change that alters an output; a match model of another version is refused."""

MAX_TEXT_LENGTH = 500
"""Characters of a text that count; a cell of a megabyte costs no more than this."""

WILDCARD = "?"

_TURKISH = {"İ": "I", "ı": "i", "Ş": "S", "ş": "s", "Ğ": "G", "ğ": "g", "Ü": "U", "ü": "u", "Ö": "O", "ö": "o"} | {
    "Ç": "C",
    "ç": "c",
}
_OWN_SPELLINGS = _TURKISH | {"Đ": "D", "đ": "d", "ß": "ss", "Ł": "L", "ł": "l", "ä": "a", "Ä": "A", "å": "a", "Å": "A"}
_LOST = "\ufffd\u25a1\u25af\u2610"
_LETTERS_OF_NATIVE_SCRIPTS = re.compile(
    "[\u0400-\u04ff\u0530-\u058f\u0590-\u05ff\u0600-\u06ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
_MOJIBAKE = re.compile(
    "[\u00c2-\u00c5\u00ce\u00cf\u00e2][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
_TURKISH_AS_LATIN = re.compile("[ÞþÐðÝý]")
_LEFT_OVER = re.compile("[\u00c2-\u00c5][\u0080-\u00bf\u0178\u017d\u017e]?")
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-fA-F]{2,5}|[a-zA-Z]{2,8});")


def repair_mojibake(text: str) -> str:
    """The text as it was before it was read in the wrong encoding, as far as its bytes survived.

    UTF-8 read as Windows-1252 is undone only if the whole text survives the way back strictly; then Turkish
    (Windows-1254) read as Western. What cannot be undone keeps a wildcard in place of each broken run.
    """
    if _MOJIBAKE.search(text):
        for encoding in ("cp1252", "latin-1"):
            try:
                return text.encode(encoding).decode("utf-8")
            except UnicodeError:
                continue
        text = _MOJIBAKE.sub(WILDCARD, text)
        return _LEFT_OVER.sub(WILDCARD, text)
    if _TURKISH_AS_LATIN.search(text):
        try:
            return text.encode("cp1252").decode("cp1254")
        except UnicodeError:
            return text
    return text


def has_native_letters(text: str) -> bool:
    """Whether the text holds letters of a script that has no Latin letters."""
    return _LETTERS_OF_NATIVE_SCRIPTS.search(text) is not None


def _character_table(characters: set[str]) -> dict[int, str]:
    table: dict[int, str] = {}
    for character in characters:
        if character < "\x80":
            continue
        if character in _OWN_SPELLINGS:
            table[ord(character)] = _OWN_SPELLINGS[character]
        elif character in _LOST:
            table[ord(character)] = WILDCARD
        elif unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me", "Cs", "Co", "Cn"):
            table[ord(character)] = ""
        elif unicodedata.category(character) in ("So", "Sk"):
            table[ord(character)] = " "
        else:
            latin = anyascii(character)
            is_syllable = len(latin) > 1 and _LETTERS_OF_NATIVE_SCRIPTS.match(character) and character >= "\u2e80"
            table[ord(character)] = f" {latin.strip()} " if is_syllable else latin
    return table


def fold_texts(texts: Sequence[str]) -> list[str]:
    """The texts in ASCII letters, case kept; one result per text, in order.

    The syllables of Chinese, Japanese and Korean stand apart, so that they can be told apart as words.
    """
    repaired = [repair_mojibake(text.replace("\n", " ")) for text in texts]
    blob = unicodedata.normalize("NFKC", "\n".join(repaired))
    folded = blob.translate(_character_table(set(blob))).split("\n")
    if len(folded) != len(texts):  # a character whose compatibility form holds a line break; none is known
        return [anyascii(text).replace("\n", " ") for text in repaired]
    return folded


def fold_column(column: pa.Array) -> pa.Array:
    """A column of any text as ASCII text without nulls, cut at ``MAX_TEXT_LENGTH`` characters.

    Args:
        column: Strings of any script; null means missing and becomes the empty text.

    Returns:
        Strings of the same length and order; letters keep their case, control characters are blanks.
    """
    column = pc.utf8_slice_codeunits(pc.fill_null(column.cast(pa.large_string()), ""), 0, MAX_TEXT_LENGTH)
    if len(column) == 0:
        return column
    has_entity = pc.match_substring_regex(column, r"&[#a-zA-Z0-9]{2,8};")
    is_plain = pc.and_(pc.string_is_ascii(column), pc.invert(has_entity))
    if pc.all(is_plain).as_py():
        return column
    rows = np.flatnonzero(~np.asarray(is_plain))
    texts = [_ENTITY.sub(lambda match: html.unescape(match.group()), text) for text in column.take(rows).to_pylist()]
    return pc.replace_with_mask(column, pc.invert(is_plain), pa.array(fold_texts(texts), pa.large_string()))


def text_bytes(column: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """The bytes of an ASCII column and the offset at which each text begins, with the end as last offset."""
    buffers = column.buffers()
    offsets = np.frombuffer(buffers[1], dtype=np.int64)[column.offset : column.offset + len(column) + 1]
    if buffers[2] is None or len(column) == 0:
        return np.zeros(0, dtype=np.uint8), np.zeros(len(column) + 1, dtype=np.int64)
    data = np.frombuffer(buffers[2], dtype=np.uint8)[offsets[0] : offsets[-1]]
    return data, offsets - offsets[0]
