"""The map: every country is drawn or told, where it lies, in one piece, and no name on it runs anything."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from conjoin.briefings.world_map import SHADES, shade, shapes, world_map
from conjoin.schemas.vocabularies import vocabulary

CODES = vocabulary("country").codes
#: Roughly where countries lie: left to right, top to bottom, as shares of the map.
PLACES = {
    "TR": (0.59, 0.21),
    "BD": (0.74, 0.36),
    "CN": (0.76, 0.28),
    "BR": (0.35, 0.55),
    "US": (0.26, 0.21),
    "AU": (0.85, 0.66),
    "ZA": (0.57, 0.69),
    "FJ": (0.97, 0.60),
    "NO": (0.53, 0.10),
    "MX": (0.23, 0.36),
}


@pytest.mark.parametrize("code", PLACES)
def test_a_country_lies_where_it_lies(code: str) -> None:
    x, y = shapes()[code].middle
    assert x / 1000 == pytest.approx(PLACES[code][0], abs=0.03)
    assert y / 487 == pytest.approx(PLACES[code][1], abs=0.05)


def test_every_country_is_drawn_or_told() -> None:
    page = world_map(dict.fromkeys(CODES, 1.0), {}, "All")
    titles = vocabulary("country").titles
    text = re.sub(r"&[a-z#0-9]+;", "&", page)
    for code in CODES:
        name = re.sub("[&']", "&", titles[code])
        assert f"<title>{name}: " in text or f"{name} (" in text, code


def test_no_shape_runs_across_the_map() -> None:
    for code, shape in shapes().items():
        for ring in shape.path.split("Z"):
            across = [float(point.split(",")[0]) for point in re.findall(r"[-\d.]+,[-\d.]+", ring)]
            steps = [abs(one - other) for one, other in pairwise(across)]
            assert max(steps, default=0) < 250, code


def test_the_map_is_xml_without_style_or_script_and_says_its_finding() -> None:
    page = world_map({"TR": 3, "BD": 9}, {"TR": "3 audits", "BD": "9 <b>audits</b>"}, 'Most in "Bangladesh"')
    drawn = ElementTree.fromstring(page)  # noqa: S314 - our own text
    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == 'Most in "Bangladesh"'
    tags = {element.tag for element in drawn.iter()}
    assert tags == {"svg", "path", "title"}
    assert not any("style" in element.attrib for element in drawn.iter())
    told = [element.text for element in drawn.iter("title")]
    assert sorted(map(str, told)) == ["Bangladesh: 9 <b>audits</b>", "Türkiye: 3 audits"]


def test_a_country_too_small_to_be_seen_is_a_dot() -> None:
    assert "<circle" in world_map({"SG": 1, "CN": 1}, {}, "")
    assert "<circle" not in world_map({"CN": 1}, {}, "")


def test_only_what_has_a_number_is_framed() -> None:
    box = re.search(r'viewBox="([-\d ]+)"', world_map({"TR": 1}, {}, ""))
    assert box
    left, top, width, height = map(float, box[1].split())
    x, y = shapes()["TR"].middle
    assert left < x < left + width
    assert top < y < top + height
    assert width <= 320


def test_nothing_known_draws_nothing() -> None:
    assert world_map({}, {}, "") == ""
    assert world_map({"GI": 2}, {"GI": "2 audits"}, "") == "<p>Not on the map: Gibraltar (2 audits).</p>"


def test_more_is_darker() -> None:
    assert [SHADES.index(shade(value, 10)) for value in (0, 1.9, 2, 5, 9, 10)] == [0, 0, 1, 2, 4, 4]
