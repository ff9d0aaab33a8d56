"""Identifiers that records bring along: which of them are well formed, and what they may prove.

The vocabulary ``id_scheme`` says for each scheme what level it identifies and how a value is checked. Only values that
pass their check count; only ``site`` and ``building`` identifiers can say that two records are one site.
"""

from collections.abc import Callable
from functools import cache

import duckdb
import pyarrow as pa

from conjoin.matching.text.word_lists import read_vocabulary

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SITE_LEVELS = frozenset({"site", "building"})


def is_os_id(value: str) -> bool:
    """Whether the check character of an Open Supply Hub id fits.

    Source:
        opensupplyhub/open-supply-hub, src/django/api/os_id.py.
    """
    if len(value) != 15 or not value[:2].isalpha() or not value[2:9].isdigit():
        return False
    if any(symbol not in _SYMBOLS for symbol in value[9:]):
        return False
    total = ord(value[0]) + ord(value[1]) + sum(_SYMBOLS.index(symbol) for symbol in value[2:14])
    return _SYMBOLS[total % 32] == value[14]


def is_lei(value: str) -> bool:
    """Whether a Legal Entity Identifier passes ISO 7064 MOD 97-10."""
    if len(value) != 20 or not value.isascii() or not value.isalnum() or not value[18:].isdigit():
        return False
    return int("".join(str(int(symbol, 36)) for symbol in value)) % 97 == 1


def is_gln(value: str) -> bool:
    """Whether a Global Location Number has 13 digits and its check digit."""
    if len(value) != 13 or not value.isdigit():
        return False
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(value[:12]))
    return (10 - total % 10) % 10 == int(value[12])


def is_nine_digits(value: str) -> bool:
    """Whether a D-U-N-S number has its nine digits."""
    return len(value) == 9 and value.isdigit()


CHECKS: dict[str, Callable[[str], bool]] = {
    "os_id": is_os_id,
    "lei": is_lei,
    "gln": is_gln,
    "nine_digits": is_nine_digits,
}


@cache
def schemes() -> dict[str, tuple[str, str | None]]:
    """Level and name of the check of each identifier scheme."""
    return {code: (entry["level"], entry.get("check")) for code, entry in read_vocabulary("id_scheme").items()}


def clean_identifier(scheme: str, value: str) -> str | None:
    """The value in capitals without blanks, dots and hyphens, or None if it cannot be one of the scheme."""
    cleaned = "".join(symbol for symbol in value.upper() if symbol.isalnum())
    if scheme not in schemes() or not 3 <= len(cleaned) <= 40 or len(set(cleaned)) == 1:
        return None
    check = schemes()[scheme][1]
    return cleaned if check is None or CHECKS[check](cleaned) else None


def collect_identifiers(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_identifiers``: node_no, id_scheme, id_value, is_site_level; well-formed values only, no repeats."""
    rows = con.execute(
        "select distinct id_scheme, id_value from input.site_identifiers "
        "semi join m_records on m_records.record_id = site_record_id "
        "where id_value is not null order by id_scheme, id_value"
    ).fetchall()
    good = [(scheme, value, cleaned) for scheme, value in rows if (cleaned := clean_identifier(scheme, value))]
    levels = {scheme: level in SITE_LEVELS for scheme, (level, _) in schemes().items()}
    table = pa.table(
        {
            "id_scheme": pa.array([row[0] for row in good], pa.string()),
            "given": pa.array([row[1] for row in good], pa.string()),
            "id_value": pa.array([row[2] for row in good], pa.string()),
            "is_site_level": pa.array([levels[row[0]] for row in good], pa.bool_()),
        }
    )
    con.register("m_good_identifiers", table)
    con.execute(
        """
        create or replace temp table m_identifiers as
        select distinct records.node_no, good.id_scheme, good.id_value, good.is_site_level
        from input.site_identifiers as given
        inner join m_good_identifiers as good on good.id_scheme = given.id_scheme and good.given = given.id_value
        inner join m_records as records on records.record_id = given.site_record_id
        """
    )
    con.unregister("m_good_identifiers")
