"""Identifiers of invented sites and organisations, in the shape of each scheme.

Every identifier is a function of scheme and number alone, so that all parties of a world write the same one. Check
characters are right where the scheme has them.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

_BASE_32 = np.array(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
#: ISO 3166-1 numeric codes that amfori puts before its site ids.
_ISO_NUMERIC = {"TR": 792, "BD": 50, "VN": 704, "IN": 356, "CN": 156, "LK": 144, "PK": 586, "KH": 116, "EG": 818}
#: Schemes that identify the organisation: all its sites share the value.
OF_ORGANISATION = ("lei", "duns", "sedex_company", "tax_number", "business_licence", "association", "other")
_SPREAD = 7_919  # prime to the powers of ten below: spreads running numbers without repeats

Numbers = npt.NDArray[np.signedinteger]
Texts = npt.NDArray[np.str_]


def os_ids(numbers: Numbers, countries: Texts) -> Texts:
    """OS IDs with their check character: country, year and day, five base-32 symbols, check.

    Source:
        opensupplyhub/open-supply-hub, os_id.py (MIT); see data.md 4.5.
    """
    days = 1 + numbers % 365
    years = 2019 + numbers % 7
    values = np.stack(
        [years // 1000, years // 100 % 10, years // 10 % 10, years % 10, days // 100, days // 10 % 10, days % 10]
    )
    scrambled = (numbers * 1_000_003 + 12_345) % 32**5
    symbols = np.stack([scrambled // 32**place % 32 for place in range(4, -1, -1)])
    letters = np.array([ord(code[0]) + ord(code[1]) for code in countries], dtype=np.int64)
    body = np.concatenate([values, symbols])
    check = (letters + body.sum(axis=0)) % 32
    text = countries.astype("U16")
    for row in (*body, check):
        text = np.char.add(text, _BASE_32[row])
    return text


def identifiers(scheme: str, numbers: Numbers, countries: Texts) -> pd.Series:
    """The identifiers of ``scheme`` for these running numbers, one per number, as text."""
    if scheme == "os_id":
        return pd.Series(os_ids(numbers, countries), dtype=object)
    shape = _SHAPES.get(scheme)
    if shape is None:
        return _padded(f"{scheme.upper()[:3]}-", numbers, 6)
    return shape(numbers, countries)


def _padded(prefix: str, numbers: Numbers, digits: int, suffix: str = "") -> pd.Series:
    spread = (numbers * _SPREAD + 1_234) % 10**digits
    return prefix + pd.Series(spread).astype(str).str.zfill(digits) + suffix


def _plain(prefix: str, digits: int) -> Callable[[Numbers, Texts], pd.Series]:
    return lambda numbers, countries: _padded(prefix, numbers, digits)


def _lei(numbers: Numbers, countries: Texts) -> pd.Series:
    body = _padded("9845", numbers, 8, "000000")
    return body + body.map(lambda text: f"{98 - int(text + '00') % 97:02d}")


def _gln(numbers: Numbers, countries: Texts) -> pd.Series:
    body = _padded("9501", numbers, 8)
    digits = body.map(lambda text: sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(text)))
    return body + ((10 - digits % 10) % 10).astype(str)


def _amfori(numbers: Numbers, countries: Texts) -> pd.Series:
    prefix = pd.Series(countries).map(_ISO_NUMERIC).fillna(620).astype(int).astype(str).str.zfill(3)
    return prefix + _padded("-", numbers // 2, 6, "-00") + pd.Series(1 + numbers % 2).astype(str)


_SHAPES: dict[str, Callable[[Numbers, Texts], pd.Series]] = {
    "lei": _lei,
    "gln": _gln,
    "amfori_site": _amfori,
    "duns": _plain("3", 8),
    "sedex_site": _plain("ZS4", 8),
    "sedex_company": _plain("ZC4", 8),
    "slcp_facility": _plain("FA1", 6),
    "higg_facility": _plain("H", 7),
    "wrap_facility": _plain("W", 6),
    "bw_factory": _plain("BW-", 6),
    "rsc_building": _plain("RSC", 5),
    "tax_number": _plain("47", 8),
    "business_licence": _plain("BL", 9),
}
