"""Draw the shapes of countries anew: ``python tests/support/world_shapes.py countries-50m.json``.

The file is that of the npm package world-atlas 2 (ISC licence), made of Natural Earth's countries 1:50m (public
domain). Needs pycountry for the codes. Writes ``schemas/geography/countries.json``: of each code an SVG path and the
middle of its largest part, in the Equal Earth projection (Savric, Patterson and Jenny 2018), 1000 wide.
"""

import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[2] / "schemas" / "geography" / "countries.json"
WIDTH = 1000.0
#: Points nearer than this to the line between their neighbours are left out; parts smaller than this are, too.
TOLERANCE, SMALLEST = 0.35, 0.35
_A = (1.340264, -0.081106, 0.000893, 0.003796)
_EDGE = 2.7066299836960748  # x of the equator at 180 degrees
#: Shapes that world-atlas gives no code, or that our vocabulary counts under another.
_CODES = {"Kosovo": "XK"}

Ring = list[tuple[float, float]]


def project(longitude: float, latitude: float) -> tuple[float, float]:
    """A point on the map, from its upper left corner."""
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    a1, a2, a3, a4 = _A
    square = theta * theta
    sixth = square**3
    x = math.radians(longitude) * math.cos(theta)
    x /= math.sqrt(3) / 2 * (a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square))
    y = theta * (a1 + a2 * square + sixth * (a3 + a4 * square))
    scale = WIDTH / (2 * _EDGE)
    return (x + _EDGE) * scale, (1.3173627591574133 - y) * scale


def rings_of(topology: dict[str, Any]) -> dict[str, list[Ring]]:
    """The projected outer and inner rings of each country, by its ISO code."""
    import pycountry

    arcs = [_unfolded(arc, topology["transform"]) for arc in topology["arcs"]]
    found: dict[str, list[Ring]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        name = geometry["properties"]["name"]
        known = pycountry.countries.get(numeric=str(geometry.get("id", "")).zfill(3))
        code = _CODES.get(name) or (known.alpha_2 if known else None)
        if code is None:
            sys.stderr.write(f"left out: {name}\n")
            continue
        parts = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for part in parts:
            for ring in part:
                joined: Ring = []
                for number in ring:
                    arc = arcs[number] if number >= 0 else arcs[~number][::-1]
                    joined += arc if not joined else arc[1:]
                for cut in cut_at_date_line(joined):
                    found.setdefault(code, []).append([project(*point) for point in cut])
    del found["AQ"]  # its ring runs around the pole, and nobody audits there
    return found


def cut_at_date_line(ring: Ring) -> list[Ring]:
    """The ring in degrees, in parts that lie between -180 and 180: world-atlas leaves Fiji and Russia whole."""
    unrolled = [ring[0]]
    for longitude, latitude in ring[1:]:
        turns = round((unrolled[-1][0] - longitude) / 360)
        unrolled.append((longitude + 360 * turns, latitude))
    parts = []
    for shift in (-360, 0, 360):
        part = _clipped([(x + shift, y) for x, y in unrolled], -180, True)
        part = _clipped(part, 180, False)
        if len(part) > 3:
            parts.append(part)
    return parts


def _clipped(ring: Ring, border: float, is_east: bool) -> Ring:
    """What of a closed ring lies east, or west, of a meridian (Sutherland and Hodgman)."""
    kept: Ring = []
    for (x1, y1), (x2, y2) in pairwise(ring):
        starts, ends = (x1 >= border, x2 >= border) if is_east else (x1 <= border, x2 <= border)
        if starts != ends:
            share = (border - x1) / (x2 - x1)
            kept.append((border, y1 + share * (y2 - y1)))
        if ends:
            kept.append((x2, y2))
    return [*kept, kept[0]] if kept else []


def _unfolded(arc: list[list[int]], transform: dict[str, list[float]]) -> list[tuple[float, float]]:
    (scale_x, scale_y), (left, low) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * scale_x + left, y * scale_y + low))
    return points


def simplified(ring: Ring) -> Ring:
    """The ring without points that change nothing one could see (Douglas and Peucker)."""
    keep = {0, len(ring) - 1}
    waiting = [(0, len(ring) - 1)]
    while waiting:
        first, last = waiting.pop()
        far, place = 0.0, 0
        for number in range(first + 1, last):
            distance = _distance(ring[number], ring[first], ring[last])
            if distance > far:
                far, place = distance, number
        if far > TOLERANCE:
            keep.add(place)
            waiting += [(first, place), (place, last)]
    return [ring[number] for number in sorted(keep)]


def _distance(point: tuple[float, float], start: tuple[float, float], end: tuple[float, float]) -> float:
    (x, y), (x1, y1), (x2, y2) = point, start, end
    length = math.hypot(x2 - x1, y2 - y1)
    if length == 0:
        return math.hypot(x - x1, y - y1)
    share = max(0.0, min(1.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length**2))
    return math.hypot(x - x1 - share * (x2 - x1), y - y1 - share * (y2 - y1))


def area_and_middle(ring: Ring) -> tuple[float, float, float]:
    """Area and centroid of a ring."""
    area = x = y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        cross = x1 * y2 - x2 * y1
        area, x, y = area + cross, x + (x1 + x2) * cross, y + (y1 + y2) * cross
    if abs(area) < 1e-9:
        return 0.0, ring[0][0], ring[0][1]
    return abs(area) / 2, x / (3 * area), y / (3 * area)


def main() -> None:
    """Write the shapes."""
    countries = {}
    for code, rings in sorted(rings_of(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).items()):
        measured = sorted(((*area_and_middle(ring), ring) for ring in rings), reverse=True, key=lambda told: told[0])
        _, x, y, _ = measured[0]
        drawn = [simplified(ring) for place, (area, _, _, ring) in enumerate(measured) if area > SMALLEST or not place]
        path = "".join("M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in ring) + "Z" for ring in drawn if len(ring) > 3)
        countries[code] = {"middle": [round(x, 1), round(y, 1)], "path": path}
    lines = ",\n".join(f"{json.dumps(code)}: {json.dumps(shape)}" for code, shape in countries.items())
    TARGET.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    sys.stderr.write(f"{len(countries)} countries, {TARGET.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
