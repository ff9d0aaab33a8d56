"""A map of the world with a number for each country, as SVG that needs no script, no style and no network.

Shapes are Natural Earth's (``schemas/geography``), in the Equal Earth projection. The map is cut to the countries that
have a number; one too small to be seen is a dot. Countries without a shape are told below it, so that none is lost.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from html import escape
from typing import NamedTuple

from conjoin import content
from conjoin.plain import visible
from conjoin.schemas.vocabularies import vocabulary

#: Five classes from light to dark, told apart in grey as well (ColorBrewer's Blues).
SHADES = ("#c6dbef", "#9ecae1", "#6baed6", "#3182bd", "#08519c")
_EMPTY, _COAST, _INK = "#eceff3", "#ffffff", "#1d2530"
_SMALLEST = 4.0
_MARGIN = 40.0
_LEAST_WIDTH = 300.0
_NUMBER = re.compile(r"-?[\d.]+")


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


class _Shape(NamedTuple):
    path: str
    middle: tuple[float, float]
    box: _Box


@cache
def shapes() -> dict[str, _Shape]:
    """The shape of each country by its ISO code."""
    read = json.loads(content.find("schemas/geography/countries.json").read_text(encoding="utf-8"))
    return {code: _Shape(told["path"], tuple(told["middle"]), _box(told)) for code, told in read.items()}


def _box(told: Mapping[str, object]) -> _Box:
    """Around the part in which the middle lies: Hawaii does not make a map of America wide."""
    x, y = told["middle"] if isinstance(told["middle"], list) else (0.0, 0.0)
    best = _Box(x, y, x, y)
    for ring in str(told["path"]).split("Z"):
        numbers = [float(number) for number in _NUMBER.findall(ring)]
        across, down = numbers[::2], numbers[1::2]
        if across and min(across) <= x <= max(across) and min(down) <= y <= max(down):
            found = _Box(min(across), min(down), max(across), max(down))
            if found.right - found.left > best.right - best.left:
                best = found
    return best


def world_map(values: Mapping[str, float], told: Mapping[str, str], finding: str) -> str:
    """The map as SVG, and a line on countries that it cannot show; "" without a country.

    Args:
        values: A number for each country, by ISO code.
        told: What is said of each, in words: the text of its shape for those who point at it.
        finding: What the map shows, in a sentence, for those who cannot see it.
    """
    shown = {code: value for code, value in values.items() if code in shapes()}
    absent = sorted(set(values) - set(shown))
    line = ""
    if absent:
        titles = vocabulary("country").titles
        names = ", ".join(f"{titles.get(code, code)} ({told.get(code, values[code])})" for code in absent)
        line = f"<p>Not on the map: {_safe(names)}.</p>"
    if not shown:
        return line
    box = _frame(list(shown))
    width, height = box.right - box.left, box.bottom - box.top
    grey = "".join(shape.path for code, shape in shapes().items() if code not in shown and _meets(shape.box, box))
    most = max(shown.values()) or 1
    drawn = "".join(_country(code, value, most, width, told.get(code, str(value))) for code, value in shown.items())
    return (
        f'<svg class="drawn map" role="img" aria-label="{_safe(finding)}" '
        f'viewBox="{box.left:.0f} {box.top:.0f} {width:.0f} {height:.0f}">'
        f'<path d="{grey}" fill="{_EMPTY}" stroke="{_COAST}" stroke-width="{width / 1600:.2f}"/>{drawn}</svg>{line}'
    )


def shade(value: float, most: float) -> str:
    """The shade of a number, darkest for the greatest."""
    return SHADES[min(int(len(SHADES) * value / most), len(SHADES) - 1)] if most else SHADES[0]


def _frame(codes: list[str]) -> _Box:
    """Around these countries, with a margin, twice as wide as high."""
    boxes = [shapes()[code].box for code in codes]
    left, right = min(box.left for box in boxes) - _MARGIN, max(box.right for box in boxes) + _MARGIN
    top, bottom = min(box.top for box in boxes) - _MARGIN, max(box.bottom for box in boxes) + _MARGIN
    width = max(right - left, 2 * (bottom - top), _LEAST_WIDTH)
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    return _Box(middle_x - width / 2, middle_y - width / 4, middle_x + width / 2, middle_y + width / 4)


def _meets(one: _Box, other: _Box) -> bool:
    return one.left < other.right and other.left < one.right and one.top < other.bottom and other.top < one.bottom


def _country(code: str, value: float, most: float, width: float, told: str) -> str:
    shape, fill = shapes()[code], shade(value, most)
    title = f"<title>{_safe(vocabulary('country').titles.get(code, code))}: {_safe(told)}</title>"
    line = f'stroke="{_INK}" stroke-width="{width / 1600:.2f}"'
    least = _SMALLEST * width / 500
    drawn = f'<path d="{shape.path}" fill="{fill}" {line}>{title}</path>' if shape.path else ""
    if max(shape.box.right - shape.box.left, shape.box.bottom - shape.box.top) < least:
        x, y = shape.middle
        drawn += f'<circle cx="{x}" cy="{y}" r="{least / 2:.1f}" fill="{fill}" {line}>{title}</circle>'
    return drawn


def _safe(text: str) -> str:
    return escape(visible(str(text)), quote=True)
