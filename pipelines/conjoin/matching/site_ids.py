"""Site ids: minted once from the founding record, with a check character.

``CJ``, ten Crockford base-32 characters, one check character. The ten characters are the first 50 bits of SHA-256 over
the founder's record id and a generation number. The founder is the member delivered first (then the smallest
record_id), so a rebuild in any order of files finds the same ids, and a merge keeps the id of the older founder.
"""

from collections.abc import Iterable
from hashlib import sha256

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_POLYNOMIAL = 0b100101
_LENGTH = 10


def _powers() -> list[int]:
    powers = [1]
    for _ in range(30):
        doubled = powers[-1] << 1
        powers.append(doubled ^ _POLYNOMIAL if doubled & 32 else doubled)
    return powers


_POWERS = _powers()
_LOGS = {power: exponent for exponent, power in enumerate(_POWERS)}


def check_character(body: str) -> str:
    """The character that makes wrong characters and swapped neighbours visible.

    The sum over GF(32) of a to the power i times the i-th symbol, with a primitive a.
    """
    total = 0
    for place, symbol in enumerate(body):
        value = SYMBOLS.index(symbol)
        if value:
            total ^= _POWERS[(_LOGS[value] + place) % 31]
    return SYMBOLS[total]


def mint_site_id(founder: str, generation: int = 0) -> str:
    """The id of the site that a record founds."""
    bits = int.from_bytes(sha256(f"{founder}\n{generation}".encode()).digest()[:7], "big") >> 6
    body = "".join(SYMBOLS[bits >> 5 * place & 31] for place in reversed(range(_LENGTH)))
    return f"CJ{body}{check_character(body)}"


def is_site_id(value: str) -> bool:
    """Whether a text has the form and the check character of a site id."""
    body = value[2:-1]
    return (
        len(value) == _LENGTH + 3
        and value.startswith("CJ")
        and all(symbol in SYMBOLS for symbol in body)
        and check_character(body) == value[-1]
    )


def mint_all(founders: Iterable[str]) -> list[str]:
    """One id per founder, in order; if two founders fall on one id, the later record id takes the next generation."""
    names = list(founders)
    taken: dict[str, str] = {}
    for founder in sorted(names):
        generation = 0
        while mint_site_id(founder, generation) in taken:
            generation += 1
        taken[mint_site_id(founder, generation)] = founder
    by_founder = {founder: site_id for site_id, founder in taken.items()}
    return [by_founder[founder] for founder in names]
