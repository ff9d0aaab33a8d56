"""The shapes of schemas/geography/countries.json: ``python -m support.world_shapes FOLDER`` writes them anew.

FOLDER is the unpacked npm package world-atlas 2.0.2 (``npm pack world-atlas``). Countries come from its map at 1:110
million; those too small for that map become dots, placed by its map at 1:50 million, else in the middle of their box in
schemas/reference/country_boxes.csv. The page has 1,000 units across and one decimal.
"""

import csv
import json
import math
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from conjoin.schemas.vocabularies import fold_case, spellings_of, vocabulary

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "schemas" / "geography" / "countries.json"
Point = tuple[float, float]
Ring = list[Point]

WIDTH = 1000.0
#: The page is cut at 169 degrees west, in the Bering Strait, where it cuts no country: neither Russia nor Fiji.
CENTRE = 11.0
SOUTH, NORTH = -56.5, 83.7
#: Names of Natural Earth that the vocabulary does not know, and areas without a code of their own.
NAMES = {
    "S. Geo. and the Is.": "GS",
    "Br. Indian Ocean Ter.": "IO",
    "Pitcairn Is.": "PN",
    "Somaliland": "SO",
    "St-Martin": "MF",
    "N. Cyprus": "CY",
    "Heard I. and McDonald Is.": "HM",
}
#: Areas that ISO 3166 lists under another code than Natural Earth does: code, and the box of their middle.
BY_ISO = {
    "FR": [("GF", (-55.0, -51.0), (1.0, 7.0))],
    "NO": [("SJ", (9.0, 35.0), (75.0, 82.0))],
    "RU": [("UA", (32.0, 37.0), (44.0, 46.5))],
}
_A = (1.340264, -0.081106, 0.000893, 0.003796)


def project(longitude: float, latitude: float) -> Point:
    """A place in the Equal Earth projection (Savric, Patterson and Jenny 2018), in radii of the globe."""
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    turned = math.radians(
        (longitude - CENTRE + 180) % 360 - 180 if not -180 <= longitude - CENTRE <= 180 else longitude - CENTRE
    )
    slope = 9 * _A[3] * theta**8 + 7 * _A[2] * theta**6 + 3 * _A[1] * theta**2 + _A[0]
    x = 2 * math.sqrt(3) * turned * math.cos(theta) / (3 * slope)
    y = theta * (_A[3] * theta**8 + _A[2] * theta**6 + _A[1] * theta**2 + _A[0])
    return x, y


_SCALE = WIDTH / (2 * project(CENTRE + 180, 0)[0])
_TOP = project(CENTRE, NORTH)[1]
HEIGHT = round((_TOP - project(CENTRE, SOUTH)[1]) * _SCALE, 1)


def on_page(longitude: float, latitude: float) -> Point:
    """A place in units of the page, from its upper left corner."""
    x, y = project(longitude, latitude)
    return round(WIDTH / 2 + x * _SCALE, 1), round((_TOP - y) * _SCALE, 1)


def rings_of(topology: dict[str, Any]) -> Iterator[tuple[str, list[Ring]]]:
    """Each polygon with its country's name: outer ring and holes in degrees."""
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(line)

    def ring(numbers: list[int]) -> Ring:
        points: Ring = []
        for number in numbers:
            line = arcs[number] if number >= 0 else arcs[~number][::-1]
            points += line[1:] if points else line
        return points

    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = {"Polygon": [shape.get("arcs")], "MultiPolygon": shape.get("arcs")}[shape["type"]]
        for polygon in polygons:
            yield shape["properties"]["name"], [ring(numbers) for numbers in polygon]


def unwrapped(ring: Ring) -> Ring:
    """The ring with longitudes that go on where they would jump at the date line."""
    points = [ring[0]]
    for longitude, latitude in ring[1:]:
        before = points[-1][0]
        points.append((before + (longitude - before + 180) % 360 - 180, latitude))
    return points


