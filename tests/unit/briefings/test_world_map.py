"""The map: every country has its place, no line runs across the page, and colours and words say the values."""

import csv
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from conjoin.briefings.world_map import CLASSES, class_limits, shapes, world_map
from conjoin.schemas.vocabularies import vocabulary
from support.pages import parse
from support.world_shapes import on_page

ROOT = Path(__file__).parents[3]
#: South of the page, or rocks without a place in the list of boxes.
WITHOUT_A_PLACE = {"AQ", "BV", "UM"}
#: The boxes of these hold far islands or both sides of the date line, so that their middle says nothing.
OF_FAR_ISLANDS = {"CL", "FJ", "GB", "NZ", "PT", "RU", "SJ", "US"}
CAPITALS_AND_MIDDLES = {
    "TR": (35.2, 39.0), "BD": (90.2, 23.8), "VN": (108.0, 14.0), "CN": (103.8, 36.6), "IN": (79.6, 22.9),
    "BR": (-53.1, -10.8), "EG": (29.8, 26.5), "AU": (134.5, -25.7), "SG": (103.8, 1.35), "MT": (14.4, 35.9),
}  # fmt: skip


def rings(path: str) -> list[list[tuple[float, float]]]:
    """The corners of a path, which goes in steps from each to the next."""
    found = []
    for part in path.removesuffix("z").split("z"):
        start, _, steps = part.removeprefix("M").partition("l")
        x, y = map(float, start.split(","))
        ring = [(x, y)]
        for step in steps.split():
            dx, dy = map(float, step.split(","))
            x, y = x + dx, y + dy
            ring.append((x, y))
        found.append(ring)
    return found


def test_every_country_has_a_shape_or_a_dot_but_those_named_here() -> None:
    drawn = shapes()
    assert set(vocabulary("country").codes) - drawn.paths.keys() - drawn.dots.keys() == WITHOUT_A_PLACE
    assert not drawn.paths.keys() & drawn.dots.keys()
    assert drawn.paths.keys() | drawn.dots.keys() <= set(vocabulary("country").codes)


def test_no_line_runs_across_the_page_and_none_leaves_it() -> None:
    drawn = shapes()
    for code, path in drawn.paths.items():
        for ring in rings(path):
            for (x, y), (next_x, _) in pairwise([*ring, ring[0]]):
                assert abs(next_x - x) < drawn.width / 8, code
                assert -1 <= x <= drawn.width + 1, code
                assert -1 <= y <= drawn.height + 1, code


@pytest.mark.parametrize("code", CAPITALS_AND_MIDDLES)
def test_known_countries_lie_where_they_are(code: str) -> None:
    x, y = on_page(*CAPITALS_AND_MIDDLES[code])
    drawn = shapes()
    if code in drawn.dots:
        assert drawn.dots[code] == pytest.approx((x, y), abs=2)
        return
    largest = max(rings(drawn.paths[code]), key=len)
    assert sum(crosses(x, y, one, other) for one, other in pairwise([*largest, largest[0]])) % 2 == 1


def crosses(x: float, y: float, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether a ray eastwards from a place meets a side."""
    if (one[1] > y) == (other[1] > y):
        return False
    return one[0] + (y - one[1]) * (other[0] - one[0]) / (other[1] - one[1]) > x


def test_countries_lie_in_their_boxes() -> None:
    """The list of boxes is made of other data: of shapes that lay elsewhere it would tell."""
    drawn = shapes()
    with (ROOT / "schemas/reference/country_boxes.csv").open(encoding="utf-8", newline="") as file:
        boxes = {row["country_code"]: row for row in csv.DictReader(file)}
    wrong = []
    for code, path in drawn.paths.items():
        if code not in boxes or code in OF_FAR_ISLANDS:
            continue
        box = boxes[code]
        longitude, latitude = (
            (float(box[f"{way}_min"]) + float(box[f"{way}_max"])) / 2 for way in ("longitude", "latitude")
        )
        x, y = on_page(longitude, latitude)
        corners = [corner for ring in rings(path) for corner in ring]
        reach = [(min(axis) - 12, max(axis) + 12) for axis in zip(*corners, strict=True)]
        if not (reach[0][0] <= x <= reach[0][1] and reach[1][0] <= y <= reach[1][1]):
            wrong.append(code)
    assert wrong == []


def test_values_colour_and_are_told_and_hostile_words_stay_words() -> None:
    page = parse(world_map({"TR": 9, "SG": 1, "AQ": 2}, {"TR": '<script>"9"'}, 'Most in <b>Türkiye</b> "9"'))
    (turkey,), (singapore,) = (
        [e for e in page.everything() if e.attributes.get("id") == f"map-{c}"] for c in ("TR", "SG")
    )
    assert (turkey.attributes["fill"], singapore.attributes["fill"]) == (CLASSES[4], CLASSES[0])
    assert turkey.find("title")[0].words == 'Türkiye: <script>"9"'
    assert singapore.find("title")[0].words == "Singapore: 1"
    picture = page.find("svg")[0]
    assert picture.attributes["role"] == "img"
    assert picture.attributes["aria-label"] == 'Most in <b>Türkiye</b> "9"'
    assert page.find("p")[0].words == "Not on the map: Antarctica."
    assert page.find("script") + page.find("b") == []
    assert [element for element in page.everything() if "style" in element.attributes] == []


def test_classes_hold_equal_values_together_and_darken_in_grey() -> None:
    assert class_limits([3, 1, 1, 2]) == [1, 2, 3]
    assert class_limits([1, 1, 1, 1, 1, 1, 2, 3, 5, 9, 40]) == [1, 2, 5]
    assert class_limits([]) == []
    greys = [
        sum(int(colour[place : place + 2], 16) * part for place, part in ((1, 0.3), (3, 0.59), (5, 0.11)))
        for colour in CLASSES
    ]
    assert all(light - dark > 25 for light, dark in pairwise(greys))


def test_the_shapes_are_small_and_say_whose_they_are() -> None:
    folder = ROOT / "schemas/geography"
    assert (folder / "countries.json").stat().st_size < 250_000
    notice = (folder / "NOTICE").read_text(encoding="utf-8")
    assert "Natural Earth" in notice
    assert "Permission to use, copy, modify, and/or distribute" in notice
    told = json.loads((folder / "countries.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"(M-?[\d.]+,-?[\d.]+l[-\d., e]+z)+", path) for path in told["shapes"].values())
