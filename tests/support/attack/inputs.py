"""What an attack is made of: valid files (seeds), and damaged ones with what must still hold of them."""

from collections.abc import Callable
from dataclasses import dataclass

from conjoin.sources.descriptor import Source

Grid = list[list[str]]


@dataclass(frozen=True)
class Seed:
    """A valid file.

    Attributes:
        name: Names it in findings.
        reader: What reads it: feed, link, reference or judgements.
        file_name: The name under which it is delivered.
        content: Its bytes.
        source: Of a feed, its declaration.
        grid: Header and rows, if it can be written anew from them.
        write: Makes the file from a grid.
    """

    name: str
    reader: str
    file_name: str
    content: bytes
    source: Source | None = None
    grid: Grid | None = None
    write: Callable[[Grid], bytes] | None = None

    def line(self, row: int) -> int:
        """Line of a row of the grid, whose row 0 is the header; in JSON the number of the record."""
        return row if "json" in self.ending else row + 1

    @property
    def ending(self) -> str:
        """The ending of its name, which tells the format."""
        return self.file_name.rsplit(".", 1)[-1].lower()

    @property
    def read_by(self) -> str:
        """What reads it, and by which parser."""
        kinds = {"tsv": "csv", "txt": "csv", "geojson": "json", "jsonl": "json lines"}
        return f"{self.reader} {kinds.get(self.ending, self.ending)}"


@dataclass(frozen=True)
class Cell:
    """The one cell that was changed, and what it says in plain words (None: nothing that could be understood)."""

    line: int
    column: str
    text: str | None


@dataclass(frozen=True)
class Attack:
    """A damaged file.

    Attributes:
        seed: What it was made from.
        mutation: How; its first word is the way.
        content: Its bytes.
        touched: Lines of the seed that the damage reaches; None if it can be any.
        cell: The changed cell, if it is one alone.
    """

    seed: Seed
    mutation: str
    content: bytes
    touched: frozenset[int] | None = None
    cell: Cell | None = None

    @property
    def way(self) -> str:
        """The way in which it was damaged."""
        return self.mutation.split()[0]