def clipped(ring: Ring, bound: float, side: int) -> Ring:
    """What of a ring lies east (``side`` 1) or west (-1) of a meridian, after Sutherland and Hodgman."""
    kept: Ring = []
    for (x, y), (next_x, next_y) in zip(ring, ring[1:] + ring[:1], strict=True):
        is_in, is_next_in = side * (x - bound) >= 0, side * (next_x - bound) >= 0
        if is_in:
            kept.append((x, y))
        if is_in != is_next_in:
            kept.append((bound, y + (next_y - y) * (bound - x) / (next_x - x)))
    return kept


def pieces(ring: Ring) -> Iterator[Ring]:
    """The parts of a ring on the page, each in longitudes of the page."""
    whole = unwrapped(ring)
    for turn in (-360.0, 0.0, 360.0):
        moved = [(x + turn, y) for x, y in whole]
        part = clipped(clipped(moved, CENTRE - 180, 1), CENTRE + 180, -1)
        if len({(round(x, 3), round(y, 3)) for x, y in part}) > 2:
            yield part


def path_of(polygon: list[Ring]) -> str:
    """The polygon as a path of SVG, in steps from point to point."""
    parts = []
    for ring in polygon:
        for piece in pieces(ring):
            places = [on_page(*point) for point in piece]
            kept = [place for n, place in enumerate(places) if n == 0 or place != places[n - 1]]
            if len(kept) < 3:
                continue
            steps = [f"{_brief(b[0] - a[0])},{_brief(b[1] - a[1])}" for a, b in pairwise(kept)]
            parts.append(f"M{_brief(kept[0][0])},{_brief(kept[0][1])}l{' '.join(steps)}z")
    return "".join(parts)


def _brief(number: float) -> str:
    return f"{round(number, 1):g}"


def middle(ring: Ring) -> tuple[Point, float]:
    """The middle of a ring's area, in degrees, and the area."""
    whole = unwrapped(ring)
    area = x = y = 0.0
    for (x0, y0), (x1, y1) in zip(whole, whole[1:] + whole[:1], strict=True):
        cross = x0 * y1 - x1 * y0
        area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
    if not area:
        return whole[0], 0.0
    return (x / (3 * area), y / (3 * area)), abs(area / 2) * math.cos(math.radians(y / (3 * area)))


def code_of(name: str, polygon: list[Ring]) -> str | None:
    """The ISO code under which a polygon stands; None for what has none."""
    code = NAMES.get(name) or spellings_of("country").get(fold_case(name))
    (x, y), _ = middle(polygon[0])
    for other, (west, east), (south, north) in BY_ISO.get(code or "", []):
        if west <= x <= east and south <= y <= north:
            return other
    return code


def shapes(folder: Path) -> dict[str, Any]:
    """The content of countries.json."""
    coarse, fine = (json.loads((folder / f"countries-{scale}m.json").read_text("utf-8")) for scale in (110, 50))
    paths: dict[str, str] = {}
    for name, polygon in rings_of(coarse):
        code = code_of(name, polygon)
        if code and code != "AQ":  # the page ends north of Antarctica
            paths[code] = paths.get(code, "") + path_of(polygon)
    largest: dict[str, tuple[float, Point]] = {}
    for name, polygon in rings_of(fine):
        code = code_of(name, polygon)
        place, area = middle(polygon[0])
        if code and area > largest.get(code, (0.0, place))[0]:
            largest[code] = (area, place)
    dots = {code: place for code, (_, place) in largest.items()}
    with (ROOT / "schemas" / "reference" / "country_boxes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            low, high = (float(row[f"longitude_{end}"]) for end in ("min", "max"))
            place = ((low + high) / 2, (float(row["latitude_min"]) + float(row["latitude_max"])) / 2)
            dots.setdefault(row["country_code"], place)
    known = vocabulary("country").codes
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "shapes": dict(sorted(paths.items())),
        "dots": {
            code: on_page(*place)
            for code, place in sorted(dots.items())
            if code in known and code not in paths and SOUTH <= place[1] <= NORTH
        },
    }


if __name__ == "__main__":
    made = shapes(Path(sys.argv[1]))
    lines = [f"{json.dumps(key)}: {json.dumps(made[key])}" for key in ("width", "height")]
    for kind in ("shapes", "dots"):
        rows = ",\n".join(f"{json.dumps(code)}: {json.dumps(drawn)}" for code, drawn in made[kind].items())
        lines.append(f'"{kind}": {{\n{rows}\n}}')
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
