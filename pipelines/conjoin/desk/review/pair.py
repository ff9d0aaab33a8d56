"""Two records beside each other: what differs, what speaks for and against, and what each answer would do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import asin, cos, radians, sin, sqrt
from typing import Any

from fastapi import HTTPException
from markupsafe import Markup

from conjoin.briefings.reviewing.explaining import Explanation, explain_pair
from conjoin.briefings.words import titled
from conjoin.desk.ask import one, rows
from conjoin.desk.opened import Reading
from conjoin.desk.pictures import waterfall_picture
from conjoin.desk.render import said
from conjoin.desk.review.differences import marked
from conjoin.desk.sites import source_kinds

_COMPARED = {
    "site_name": "Name",
    "site_name_native": "Name in its own script",
    "site_address": "Address",
    "city_name": "City",
    "region_name": "Region",
    "postal_code": "Postcode",
    "parent_name": "Parent company",
    "facility_type": "What is made there",
}
_EARTH_KM = 6371.0
_OTHERS_SHOWN = 12


@dataclass(frozen=True)
class Pair:
    """What a reviewer sees of two records.

    Attributes:
        left: The record whose id comes first.
        right: The other one.
        fields: Label, left and right text with their differences marked.
        distance_km: Between their points; None where one has none.
        others: Other records of the left and of the right site, the first few.
        more: How many other records are not shown, left and right.
        asked: What is asked of them; None if nothing is.
        found: Why they are, or are not, one site today.
        picture: The evidence, drawn.
        effect: Audits at either site, and how many fall into the validity of another orderer's at the other.
        crosses: Whether one site would hold records of two initiatives.
    """

    left: dict[str, Any]
    right: dict[str, Any]
    fields: list[tuple[str, Markup, Markup]]
    distance_km: float | None
    others: tuple[list[dict[str, Any]], list[dict[str, Any]]]
    more: tuple[int, int]
    asked: dict[str, Any] | None
    found: Explanation
    picture: Markup
    effect: dict[str, Any]
    crosses: bool

    @property
    def is_one_site(self) -> bool:
        """Whether the two are one site today."""
        return bool(self.left["site_id"] == self.right["site_id"])


def read_pair(reading: Reading, left: str, right: str) -> Pair:
    """Everything on two records.

    Raises:
        HTTPException: 404 if one of them is no current record.
    """
    left, right = sorted((left, right))
    sides = {row["record_id"]: row for row in rows(reading.con, "review_sides", left=left, right=right)}
    if len(sides) < 2:
        raise HTTPException(404, f"{left} and {right}: one of the two is no record of this file any more.")
    one_side, other_side = sides[left], sides[right]
    found = explain_pair(reading.con, left, right)
    sites = {"site_left": one_side["site_id"], "site_right": other_side["site_id"]}
    records = rows(reading.con, "records_of_two", **sites)
    others = tuple(
        [row for row in records if row["site_id"] == site and row["record_id"] not in (left, right)]
        for site in sites.values()
    )
    return Pair(
        one_side,
        other_side,
        [
            (label, *marked(one_side[name], other_side[name]))
            for name, label in _COMPARED.items()
            if one_side[name] or other_side[name]
        ]
        + _facts(one_side, other_side),
        _distance_km(one_side, other_side),
        (others[0][:_OTHERS_SHOWN], others[1][:_OTHERS_SHOWN]),
        (max(len(others[0]) - _OTHERS_SHOWN, 0), max(len(others[1]) - _OTHERS_SHOWN, 0)),
        one(reading.con, "review_question", left=left, right=right),
        found,
        waterfall_picture(found.steps),
        one(reading.con, "review_effect", **sites) or {},
        crosses_initiatives(reading, records),
    )


def _facts(left: dict[str, Any], right: dict[str, Any]) -> list[tuple[str, Markup, Markup]]:
    """Country and workers of both, marked as a whole where they differ."""
    told = [("Country", *(titled(side["country_code"], "country") for side in (left, right)))]
    workers = tuple(
        said(side["worker_count_min"])
        if side["worker_count_min"] == side["worker_count_max"]
        else f"{said(side['worker_count_min'])} to {said(side['worker_count_max'])}"
        for side in (left, right)
    )
    if left["worker_count_min"] or right["worker_count_min"]:
        told.append(("Workers", *workers))
    whole = Markup("<mark>{}</mark>")
    return [
        (
            label,
            Markup.escape(one) if one == other else whole.format(one),
            Markup.escape(other) if one == other else whole.format(other),
        )
        for label, one, other in told
    ]


def _distance_km(left: dict[str, Any], right: dict[str, Any]) -> float | None:
    points = [side[name] for side in (left, right) for name in ("latitude", "longitude")]
    if any(value is None for value in points):
        return None
    lat_a, lon_a, lat_b, lon_b = map(radians, points)
    half = sin((lat_b - lat_a) / 2) ** 2 + cos(lat_a) * cos(lat_b) * sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(min(half, 1)))


def sites_cross(reading: Reading, sites: list[str]) -> bool:
    """Whether one site made of these would hold records of two initiatives that are apart today."""
    return crosses_initiatives(reading, rows(reading.con, "sources_of_sites", sites=sites))


def crosses_initiatives(reading: Reading, records: Iterable[Mapping[str, Any]]) -> bool:
    """Whether of these records, by site_id and source_name, two initiatives' are at different sites."""
    initiatives = {name for name, kind in source_kinds(reading).items() if kind == "initiative"}
    named: dict[str, set[str]] = {}
    for row in records:
        named.setdefault(row["site_id"], set()).update({row["source_name"]} & initiatives)
    apart = combinations(named.values(), 2)
    return any(ours != theirs for one, other in apart for ours in one for theirs in other)
