"""Damage to bytes, whatever they mean."""

import random
from collections.abc import Callable

_INJECTED = (
    b'"', b",", b";", b"\t", b"|", b"\0", b"\r", b"\n", b"\r\n", b"\r\r\n", b"\x1a", b"\x1b[31m", b"\x7f", b"\xff",
    b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\xe2\x80\xa8", b"\xc2\x85", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xfe\xff", b"{", b"}", b"[", b"]", b":", b"\\", b"\\u0000", b"\\ud800", b"NaN", b"Infinity", b"1e400", b"-",
    b"=1+1", b"'", b"<!--",
    b"]]>", b"&#0;", b"&#x202e;", b"<c>", b"</row>", b"PK\x03\x04", b"PK\x05\x06", b"\x85", b"\xa0",
)  # fmt: skip
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"+/v8-", b"\xef\xbb\xbf" * 2)


def _place(data: bytes, chance: random.Random) -> int:
    return chance.randrange(len(data) + 1)


def flip_bits(data: bytes, chance: random.Random) -> bytes:
    """Single bits, as a bad cable flips them."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def set_bytes(data: bytes, chance: random.Random) -> bytes:
    """Bytes that mean something to a parser."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        changed[chance.randrange(len(changed))] = chance.choice(
            (0, 0xFF, 0x7F, 0x80, 0x22, 0x0A, chance.randrange(256))
        )
    return bytes(changed)


def truncate(data: bytes, chance: random.Random) -> bytes:
    """The rest is missing."""
    return data[: max(1, _place(data, chance))]


def behead(data: bytes, chance: random.Random) -> bytes:
    """The beginning is missing."""
    return data[chance.randrange(len(data)) :]


def repeat_chunk(data: bytes, chance: random.Random) -> bytes:
    """A piece comes again."""
    start, end = sorted((_place(data, chance), _place(data, chance)))
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 9)) + data[end:]


def swap_chunks(data: bytes, chance: random.Random) -> bytes:
    """Two pieces change places."""
    first, second, third = sorted(_place(data, chance) for _ in range(3))
    return data[:first] + data[second:third] + data[first:second] + data[third:]


def cut_chunk(data: bytes, chance: random.Random) -> bytes:
    """A piece is missing."""
    start = _place(data, chance)
    return data[:start] + data[start + chance.choice((1, 2, 3, 8, 64, 512)) :] or b" "


def inject(data: bytes, chance: random.Random) -> bytes:
    """What a parser looks for stands where it should not."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = _place(data, chance)
        data = data[:place] + chance.choice(_INJECTED) + data[place:]
    return data


def zero_run(data: bytes, chance: random.Random) -> bytes:
    """A block was never written."""
    place = _place(data, chance)
    return data[:place] + b"\0" * chance.choice((1, 4, 512)) + data[place + chance.choice((0, 1, 4, 512)) :]


def big_number(data: bytes, chance: random.Random) -> bytes:
    """A little-endian number somewhere becomes enormous, or wraps around."""
    place = _place(data, chance)
    number = chance.choice((0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFF, 0xFFFFFFFE, 1 << 28))
    return data[:place] + number.to_bytes(4, "little") + data[place + 4 :]


def other_mark(data: bytes, chance: random.Random) -> bytes:
    """Another byte order mark, or two."""
    for mark in _MARKS[:3]:
        data = data.removeprefix(mark)
    return chance.choice(_MARKS) + data


def mixed_line_ends(data: bytes, chance: random.Random) -> bytes:
    """Every line ends in a way of its own."""
    lines = data.split(b"\n")
    ends = [chance.choice((b"\n", b"\r\n", b"\r", b"\n\n", b"\r\r\n", b"\x0b", b"\x85")) for _ in lines]
    return b"".join(line + end for line, end in zip(lines, ends, strict=True))


def shuffle_lines(data: bytes, chance: random.Random) -> bytes:
    """Lines in any order."""
    lines = data.splitlines(keepends=True)
    chance.shuffle(lines)
    return b"".join(lines) or b" "


def other_encoding(data: bytes, chance: random.Random) -> bytes:
    """Another encoding than the declaration says."""
    text = data.decode(chance.choice(("utf-8", "utf-16", "cp1252")), errors="replace")
    return text.encode(chance.choice(("utf-16", "utf-32", "utf-16-be", "utf-7", "cp037", "cp1254")), errors="replace")


def long_line(data: bytes, chance: random.Random) -> bytes:
    """A line without end."""
    place = _place(data, chance)
    piece = chance.choice((b"x", b'"', b",", b";", b"\t", b"a,", b"\xc3\xa9", b"[", b'{"a":', b" ", b"\n", b'""'))
    return data[:place] + piece * (chance.choice((3_000, 70_000, 300_000, 2_100_000)) // len(piece)) + data[place:]


_ALL = (
    flip_bits, set_bytes, truncate, behead, repeat_chunk, swap_chunks, cut_chunk, inject, zero_run, big_number,
    other_mark, mixed_line_ends, shuffle_lines, other_encoding, long_line,
)  # fmt: skip
DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {way.__name__: way for way in _ALL}
