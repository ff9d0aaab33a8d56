"""The invented industry itself: organisations, campuses, sites, companies that buy from them, and what happened there.

Everything is drawn from one seeded generator and dated before ``AS_OF``, never from the clock: the same seed gives the
same world.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from conjoin.simulate.industry.places import COUNTRIES, FACILITY_TYPES, Country

#: The day on which the invented world is looked at: what is dated later is planned.
AS_OF = pd.Timestamp("2026-09-30")
START = pd.Timestamp("2019-01-01")
#: What stands between the names of several orderers of an audit.
ORDERERS = "; "

#: Companies of the invented cast and what they belong to, from which year to which (0: still).
_AFFILIATIONS: dict[str, tuple[tuple[str, int, int], ...]] = {
    "Northwind Outfitters": (("eti", 2003, 0),),
    "Harbour & Pine": (("fla", 2009, 0), ("eti", 2015, 0)),
    "Kestrel Sport": (("fla", 2004, 0), ("fair_wear", 2012, 0)),
    "Lindqvist Moda": (("fair_wear", 2008, 0),),
    "Bramble Retail Group": (("eti", 1999, 0), ("sai", 2001, 2010)),
    "Mavi Deniz Mağazacılık": (("eti", 2019, 0),),
    "Campus Crest Apparel": (("fla", 2006, 0), ("wrc", 2006, 0)),
    "Tidewater Kids": (("fair_wear", 2016, 0),),
    "Granite Trail": (("fla", 2014, 0), ("wrc", 2014, 0)),
}
OTHER_COMPANIES = ("Campus Crest Apparel", "Tidewater Kids", "Granite Trail")
_BUYERS_PER_SITE = 2.2
_SITES_PER_ORGANISATION = ((1, 0.62), (2, 0.23), (3, 0.1), (5, 0.05))
_CAMPUS_SHARE = 0.65  # organisations of several sites that have them on one campus, as numbered units
_RENAMED_SHARE = 0.06


@dataclass(frozen=True)
class Industry:
    """Who there is.

    Attributes:
        sites: One row per true site; index 0 to n - 1.
        companies: One row per buying company.
        supplies: One row per site and company that buys there, with the day it began.
        affiliations: One row per company, initiative and spell of membership.
    """

    sites: pd.DataFrame
    companies: pd.DataFrame
    supplies: pd.DataFrame
    affiliations: pd.DataFrame


def build_industry(rng: np.random.Generator, site_count: int, brands: list[str]) -> Industry:
    """An industry of ``site_count`` sites that supply the declared ``brands`` and some companies besides."""
    sites = _sites(rng, site_count)
    names = list(dict.fromkeys([*brands, *OTHER_COMPANIES]))
    companies = pd.DataFrame({"company_name": names, "is_declared": [name in brands for name in names]})
    affiliations = pd.DataFrame(
        [
            {
                "company_name": name,
                "initiative": initiative,
                "affiliated_from": pd.Timestamp(year=first, month=1, day=1),
                "affiliated_to": pd.Timestamp(year=last, month=12, day=31) if last else pd.NaT,
            }
            for name in names
            for initiative, first, last in _AFFILIATIONS.get(name, ())
        ],
        columns=["company_name", "initiative", "affiliated_from", "affiliated_to"],
    )
    return Industry(sites, companies, _supplies(rng, sites, companies), affiliations)


def days_after(start: pd.Timestamp, days: npt.ArrayLike) -> npt.NDArray[np.datetime64]:
    """Days counted from ``start``, as dates."""
    return (np.datetime64(start.date()) + np.asarray(days).astype("timedelta64[D]")).astype("datetime64[s]")


def stacked(parts: list[pd.DataFrame], ignore_index: bool = True) -> pd.DataFrame:
    """The frames under each other; empty ones, which know no types, leave those of the others alone."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=ignore_index) if filled else parts[0]


def chosen(rng: np.random.Generator, options: tuple[str, ...], count: int) -> npt.NDArray[np.object_]:
    """``count`` independent draws from ``options``."""
    return np.array(options, dtype=object)[rng.integers(0, len(options), count)]


# --- sites -------------------------------------------------------------------------------------------------------


def _sites(rng: np.random.Generator, count: int) -> pd.DataFrame:
    organisations = _organisations(rng, count)
    sites = organisations.loc[organisations.index.repeat(organisations["size"])].head(count).reset_index(drop=True)
    sites["unit"] = sites.groupby("organisation_id").cumcount() + 1
    sites.loc[~sites["is_campus"], "unit"] = 0
    parts = [_placed(rng, country, group) for country, group in _by_country(sites)]
    sites = pd.concat(parts).sort_index()
    sites["true_site_id"] = "S" + pd.Series(np.arange(1, len(sites) + 1), index=sites.index).astype(str).str.zfill(6)
    sites["campus_id"] = (
        sites["organisation_id"].where(sites["is_campus"], sites["true_site_id"]).str.replace("^[OS]", "C", regex=True)
    )
    sites["worker_count"] = np.clip(np.exp(rng.normal(6.2, 1.0, count)), 18, 12_000).astype(int)
    sites["facility_type"] = chosen(rng, FACILITY_TYPES, count)
    sites["has_os_id"] = rng.random(count) < 0.75
    renamed = rng.random(count) < _RENAMED_SHARE
    sites["renamed_date"] = pd.Series(days_after(START, rng.integers(200, 2600, count))).where(renamed)
    sites["grown_date"] = pd.Series(days_after(START, rng.integers(200, 2600, count))).where(rng.random(count) < 0.06)
    return sites


