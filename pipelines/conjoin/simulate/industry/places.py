"""Words and places that the invented industry is made of: cities with their position, streets, names, legal forms.

They stand in ``schemas/invented_places.toml``. Cities, regions and postcodes exist; every company, street number and
combination of words is made up.
"""

import tomllib
from dataclasses import dataclass
from typing import Any

from conjoin import content


@dataclass(frozen=True)
class Country:
    """What names and addresses of one country are put together from.

    Attributes:
        code: ISO 3166-1 alpha-2.
        weight: Share of the industry's sites.
        cities: City, region, first postcode of the city, latitude, longitude.
        streets: Templates of the first address line; ``{n}`` is the house or plot, ``{m}`` a second number.
        areas: Quarters and zones, the second address line.
        first: First word of company names.
        second: Second word of company names.
        trades: What the company makes, as its name says it.
        forms: Ways to write the one legal form, full form first; groups are alternatives of companies.
        units: Ways to write the number of a unit; ``{n}`` Arabic, ``{r}`` Roman.
        native: Templates of the name in its own script; ``{a}`` and ``{b}`` are characters drawn from ``letters``.
        letters: Syllables for native names.
    """

    code: str
    weight: float
    cities: tuple[tuple[str, str, str, float, float], ...]
    streets: tuple[str, ...]
    areas: tuple[str, ...]
    first: tuple[str, ...]
    second: tuple[str, ...]
    trades: tuple[str, ...]
    forms: tuple[tuple[str, ...], ...]
    units: tuple[str, ...] = ("Unit {n}", "(Unit-{n})", "Unit {r}", "Unit-{n}", "-{n}", "Factory {n}")
    native: tuple[str, ...] = ()
    letters: str = ""


def _tuples(value: Any) -> Any:
    """Lists as tuples, at any depth: what stands in the file does not change."""
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


_FILE: dict[str, Any] = tomllib.loads(content.find("schemas/invented_places.toml").read_text(encoding="utf-8"))

COUNTRIES = tuple(Country(**{name: _tuples(value) for name, value in told.items()}) for told in _FILE["country"])
#: Words of names, and of streets, and how people shorten them.
SHORT_FORMS: dict[str, str] = _FILE["short_forms"]
STREET_SHORT_FORMS: dict[str, str] = _FILE["street_short_forms"]
FACILITY_TYPES: tuple[str, ...] = _tuples(_FILE["facility_types"])
