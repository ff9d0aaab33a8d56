"""What is sealed comes back to the byte, or is refused: changed, moved, cut off, or opened with another key."""

import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.keeping import cipher
from conjoin.keeping.cipher import CHUNK, Key, Sealer, key_check_of, new_key, opened, sealed_length

KEY = Key(new_key())
HEADER = sealed_length(0) - 16
LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17]


def invented(length: int) -> bytes:
    return random.Random(length).randbytes(length)  # noqa: S311 - no secrets


def sealed(plain: bytes, key: Key = KEY, portion: int = 300_000) -> bytes:
    target = io.BytesIO()
    sealer = Sealer(target, key)
    for start in range(0, len(plain), portion):
        sealer.write(plain[start : start + portion])
    sealer.finish()
    return target.getvalue()


def unsealed(data: bytes, key: Key = KEY) -> bytes:
    return b"".join(opened(io.BytesIO(data), key))


@pytest.mark.parametrize("length", LENGTHS)
def test_what_is_sealed_comes_back_and_its_length_is_known_before(length: int) -> None:
    plain = invented(length)
    data = sealed(plain)
    assert unsealed(data) == plain
    assert len(data) == sealed_length(length)
    assert length < 16 or plain[:16] not in data


@given(st.binary(max_size=200), st.integers(1, 64), st.integers(1, 64), st.data())
def test_any_change_of_any_byte_is_noticed_in_chunks_of_any_size(
    plain: bytes, chunk: int, portion: int, drawn: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cipher, "CHUNK", chunk)
        data = sealed(plain, portion=portion)
        assert unsealed(data) == plain
        assert len(data) == sealed_length(len(plain))
        place = drawn.draw(st.integers(HEADER, len(data) - 1))
        changed = bytearray(data)
        changed[place] ^= drawn.draw(st.integers(1, 255))
        with pytest.raises(ValueError, match="changed, moved or cut off"):
            unsealed(bytes(changed))
        with pytest.raises(ValueError, match="changed, moved or cut off"):
            unsealed(data[: drawn.draw(st.integers(HEADER, len(data) - 1))])


def _parts(data: bytes) -> list[bytes]:
    size = CHUNK + 16
    return [data[:HEADER], *(data[start : start + size] for start in range(HEADER, len(data), size))]


PLAIN = invented(3 * CHUNK)
WHOLE = _parts(sealed(PLAIN))
OTHER = _parts(sealed(PLAIN))
ATTACKS = {
    "the end cut off at the end of a chunk": WHOLE[:-1],
    "all chunks cut off": WHOLE[:1],
    "two chunks exchanged": [WHOLE[0], WHOLE[2], WHOLE[1], WHOLE[3]],
    "a chunk left out in the middle": [WHOLE[0], WHOLE[1], WHOLE[3]],
    "a chunk repeated": [*WHOLE[:2], WHOLE[1], *WHOLE[2:]],
    "the last chunk twice": [*WHOLE, WHOLE[-1]],
    "something added": [*WHOLE, b"x"],
    "a chunk of another file with the same content": [*WHOLE[:2], OTHER[2], WHOLE[3]],
    "the header of another file": [OTHER[0], *WHOLE[1:]],
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_chunks_cannot_be_moved(attack: str) -> None:
    with pytest.raises(ValueError, match="changed, moved or cut off"):
        unsealed(b"".join(ATTACKS[attack]))


def test_another_key_opens_nothing_and_is_told_before() -> None:
    other = Key(new_key())
    assert key_check_of(io.BytesIO(WHOLE[0])) == KEY.check != other.check
    with pytest.raises(ValueError, match="changed, moved or cut off"):
        unsealed(b"".join(WHOLE), other)


@pytest.mark.parametrize(
    "start", [b"", b"visit,factory\n1,2\n" * 9, WHOLE[0][:-1]], ids=["empty", "a table", "cut off"]
)
def test_what_does_not_begin_as_a_sealed_file_is_told(start: bytes) -> None:
    with pytest.raises(ValueError, match="does not begin as an encrypted original"):
        key_check_of(io.BytesIO(start))


@pytest.mark.parametrize(
    "text",
    ["", "secret", "ü" * 44, new_key()[:-2], new_key() + "AAAA", "A" * 44],
    ids=["empty", "short", "no letters of a key", "cut off", "too long", "no padding"],
)
def test_what_is_no_key_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="a key is 44 letters") as refusal:
        Key(text)
    assert not text or text not in str(refusal.value)


def test_a_key_does_not_print_itself_and_two_files_never_look_alike() -> None:
    text = new_key()
    key = Key(f" {text}\n")
    assert text not in repr(key) + str(key)
    first, second = (sealed(b"hello", key)[HEADER : HEADER + 5] for _ in range(2))
    assert first != second  # a key of its own each: else equal nonces would give both away
