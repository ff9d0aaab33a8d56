"""Which cells of a table of totals must be withheld so that none of the sensitive ones can be worked out: exactly.

The attacker knows every published cell of this release and of all earlier ones, all sums, that no count is negative,
and (as audits are only added) that no cell shrinks from one release to the next. From that he can bound every cell that
he does not see: a linear programme. Cells are chosen so that the least is withheld while every bound stays wide enough:
the method of Fischetti and Salazar (2000), an integer programme to which each interval that is too narrow adds a cut.
The result is then audited with whole numbers, which bound more tightly than the linear programme does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from conjoin.errors import PackError

_MOST_ROUNDS = 500
_EXACT = 1e-6
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Grid:
    """Cells of one or several releases, and how they hang together.

    Attributes:
        values: The true count of each cell.
        least: What the attacker knows each to be at least.
        sums: One row per sum: cells that add up (1), and their total (-1).
        growth: One row per (cell, the same cell of the next release): the second is not smaller.
        width: How wide a withheld cell's interval must be.
        weight: What it costs to withhold a cell.
        is_free: Whether it may still be chosen to publish or to withhold the cell; of earlier releases it is settled.
        is_withheld: Settled cells that were withheld, and free cells that must be.
    """

    values: Floats
    least: Floats
    sums: csr_array
    growth: list[tuple[int, int]]
    width: Floats
    weight: Floats
    is_free: Flags
    is_withheld: Flags
    most: float = field(init=False)

    def __post_init__(self) -> None:
        """``most`` is what the attacker knows every cell to be at most: the largest total, once over."""
        object.__setattr__(self, "most", float(2 * self.values.max(initial=0) + self.width.max(initial=0)))


def choose_withheld(grid: Grid) -> Flags:
    """The cheapest set of cells to withhold, the required ones among them, that leaves every withheld cell open.

    Raises:
        PackError: No choice of the free cells keeps the settled ones open.
    """
    required = grid.is_withheld & grid.is_free
    cuts: list[tuple[Floats, float]] = []
    for _ in range(_MOST_ROUNDS):
        withheld = _cheapest(grid, required, cuts)
        narrow = _cuts(grid, withheld) or _whole_number_cuts(grid, withheld)
        if not narrow:
            return withheld
        cuts += narrow
    raise PackError(f"what is to be withheld was not found in {_MOST_ROUNDS} rounds; release fewer breakdowns")


def interval(grid: Grid, withheld: Flags, cell: int, *, is_whole: bool = True) -> tuple[float, float]:
    """Between what counts the attacker can tell a cell to lie."""
    bounds = Bounds(*_limits(grid, withheld))
    constraints = _constraints(grid)
    direction = np.zeros(len(grid.values))
    direction[cell] = 1.0
    ends = []
    for sign in (1.0, -1.0):
        found = milp(
            sign * direction, bounds=bounds, constraints=constraints, integrality=np.full(len(direction), int(is_whole))
        )
        if found.x is None:
            raise PackError(f"the audit of a cell cannot be solved: {found.message}")
        ends.append(sign * found.fun)
    return ends[0], ends[1]


def too_narrow(grid: Grid, withheld: Flags) -> list[int]:
    """Withheld cells whose interval is narrower than it must be; the audit of a release."""
    return [
        int(cell)
        for cell in np.flatnonzero(withheld)
        if np.subtract(*interval(grid, withheld, int(cell))[::-1]) < grid.width[cell] - _EXACT
    ]


def _cheapest(grid: Grid, required: Flags, cuts: Sequence[tuple[Floats, float]]) -> Flags:
    """The cheapest choice under the cuts so far, with what is settled."""
    settled = grid.is_withheld & ~grid.is_free
    lower = np.where(required | settled, 1.0, 0.0)
    upper = np.where(grid.is_free | settled, 1.0, 0.0)
    constraints = [LinearConstraint(coefficients, lb=least) for coefficients, least in cuts]
    found = milp(
        np.where(grid.is_free, grid.weight, 0.0),
        bounds=Bounds(lower, upper),
        constraints=constraints,
        integrality=np.ones(len(lower), dtype=int),
    )
    if found.x is None:
        raise PackError("whatever is withheld, an earlier release can be worked out with this one; skip this release")
    return np.asarray(found.x > 0.5)


def _cuts(grid: Grid, withheld: Flags) -> list[tuple[Floats, float]]:
    """For each withheld cell whose linear interval is too narrow: what withholding others would widen it by."""
    lower, upper = _limits(grid, withheld)
    cuts = []
    for cell in np.flatnonzero(withheld):
        width, gain = _width_and_gain(grid, int(cell), lower, upper)
        missing = grid.width[cell] - width
        if missing > _EXACT:
            useful = np.where(grid.is_free & ~withheld, np.minimum(gain, missing), 0.0)
            cuts.append((useful, missing * (1 - _EXACT)))
    return cuts


def _width_and_gain(grid: Grid, cell: int, lower: Floats, upper: Floats) -> tuple[float, Floats]:
    """The width of a cell's interval, and by how much at most it grows if a published cell is withheld.

    The width is concave in the bounds of the other cells, so their marginals bound it from above.
    """
    width, gain = 0.0, np.zeros(len(grid.values))
    direction = np.zeros(len(grid.values))
    direction[cell] = 1.0
    growth = _growth(grid)
    for sign in (1.0, -1.0):
        found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrices here
            sign * direction,
            A_eq=grid.sums,
            b_eq=np.zeros(grid.sums.shape[0]),
            A_ub=growth,
            b_ub=np.zeros(growth.shape[0]),
            bounds=list(zip(lower.tolist(), upper.tolist(), strict=True)),
        )
        if found.x is None:
            raise PackError(f"the interval of a cell cannot be solved: {found.message}")
        width -= found.fun
        gain += np.abs(found.upper.marginals) * (grid.most - grid.values)
        gain += np.abs(found.lower.marginals) * (grid.values - grid.least)
    return width, gain


def _whole_number_cuts(grid: Grid, withheld: Flags) -> list[tuple[Floats, float]]:
    """Whole numbers bound more tightly: if a cell is too narrow for them, something else must be withheld as well."""
    others = np.where(grid.is_free & ~withheld, 1.0, 0.0)
    return [(others, 1.0)] if too_narrow(grid, withheld) else []


def _limits(grid: Grid, withheld: Flags) -> tuple[Floats, Floats]:
    """What the attacker knows of each cell by itself: published ones exactly."""
    return np.where(withheld, grid.least, grid.values), np.where(withheld, grid.most, grid.values)


def _growth(grid: Grid) -> csr_array:
    rows = np.repeat(np.arange(len(grid.growth)), 2)
    columns = np.array(grid.growth, dtype=int).ravel()
    signs = np.tile([1.0, -1.0], len(grid.growth))
    return csr_array((signs, (rows, columns)), shape=(len(grid.growth), len(grid.values)))


def _constraints(grid: Grid) -> list[LinearConstraint]:
    return [LinearConstraint(grid.sums, lb=0.0, ub=0.0), LinearConstraint(_growth(grid), ub=0.0)]