def _organisations(rng: np.random.Generator, count: int) -> pd.DataFrame:
    sizes, shares = (np.array(column) for column in zip(*_SITES_PER_ORGANISATION, strict=True))
    weights = np.array([country.weight for country in COUNTRIES])
    organisations = pd.DataFrame({"size": rng.choice(sizes.astype(int), count, p=shares)})
    organisations["organisation_id"] = "O" + pd.Series(np.arange(1, count + 1)).astype(str).str.zfill(6)
    organisations["country_code"] = np.array([c.code for c in COUNTRIES])[
        rng.choice(len(COUNTRIES), count, p=weights / weights.sum())
    ]
    organisations["is_campus"] = (organisations["size"] > 1) & (rng.random(count) < _CAMPUS_SHARE)
    organisations["name_seed"] = rng.integers(0, 2**31, count)
    return organisations


def _by_country(sites: pd.DataFrame) -> list[tuple[Country, pd.DataFrame]]:
    return [
        (country, sites[sites["country_code"] == country.code])
        for country in COUNTRIES
        if (sites["country_code"] == country.code).any()
    ]


def _placed(rng: np.random.Generator, country: Country, sites: pd.DataFrame) -> pd.DataFrame:
    """Names by organisation, addresses by site; units of one campus share zone and city."""
    sites, count = sites.copy(), len(sites)
    seed = sites["name_seed"].to_numpy()
    first, second, trade = (
        _picked(part, seed // 10**place)
        for place, part in ((0, country.first), (2, country.second), (4, country.trades))
    )
    sites["name_core"] = first + " " + second + " " + trade
    sites["parent_name"] = (
        sites["name_core"] + " " + [country.forms[form][0] for form in seed % 97 % len(country.forms)]
    )
    sites["former_core"] = _picked(country.first, seed // 10**3 + 7) + " " + trade
    sites["form"] = seed % 97 % len(country.forms)
    sites["site_name_native"] = None
    if country.native:
        letters = tuple(country.letters)
        names = zip(
            _picked(country.native, seed), _picked(letters, seed // 3), _picked(letters, seed // 5), strict=True
        )
        sites["site_name_native"] = [template.format(a=a, b=b) for template, a, b in names]
    shared = sites["is_campus"].to_numpy()
    city = np.where(shared, seed // 11, rng.integers(0, 2**31, count)) % len(country.cities)
    area = np.where(shared, seed // 13, rng.integers(0, 2**31, count))
    sites["area"] = _picked(country.areas, area)
    numbers = zip(
        chosen(rng, country.streets, count), rng.integers(1, 400, count), rng.integers(1, 30, count), strict=True
    )
    sites["street"] = [street.format(n=n, m=m) for street, n, m in numbers]
    columns = list(zip(*country.cities, strict=True))
    sites["city_name"], sites["region_name"] = (np.array(columns[i], dtype=object)[city] for i in (0, 1))
    offset = np.where(shared, seed // 17, rng.integers(0, 2**31, count)) % 90
    sites["postal_code"] = [_postcode(columns[2][c], o) for c, o in zip(city, offset, strict=True)]
    sites["latitude"] = np.array(columns[3])[city] + rng.normal(0, 0.03, count)
    sites["longitude"] = np.array(columns[4])[city] + rng.normal(0, 0.03, count)
    return sites


def _picked(options: tuple[str, ...], numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    return np.array(options, dtype=object)[numbers % len(options)]


def _postcode(base: str, offset: int) -> str:
    head, dash, tail = base.rpartition("-")
    return f"{head}{dash}{int(tail) + int(offset):0{len(tail)}d}"


# --- buyers ------------------------------------------------------------------------------------------------------


def _supplies(rng: np.random.Generator, sites: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    """Who buys where: every site supplies at least one company, few supply many."""
    per_site = np.clip(rng.poisson(_BUYERS_PER_SITE, len(sites)), 1, len(companies))
    order = np.argsort(rng.random((len(sites), len(companies))), axis=1)
    site_index = np.repeat(np.arange(len(sites)), per_site)
    place = np.arange(len(site_index)) - np.repeat(np.cumsum(per_site) - per_site, per_site)
    return pd.DataFrame(
        {
            "site_index": site_index,
            "buyer_name": companies["company_name"].to_numpy()[order[site_index, place]],
            "since_date": days_after(START, rng.integers(-1200, 1500, len(site_index))),
        }
    )
