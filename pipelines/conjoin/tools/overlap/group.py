"""The group in which keys are hidden: ristretto255, as libsodium has it (rbcl). The only home of rbcl.

A key becomes a point of the group, a point is multiplied by a secret number (a *scalar*). Two secrets in either order
give the same point, and nobody takes a secret off again who does not know it: so two sides compare what both have
multiplied, and neither sees what was below.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha512
from typing import cast

import rbcl

POINT_BYTES = 32
_DOMAIN = b"conjoin overlap: key to ristretto255, version 1"

_from_hash = cast(Callable[[bytes], bytes], rbcl.crypto_core_ristretto255_from_hash)
_is_valid = cast(Callable[[bytes], bool], rbcl.crypto_core_ristretto255_is_valid_point)
_multiply = cast(Callable[[bytes, bytes], bytes], rbcl.crypto_scalarmult_ristretto255)
_random_scalar = cast(Callable[[], bytes], rbcl.crypto_core_ristretto255_scalar_random)


def fresh_scalar() -> bytes:
    """A secret of 32 bytes, from the machine's source of randomness; never zero."""
    return bytes(_random_scalar())


def point_of(run: str, recipe: str, key: str) -> bytes:
    """The point of a key in one run: under another run or recipe the same key is another point."""
    digest = sha512(_DOMAIN)
    for part in (run, recipe, key):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return bytes(_from_hash(digest.digest()))


def hidden(scalar: bytes, points: Iterable[bytes]) -> list[bytes]:
    """Each point multiplied by the secret, in order. The points must have passed ``is_point``."""
    return [bytes(_multiply(scalar, point)) for point in points]


def is_point(value: bytes) -> bool:
    """Whether the bytes are the one encoding of a point of the group, and not its neutral element."""
    return len(value) == POINT_BYTES and value != bytes(POINT_BYTES) and bool(_is_valid(value))


def first_bad_point(points: Sequence[bytes]) -> int | None:
    """The place of the first value that is no point, if any."""
    return next((place for place, value in enumerate(points) if not is_point(value)), None)
