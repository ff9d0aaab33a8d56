"""All ways to damage what is inside a workbook, and for which kinds of workbook."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from support.attack.archives import damaged_part, odd_book, odd_xml, odd_zip
from support.attack.inputs import Attack, Seed
from support.attack.odd_cells import far_cell, far_record, nasty_cell, odd_number, odd_type, repeated_cell


@dataclass(frozen=True)
class Way:
    """One way to damage a workbook, and for which endings."""

    make: Callable[[Seed, random.Random], Attack]
    endings: tuple[str, ...]
    needs_grid: bool = True

    def suits(self, seed: Seed) -> bool:
        """Whether the seed can be damaged so."""
        return seed.ending in self.endings and (seed.grid is not None or not self.needs_grid)


_XLSX, _ZIPS = ("xlsx",), ("xlsx", "xlsb", "ods")
WORKBOOKS: dict[str, Way] = {
    "odd_type": Way(odd_type, _XLSX),
    "odd_number": Way(odd_number, ("xls", "xlsb", "ods")),
    "far_cell": Way(far_cell, _XLSX, needs_grid=False),
    "repeated_cell": Way(repeated_cell, ("ods",)),
    "far_record": Way(far_record, ("xls", "xlsb")),
    "odd_xml": Way(odd_xml, _XLSX, needs_grid=False),
    "odd_book": Way(odd_book, _XLSX, needs_grid=False),
    "damaged_part": Way(damaged_part, _ZIPS, needs_grid=False),
    "odd_zip": Way(odd_zip, _ZIPS, needs_grid=False),
    "nasty_cell": Way(nasty_cell, _XLSX, needs_grid=False),
}
