"""The form of site ids: ``CJ``, ten Crockford base-32 characters, one check character.

The ten characters are the first 50 bits of SHA-256 over the founding record's id and a generation number, which is 0
unless that id is taken. Which record founds a site, and which site keeps an id, is decided in ``inheriting``.
"""

from collections.abc import Callable, Collection, Iterable
from hashlib import sha256

import numpy as np
import numpy.typing as npt

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "CJ"
_POLYNOMIAL = 0b100101
_LENGTH = 10
_ALPHABET = np.frombuffer(SYMBOLS.encode(), dtype=np.uint8)


def _products() -> npt.NDArray[np.uint8]:
    """Product of each value with a to the power of its place, over GF(32) with a primitive a."""
    table = np.zeros((_LENGTH, 32), dtype=np.uint8)
    table[0] = np.arange(32)
    for place in range(1, _LENGTH):
        doubled = table[place - 1].astype(np.int64) << 1
        table[place] = np.where(doubled & 32, doubled ^ _POLYNOMIAL, doubled)
    return table


_PRODUCTS = _products()


def _check_values(body: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The value that makes wrong characters and swapped neighbours visible, per row of ten values."""
    checks: npt.NDArray[np.uint8] = np.bitwise_xor.reduce(_PRODUCTS[np.arange(_LENGTH), body], axis=1)
    return checks


def mint_site_ids(founders: Iterable[str], generation: int = 0) -> list[str]:
    """The ids of the sites that some records found, in order."""
    digests = b"".join(sha256(f"{founder}\n{generation}".encode()).digest()[:8] for founder in founders)
    bits = np.frombuffer(digests, dtype=">u8").astype(np.uint64) >> np.uint64(14)
    shifts = np.arange(5 * (_LENGTH - 1), -1, -5, dtype=np.uint64)
    body = (bits[:, None] >> shifts & np.uint64(31)).astype(np.uint8)
    letters = _ALPHABET[np.column_stack((body, _check_values(body)))]
    text = letters.tobytes().decode()
    return [PREFIX + text[start : start + _LENGTH + 1] for start in range(0, len(text), _LENGTH + 1)]


def mint_site_id(founder: str, generation: int = 0) -> str:
    """The id of the site that a record founds."""
    return mint_site_ids([founder], generation)[0]


def is_site_id(value: str) -> bool:
    """Whether a text has the form and the check character of a site id."""
    body = value.removeprefix(PREFIX)
    if len(value) != len(body) + len(PREFIX) or len(body) != _LENGTH + 1 or not set(body) <= set(SYMBOLS):
        return False
    values = np.array([[SYMBOLS.index(symbol) for symbol in body]], dtype=np.uint8)
    return bool(_check_values(values[:, :-1])[0] == values[0, -1])


def mint_untaken(founders: Collection[str], taken_among: Callable[[list[str]], Collection[str]]) -> dict[str, str]:
    """An id per founder that is neither taken nor another's; of two founders the smaller record id goes first.

    Args:
        founders: Records that found a site.
        taken_among: Which of some ids were minted before.
    """
    used, found, waiting, generation = set[str](), dict[str, str](), sorted(founders), 0
    while waiting:
        again, wanted = [], mint_site_ids(waiting, generation)
        used.update(taken_among(wanted))
        for founder, site_id in zip(waiting, wanted, strict=True):
            if site_id in used:
                again.append(founder)
            else:
                used.add(site_id)
                found[founder] = site_id
        waiting, generation = again, generation + 1
    return found
