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
    guesses = [grid.values]
    for _ in range(_MOST_ROUNDS):
        withheld = _cheapest(grid, required, cuts)
        found = _cuts(grid, withheld, guesses)
        if not found:
            return withheld
        cuts += found
    raise PackError(f"what is to be withheld was not found in {_MOST_ROUNDS} rounds; release fewer breakdowns")


def interval(grid: Grid, withheld: Flags, cell: int) -> tuple[float, float]:
    """Between what whole counts the attacker can tell a cell to lie."""
    attack = _Attack(grid, withheld)
    return attack.least(cell), attack.most(cell)


def too_narrow(grid: Grid, withheld: Flags) -> list[int]:
    """Withheld cells whose interval is narrower than it must be; the audit of a release."""
    attack = _Attack(grid, withheld)
    return [
        cell
        for cell in map(int, np.flatnonzero(withheld))
        if attack.most(cell) - attack.least(cell) < grid.width[cell] - _EXACT
    ]


def _cheapest(grid: Grid, required: Flags, cuts: Sequence[tuple[Floats, float]]) -> Flags:
    """The cheapest choice under the cuts so far, with what is settled."""
    settled = grid.is_withheld & ~grid.is_free
    lower = np.where(required | settled, 1.0, 0.0)
    upper = np.where(grid.is_free | settled, 1.0, 0.0)
    constraints = [LinearConstraint(coefficients, lb=least) for coefficients, least in cuts]
    cost = np.where(grid.is_free, grid.weight, 0.0)
    found = milp(cost, bounds=Bounds(lower, upper), constraints=constraints, integrality=np.ones(len(cost), dtype=int))
    if found.x is None:
        raise PackError("whatever is withheld, an earlier release can be worked out with this one; skip this release")
    return np.asarray(found.x > 0.5)


def _cuts(grid: Grid, withheld: Flags, guesses: list[Floats]) -> list[tuple[Floats, float]]:
    """For each withheld cell whose interval is too narrow: what withholding others would widen it by.

    The width is concave in the bounds of the other cells, so their marginals bound it from above. Whole numbers bound
    more tightly than marginals know of: where they alone are too tight, something else must be withheld as well.

    Args:
        grid: The cells.
        withheld: Which are withheld.
        guesses: Whole counts that an attacker could believe, some round or other; what is solved is added. Two of
            them that differ enough in a cell prove that it is open, and most cells need no more.
    """
    attack, cuts = _Attack(grid, withheld), []
    others = grid.is_free & ~withheld
    believed = [guess for guess in guesses if attack.is_believable(guess)]
    low_of, high_of = np.minimum.reduce(believed), np.maximum.reduce(believed)
    for cell in map(int, np.flatnonzero(withheld)):
        if high_of[cell] - low_of[cell] >= grid.width[cell] - _EXACT:
            continue
        low, high = attack.solve(cell, 1.0), attack.solve(cell, -1.0)
        for point in (end.point for end in (low, high) if end.is_whole):
            guesses.append(point)
            low_of, high_of = np.minimum(low_of, point), np.maximum(high_of, point)
        missing = grid.width[cell] - (high.end - low.end)
        if missing > _EXACT:
            gain = np.minimum(low.gain + high.gain, missing)
            cuts.append(_if_withheld(cell, np.where(others, gain, 0.0), missing * (1 - _EXACT)))
        elif not (low.is_whole and high.is_whole) and (
            attack.most(cell) - attack.least(cell) < grid.width[cell] - _EXACT
        ):
            cuts.append(_if_withheld(cell, others.astype(float), 1.0))
    return cuts


def _if_withheld(cell: int, gain: Floats, least: float) -> tuple[Floats, float]:
    """A cut that binds only where the cell is withheld at all: one that is published need not stay open."""
    coefficients = gain.copy()
    coefficients[cell] = -least
    return coefficients, 0.0


@dataclass(frozen=True)
class _End:
    """One end of a cell's interval in fractions: where it is, counts that lead there, and which cells would move it."""

    end: float
    point: Floats
    gain: Floats

    @property
    def is_whole(self) -> bool:
        """Whether those counts are whole numbers."""
        return bool(np.allclose(self.point, np.round(self.point), atol=_EXACT))


class _Attack:
    """What somebody can conclude who sees what is not withheld."""

    def __init__(self, grid: Grid, withheld: Flags) -> None:
        self._grid = grid
        self._lower = np.where(withheld, grid.least, grid.values)
        self._upper = np.where(withheld, grid.most, grid.values)
        self._growth = _growth(grid)

    def solve(self, cell: int, sign: float) -> _End:
        """The least (1) or the most (-1) that a cell can be, in fractions."""
        grid = self._grid
        aim = np.zeros(len(grid.values))
        aim[cell] = sign
        found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrices here
            aim,
            A_eq=grid.sums,
            b_eq=np.zeros(grid.sums.shape[0]),
            A_ub=self._growth,
            b_ub=np.zeros(self._growth.shape[0]),
            bounds=list(zip(self._lower.tolist(), self._upper.tolist(), strict=True)),
        )
        if found.x is None:
            raise PackError(f"the interval of a cell cannot be solved: {found.message}")
        gain = np.abs(found.upper.marginals) * (grid.most - grid.values)
        gain += np.abs(found.lower.marginals) * (grid.values - grid.least)
        return _End(sign * float(found.fun), np.asarray(found.x), gain)

    def is_believable(self, counts: Floats) -> bool:
        """Whether counts agree with all that is published."""
        return bool(
            (counts >= self._lower - _EXACT).all()
            and (counts <= self._upper + _EXACT).all()
            and np.abs(self._grid.sums @ counts).max(initial=0.0) < _EXACT
            and (self._growth @ counts).max(initial=0.0) < _EXACT
        )

    def least(self, cell: int) -> float:
        """The least whole count that a cell can have."""
        return self._whole(cell, 1.0)

    def most(self, cell: int) -> float:
        """The greatest whole count that a cell can have."""
        return self._whole(cell, -1.0)

    def _whole(self, cell: int, sign: float) -> float:
        found = self.solve(cell, sign)
        if found.is_whole:
            return found.end
        grid = self._grid
        aim = np.zeros(len(grid.values))
        aim[cell] = sign
        constraints = [LinearConstraint(grid.sums, lb=0.0, ub=0.0), LinearConstraint(self._growth, ub=0.0)]
        whole = milp(
            aim,
            bounds=Bounds(self._lower, self._upper),
            constraints=constraints,
            integrality=np.ones(len(aim), dtype=int),
        )
        if whole.x is None:
            raise PackError(f"the audit of a cell cannot be solved: {whole.message}")
        return float(sign * whole.fun)


def _growth(grid: Grid) -> csr_array:
    rows = np.repeat(np.arange(len(grid.growth)), 2)
    columns = np.array(grid.growth, dtype=int).ravel()
    signs = np.tile([1.0, -1.0], len(grid.growth))
    return csr_array((signs, (rows, columns)), shape=(len(grid.growth), len(grid.values)))
