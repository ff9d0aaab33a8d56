"""A map of the world with countries coloured by a value: SVG inside the page, without script, style or request."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape

from conjoin import content
from conjoin.plain import visible
from conjoin.schemas.vocabularies import vocabulary

#: From few to many; each is darker than the one before in grey as well.
CLASSES = ("#d3e3ef", "#a3c4dc", "#6a9dc2", "#36719f", "#123c5c")
_EMPTY, _BORDER = "#f1f2f4", "#aab4bf"
_DOT = 3.4


@dataclass(frozen=True)
class Shapes:
    """The page of the map: its size, and each country's path or, where it is too small for one, its place."""

    width: float
    height: float
    paths: Mapping[str, str]
    dots: Mapping[str, tuple[float, float]]


@cache
def shapes() -> Shapes:
    """What schemas/geography/countries.json holds, by ISO code."""
    told = json.loads(content.find("schemas/geography/countries.json").read_text(encoding="utf-8"))
    return Shapes(
        told["width"], told["height"], told["shapes"], {code: (x, y) for code, (x, y) in told["dots"].items()}
    )


def world_map(values: Mapping[str, float], said: Mapping[str, str], title: str) -> str:
    """The map as HTML: an SVG, the meaning of its colours, and how many countries it has no place for.

    Args:
        values: What colours a country, by ISO code; a country without one stays empty.
        said: The value in words, by ISO code, without the country's name; the value itself where there are none.
        title: The finding, for those who cannot see the map.
    """
    drawn = shapes()
    limits = class_limits(list(values.values()))
    titles = vocabulary("country").titles
    parts = []
    for code in [*drawn.paths, *sorted(drawn.dots, key=lambda code: values.get(code, -1))]:
        value = values.get(code)
        told = f"{titles.get(code, code)}: {said.get(code, _number(value))}" if value is not None else ""
        fill = _EMPTY if value is None else CLASSES[_class_of(value, limits)]
        parts.append(_country(drawn, code, fill, told))
    names = [visible(titles.get(code, code)) for code in values if code not in drawn.paths and code not in drawn.dots]
    missing = f"<p>Not on the map: {escape(', '.join(names))}.</p>" if names else ""
    return (
        f'<div class="world"><svg role="img" aria-label="{_safe(title)}" xmlns="http://www.w3.org/2000/svg" '
        f'width="100%" viewBox="0 0 {drawn.width:g} {drawn.height:g}">{"".join(parts)}</svg>'
        f"{_legend(limits)}{missing}</div>"
    )


def class_limits(values: Sequence[float]) -> list[float]:
    """The least value of each class, at most five: as many countries in one as in another, equal values together."""
    ordered = sorted(values)
    distinct = sorted(set(ordered))
    if len(distinct) <= len(CLASSES):
        return distinct
    return sorted({ordered[len(ordered) * part // len(CLASSES)] for part in range(len(CLASSES))})


def _class_of(value: float, limits: Sequence[float]) -> int:
    """The colour of a value; few classes keep apart by taking every second colour."""
    place = sum(value >= limit for limit in limits) - 1
    return _colour(place, len(limits))


def _colour(place: int, count: int) -> int:
    return (place * (len(CLASSES) - 1)) // (count - 1) if count > 1 else 2


def _country(drawn: Shapes, code: str, fill: str, told: str) -> str:
    named = f"<title>{_safe(told)}</title>" if told else ""
    looks = f'id="map-{code}" fill="{fill}" stroke="{_BORDER}" stroke-width="0.5"'
    if code in drawn.paths:
        return f'<path {looks} fill-rule="evenodd" d="{drawn.paths[code]}">{named}</path>'
    if not told:  # a dot without a value would say nothing
        return ""
    x, y = drawn.dots[code]
    return f'<circle {looks.replace(_BORDER, "#1d2530")} cx="{x:g}" cy="{y:g}" r="{_DOT}">{named}</circle>'


def _legend(limits: Sequence[float]) -> str:
    if not limits:
        return ""
    swatches = []
    for place, least in enumerate(limits):
        following = limits[place + 1] if place + 1 < len(limits) else None
        text = _number(least)
        if following is None:
            text += " and more" if len(limits) == len(CLASSES) else ""
        elif following - least > 1:
            text += f" to {_number(following - 1)}"
        swatches.append(f"<li>{_swatch(CLASSES[_colour(place, len(limits))])} {text}</li>")
    swatches.append(f"<li>{_swatch(_EMPTY)} none known</li>")
    return f'<ul class="legend">{"".join(swatches)}</ul>'


def _swatch(fill: str) -> str:
    return (
        f'<svg width="14" height="14" aria-hidden="true"><rect width="13" height="13" x="0.5" y="0.5" fill="{fill}" '
        f'stroke="{_BORDER}"></rect></svg>'
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _safe(text: str) -> str:
    return escape(visible(text), quote=True)
