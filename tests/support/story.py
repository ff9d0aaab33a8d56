"""A small world that changes from night to night: new files, corrections, withdrawals and judgements, by a seed."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from support import quillhaven
from support.files import as_csv

#: Both deliver the same format; the second under a name of its own.
SOURCES = ("quillhaven", "fernbank")
DECLARATIONS = {name: quillhaven.DECLARATION.replace("Quillhaven visits", name) for name in SOURCES}
DECLARATIONS["fernbank"] = DECLARATIONS["fernbank"].replace('commissioner = "Quillhaven"', 'commissioner = "Fernbank"')

_NAMES = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gum", "Hazel", "Ironwood", "Juniper", "Kapok", "Larch")
_TRADES = ("Loom Works", "Dyeing", "Knits", "Denim", "Embroidery", "Footwear", "Spinning")
_FORMS = {"quillhaven": "Ltd.", "fernbank": "Limited"}


@dataclass(frozen=True)
class Act:
    """One thing that happens between two runs."""

    kind: Literal["new", "corrected", "withdrawn", "judged"]
    source_name: str = ""
    file_name: str = ""
    content: bytes = b""
    rows: int = 0
    sites: tuple[str, ...] = ()


@dataclass
class Story:
    """What is delivered, in order; the same seed tells the same.

    Deliveries of one group bring sites that no other of the group brings, so that the ids of sites do not depend on
    which of them was archived first: a run that is killed may leave several files to the next one.
    """

    seed: int
    files: dict[tuple[str, str], bytes] = field(default_factory=dict)
    sites: int = 0
    visits: int = 0
    month: int = 0

    def __post_init__(self) -> None:
        """Every story draws from a stream of its own."""
        self.random = random.Random(f"story {self.seed}")  # noqa: S311 - invented data

    def group(self, count: int) -> Iterator[Act]:
        """What happens up to the next run that comes to its end: perhaps a change of old things, then new files."""
        established = self.sites
        if self.files and self.random.random() < 0.7:
            yield self._change()
        for _ in range(count):
            yield self.new_file(established)

    def new_file(self, established: int) -> Act:
        """A file of a new period: visits to some sites that are known and to two that are not, one row refused."""
        source_name = SOURCES[self.month % 2]
        self.month += 1
        numbers = [*self.random.sample(range(established), min(4, established)), self.sites, self.sites + 1]
        self.sites += 2
        rows = [self._visit(source_name, number) for number in numbers]
        rows.append({**self._visit(source_name, numbers[0]), "First Day": "31.02.2026"})
        file_name = f"visits_{2000 + self.month // 12}-{self.month % 12 + 1:02}.csv"
        self.files[source_name, file_name] = as_csv(rows)
        return Act("new", source_name, file_name, as_csv(rows), len(rows))

    def _change(self) -> Act:
        source_name, file_name = self.random.choice(sorted(self.files))
        drawn = self.random.random()
        if drawn < 0.5:
            rows = list(csv.DictReader(io.StringIO(self.files[source_name, file_name].decode())))
            rows[0]["Result"] = "Green" if rows[0]["Result"] == "Amber" else "Amber"
            rows[1]["Workers"] = str(int(rows[1]["Workers"]) + 1)
            rows = rows[:2] + rows[3:] if len(rows) > 5 else rows
            self.files[source_name, file_name] = as_csv(rows)
            return Act("corrected", source_name, file_name, as_csv(rows), len(rows))
        if drawn < 0.75:
            del self.files[source_name, file_name]
            return Act("withdrawn", source_name, file_name)
        told = sorted({site for file in self.files for site in self._told(file)})
        return Act("judged", sites=tuple(self.random.sample(told, 2)))

    def _told(self, file: tuple[str, str]) -> list[str]:
        rows = csv.DictReader(io.StringIO(self.files[file].decode()))
        return [f"{file[0]}/{row['Vendor Code']}" for row in rows]

    def _visit(self, source_name: str, site: int) -> dict[str, str]:
        self.visits += 1
        day = 1 + self.visits % 27
        month = 1 + self.visits // 27 % 12
        year = 2001 + self.visits // 324 % 25
        name = f"{_NAMES[site % 12]} {_NAMES[site // 12 % 12]} {_TRADES[site % 7]} {_FORMS[source_name]}"
        return quillhaven.row(self.visits) | {
            "Vendor Code": f"S{site:04}",
            "Factory": name,
            "Street": f"{site % 90 + 3} {_NAMES[site * 5 % 12]} Road",
            "City": ("Izmir", "Bursa", "Denizli")[site % 3],
            "Lat": f"{38 + site % 50 / 50:.4f}",
            "Lon": f"{27 + site % 70 / 70:.4f}",
            "Result": self.random.choice(("Amber", "Green")),
            "First Day": f"{year}-{month:02}-{day:02}",
            "Last Day": f"{year}-{month:02}-{day:02}",
        }
