"""How one party writes a site down: its spelling, its gaps and its mistakes.

The kinds of dirt are those of real supplier lists; how often each occurs stands in ``SHARES`` alone. Nothing here
changes which site a record speaks of.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from anyascii import anyascii

from conjoin.simulate.industry.places import COUNTRIES, SHORT_FORMS, STREET_SHORT_FORMS

#: Share of records (or, for party_*, chance per party) that each kind of dirt touches.
SHARES: dict[str, float] = {
    "party_without_accents": 0.3,
    "party_in_capitals": 0.25,
    "without_accents": 0.1,
    "in_capitals": 0.06,
    "legal_form_varied": 0.5,
    "legal_form_dropped": 0.1,
    "former_name": 0.25,  # of renamed sites
    "word_shortened": 0.2,
    "typing_error_in_name": 0.04,
    "letters_spaced": 0.01,
    "lost_letter": 0.02,
    "unit_in_address": 0.05,
    "unit_missing": 0.04,
    "street_shortened": 0.4,
    "area_missing": 0.15,
    "area_first": 0.3,
    "house_number_wrong": 0.03,
    "typing_error_in_address": 0.04,
    "city_in_address": 0.25,
    "city_missing": 0.06,
    "region_missing": 0.2,
    "postal_code_missing": 0.25,
    "point_missing": 0.4,
    "point_far_off": 0.06,
    "worker_count_old": 0.3,
    "native_name_missing": 0.3,
    "doubled_blank": 0.02,
}
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_COUNTRY = {country.code: country for country in COUNTRIES}

Texts = npt.NDArray[np.object_]
_Edit = Callable[[str], str | None]


class Scribe:
    """One party's way of writing; every call draws from its own generator."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Settles the party's habits."""
        self._rng = rng
        self._habits = {name: rng.random() < share for name, share in SHARES.items() if name.startswith("party_")}

    def write(self, sites: pd.DataFrame) -> pd.DataFrame:
        """Site fields as this party has them, one row per row of ``sites``, same index.

        Args:
            sites: Rows of ``Industry.sites``, in any order and number.
        """
        cities = self._cities(sites)
        address = self._addresses(sites, cities)
        name, unit_in_address = self._names(sites)
        address = np.where(unit_in_address != "", unit_in_address + ", " + address, address)
        point = self._points(sites)
        written = pd.DataFrame(
            {
                "site_name": self._spoiled(self._cased(name), "typing_error_in_name", "letters_spaced", "lost_letter"),
                "site_name_native": self._thinned(sites["site_name_native"].to_numpy(), "native_name_missing"),
                "site_address": self._spoiled(self._cased(address), "typing_error_in_address", "doubled_blank"),
                "city_name": self._thinned(self._cased(cities["city_name"]), "city_missing"),
                "region_name": self._thinned(self._cased(cities["region_name"]), "region_missing"),
                "postal_code": self._thinned(sites["postal_code"].to_numpy(), "postal_code_missing"),
                "country_code": sites["country_code"].to_numpy(),
                "latitude": point[0],
                "longitude": point[1],
                "site_worker_count": self._workers(sites),
                "parent_name": self._cased(sites["parent_name"].to_numpy(dtype=object)),
                "facility_type": sites["facility_type"].to_numpy(),
            },
            index=sites.index,
        )
        written["site_level"], written["is_closed"] = "site", "false"
        return written

    # --- names ------------------------------------------------------------------------------------------------

    def _names(self, sites: pd.DataFrame) -> tuple[Texts, Texts]:
        """Names, and the unit where it stands in the address instead."""
        former = sites["renamed_date"].notna().to_numpy() & self._hit(sites, "former_name")
        core = np.where(former, sites["former_core"], sites["name_core"]).astype(object)
        core = self._edited(core, self._hit(sites, "word_shortened"), lambda text: _shortened(text, SHORT_FORMS))
        varied, dropped = self._hit(sites, "legal_form_varied"), self._hit(sites, "legal_form_dropped")
        style = self._rng.integers(0, 60, len(sites))
        units, moved = self._units(sites, style)
        forms = [
            ""
            if is_dropped
            else _COUNTRY[code].forms[form][number % len(_COUNTRY[code].forms[form]) if is_varied else 0]
            for code, form, number, is_varied, is_dropped in zip(
                sites["country_code"], sites["form"], style, varied, dropped, strict=True
            )
        ]
        names = [
            " ".join(filter(None, parts)).replace(" -", "-")
            for parts in zip(core, forms, np.where(moved, "", units), strict=True)
        ]
        return np.array(names, dtype=object), np.where(moved, units, "").astype(object)

    def _units(self, sites: pd.DataFrame, style: npt.NDArray[np.int64]) -> tuple[Texts, npt.NDArray[np.bool_]]:
        texts = [
            _COUNTRY[code].units[number % len(_COUNTRY[code].units)].format(n=unit, r=_ROMAN[min(unit, 10)])
            if unit
            else ""
            for code, number, unit in zip(sites["country_code"], style, sites["unit"], strict=True)
        ]
        units = np.array(texts, dtype=object)
        first = (sites["unit"] == 1).to_numpy()  # the oldest unit is the one that people call by the company's name
        units[first & self._hit(sites, "unit_missing")] = ""
        return units, (units != "") & self._hit(sites, "unit_in_address")

    # --- addresses --------------------------------------------------------------------------------------------

    def _cities(self, sites: pd.DataFrame) -> dict[str, Texts]:
        return {name: sites[name].to_numpy(dtype=object) for name in ("city_name", "region_name")}

    def _addresses(self, sites: pd.DataFrame, cities: dict[str, Texts]) -> Texts:
        street = sites["street"].to_numpy(dtype=object)
        street = self._edited(street, self._hit(sites, "house_number_wrong"), self._renumbered)
        area = np.where(self._hit(sites, "area_missing"), "", sites["area"]).astype(object)
        first = self._hit(sites, "area_first")
        city = np.where(self._hit(sites, "city_in_address"), cities["city_name"], "")
        rows = zip(np.where(first, area, street), np.where(first, street, area), city, strict=True)
        joined = np.array([", ".join(filter(None, parts)) for parts in rows], dtype=object)
        return self._edited(
            joined, self._hit(sites, "street_shortened"), lambda text: _shortened(text, STREET_SHORT_FORMS)
        )

    def _renumbered(self, text: str) -> str:
        """One digit of the address mistyped."""
        places = [place for place, letter in enumerate(text) if letter.isdigit()]
        if not places:
            return text
        place = places[int(self._rng.integers(0, len(places)))]
        return f"{text[:place]}{1 + (int(text[place]) + int(self._rng.integers(0, 8))) % 9}{text[place + 1 :]}"

    def _points(self, sites: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Points some hundred metres off, some far off, some missing."""
        count = len(sites)
        spread = np.where(self._hit(sites, "point_far_off"), 0.15, 0.003)
        missing = self._hit(sites, "point_missing")
        latitude, longitude = (
            np.where(missing, np.nan, np.round(sites[name].to_numpy() + self._rng.normal(0, 1, count) * spread, 5))
            for name in ("latitude", "longitude")
        )
        return latitude, longitude

    def _workers(self, sites: pd.DataFrame) -> npt.NDArray[np.int64]:
        """Headcounts of another month or, less often, of another year."""
        spread = np.where(self._hit(sites, "worker_count_old"), 0.12, 0.03)
        return np.maximum(sites["worker_count"].to_numpy() * self._rng.normal(1, spread), 5).astype(np.int64)

    # --- letters ----------------------------------------------------------------------------------------------

    def _cased(self, texts: Texts) -> Texts:
        """Without accents, or in capitals, as the party or the row has it."""
        count = len(texts)
        plain = np.full(count, self._habits["party_without_accents"]) | (
            self._rng.random(count) < SHARES["without_accents"]
        )
        upper = np.full(count, self._habits["party_in_capitals"]) | (self._rng.random(count) < SHARES["in_capitals"])
        return self._edited(self._edited(texts, plain, anyascii), upper, str.upper)

    def _spoiled(self, texts: Texts, *kinds: str) -> Texts:
        edits: dict[str, _Edit] = {
            "letters_spaced": lambda text: " ".join(text.lower()),
            "lost_letter": lambda text: "".join("?" if letter in "şŞıİğĞ" else letter for letter in text),
            "doubled_blank": lambda text: text.replace(" ", "  ", 1),
        }
        for kind in kinds:
            hit = self._rng.random(len(texts)) < SHARES[kind]
            texts = self._edited(texts, hit, edits.get(kind, self._mistyped))
        return texts

    def _mistyped(self, text: str) -> str:
        """Two neighbouring letters swapped, one doubled, or one lost; never a digit."""
        places = [place for place in range(1, len(text) - 1) if text[place].isalpha() and text[place + 1].isalpha()]
        if not places:
            return text
        place = places[int(self._rng.integers(0, len(places)))]
        kind = int(self._rng.integers(0, 3))
        middle = (text[place + 1] + text[place], text[place] * 2 + text[place + 1], text[place + 1])[kind]
        return text[:place] + middle + text[place + 2 :]

    def _thinned(self, texts: Texts, kind: str) -> Texts:
        return self._edited(texts, self._rng.random(len(texts)) < SHARES[kind], lambda text: None)

    def _hit(self, sites: pd.DataFrame, kind: str) -> npt.NDArray[np.bool_]:
        return self._rng.random(len(sites)) < SHARES[kind]

    @staticmethod
    def _edited(texts: Texts, rows: npt.NDArray[np.bool_], edit: _Edit) -> Texts:
        """The texts with ``edit`` applied to the chosen rows; missing ones stay missing."""
        texts = np.array(texts, dtype=object)
        for row in np.flatnonzero(rows):
            if texts[row] is not None:
                texts[row] = edit(texts[row])
        return texts


def _shortened(text: str, words: dict[str, str]) -> str:
    for word, short in words.items():
        if word in text:
            return text.replace(word, short)
    return text
