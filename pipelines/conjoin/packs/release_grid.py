"""All releases as one grid of cells: what an attacker who kept them all can add and subtract."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
from scipy.sparse import csr_array

from conjoin.packs.suppression import Grid
from conjoin.packs.totals import ALL, PLANNED, Cell
from conjoin.schemas.policy import ReleaseRule

_TOLD_BEFORE = 10.0
"""So many times as dear as another is a cell to withhold that was told before."""


@dataclass(frozen=True)
class ReleasedCell:
    """One cell of one release.

    Attributes:
        cell: Which.
        count: How many audits there are; nobody but the coordinator sees it.
        seen: How many of them the readers of some audience see as rows: what he knows the count to be at least.
        shown: What is told; None if nothing is.
        as_of: The release that told it first as it is told now.
        is_current: Whether ``shown`` is told as the count of this release, and not as what was told last.
    """

    cell: Cell
    count: int
    seen: int
    shown: int | None
    as_of: int | None
    is_current: bool


@dataclass(frozen=True)
class Release:
    """One release: its number, its day, and its cells in order."""

    number: int
    day: date
    cells: list[ReleasedCell]


def joint_grid(rule: ReleaseRule, all_releases: list[Release]) -> tuple[Grid, list[tuple[int, Cell]]]:
    """All releases as one grid, the last of them still free, and which cell of which release stands where."""
    keys = [(release.number, one.cell) for release in all_releases for one in release.cells]
    place = {key: number for number, key in enumerate(keys)}
    ones = [one for release in all_releases for one in release.cells]
    values = np.array([one.count for one in ones], dtype=float)
    before = _shown_before(all_releases)
    least = np.array([_least(one, told) for one, told in zip(ones, before, strict=True)])
    withheld = np.array([not one.is_current for one in ones])
    width = np.array([_width(rule, one, told) for one, told in zip(ones, before, strict=True)])
    weight = (values + 1) * np.where([told is not None for told in before], _TOLD_BEFORE, 1.0)
    is_free = np.array([number == all_releases[-1].number for number, _ in keys])
    growth = [
        (place[number, cell], place[number + 1, cell])
        for number, cell in keys
        if (number + 1, cell) in place and values[place[number, cell]] <= values[place[number + 1, cell]]
    ]
    grid = Grid(values, least, _sums(rule, place), growth, width, weight, is_free, withheld)
    return grid, keys


def _shown_before(all_releases: list[Release]) -> list[int | None]:
    """For every cell of every release what it was told to be before."""
    told: dict[Cell, int | None] = {}
    found = []
    for release in all_releases:
        found += [told.get(one.cell) for one in release.cells]
        told |= {one.cell: one.shown for one in release.cells if one.shown is not None}
    return found


def _least(one: ReleasedCell, before: int | None) -> float:
    """What an attacker knows a withheld cell to be at least: what he sees, what it was before; and that it occurs."""
    known = max(float(one.seen), float(before) if before is not None and before <= one.count else 0.0)
    return max(known, 1.0) if one.cell.audit_class == ALL and one.count > 0 else known


def _width(rule: ReleaseRule, one: ReleasedCell, before: int | None) -> float:
    """How open a withheld cell must stay; of one that was told before, what changed in it."""
    hidden = one.count if before is None else abs(one.count - before)
    return float(max(rule.least_width, ceil(rule.least_share * hidden)))


def _sums(rule: ReleaseRule, place: dict[tuple[int, Cell], int]) -> csr_array:
    """Values of a breakdown add up to all, classes of a value to the value: one row per sum of each release."""
    parts: dict[tuple[int, Cell], list[int]] = {}
    for (number, cell), column in place.items():
        if cell.breakdown == PLANNED:
            continue
        if cell.breakdown != ALL:
            parts.setdefault((number, Cell(cell.breakdown, ALL, cell.audit_class)), []).append(column)
        if cell.audit_class != ALL:
            parts.setdefault((number, Cell(cell.breakdown, cell.value, ALL)), []).append(column)
    rows, columns, signs = [], [], []
    for row, ((number, total), members) in enumerate(sorted(parts.items())):
        is_column = total.value == ALL and total.breakdown != ALL
        whole = place[number, Cell(ALL, ALL, total.audit_class) if is_column else total]
        rows += [row] * (len(members) + 1)
        columns += [*members, whole]
        signs += [*[1.0] * len(members), -1.0]
    return csr_array((signs, (rows, columns)), shape=(len(parts), len(place)))
