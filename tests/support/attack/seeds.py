"""The valid files that an attack begins with, for every reader."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from conjoin import content
from conjoin.sources import registry
from conjoin.sources.judgements import COLUMNS
from conjoin.sources.patterns import match_feed
from support import quillhaven
from support.attack import binary, writing
from support.attack.inputs import Grid, Seed

_DATA = Path(__file__).parents[2] / "data"
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1254", "latin-1")
_DELIMITERS = (",", ";", "\t", "|")


def seeds() -> list[Seed]:
    """All of them, in a settled order."""
    return [*_feeds(), *_samples(), *_linked(), *_reference(), *_judgements()]


# --- one brand in every format ----------------------------------------------------------------------------------


def visits() -> Grid:
    """Eight ordinary rows below their header."""
    rows = [quillhaven.row(number, Workers=str(100 + number)) for number in range(1, 9)]
    return [quillhaven.HEADER, *([row[column] for column in quillhaven.HEADER] for row in rows)]


def _feeds() -> Iterator[Seed]:
    grid = visits()
    for encoding in _ENCODINGS:
        for delimiter in _DELIMITERS:
            source = quillhaven.source("log", reader={"encoding": encoding, "delimiter": delimiter})
            for end in ("\n", "\r\n"):
                write = writing.csv_writer(encoding, delimiter, end)
                name = f"log {encoding} {delimiter!r} {end!r}"
                yield Seed(name, "feed", quillhaven.FILES["log"], write(grid), source, grid, write)
    for ending, write in (
        ("xlsx", writing.write_xlsx),
        ("xlsb", binary.write_xlsb),
        ("xls", binary.write_xls),
        ("ods", writing.write_ods),
    ):
        source = quillhaven.source("book", pattern="visits_{period}.*", numbers={"thousands": ","})
        for _ in range(3):  # workbooks are attacked as often as the many kinds of CSV
            yield Seed(f"book {ending}", "feed", f"visits_2026-04.{ending}", write(grid), source, grid, write)
    for feed, write in (("tree", writing.write_tree), ("stream", writing.write_lines)):
        for _ in range(4):
            yield Seed(feed, "feed", quillhaven.FILES[feed], write(grid), quillhaven.source(feed), grid, write)


# --- what is shipped --------------------------------------------------------------------------------------------


def _samples() -> Iterator[Seed]:
    for name, folder in registry.folders().items():
        for path in sorted((folder / "sample").glob("*")):
            source, raw = registry.source(name), path.read_bytes()
            matched = match_feed(source, path.name)
            assert matched is not None
            feed = source.feed[matched[0]]
            if feed.format != "csv":
                yield Seed(f"{name} {path.name}", "feed", path.name, raw, source)
                continue
            text = raw.decode(feed.reader.encoding)
            end = "\r\n" if "\r\n" in text else "\n"
            above = "".join(text.splitlines(keepends=True)[: feed.reader.skip_rows])
            below = io.StringIO(text[len(above) :], newline="")
            grid = list(csv.reader(below, delimiter=feed.reader.delimiter, quotechar=feed.reader.quote))
            plain = all("\n" not in cell for row in grid for cell in row)
            write = writing.csv_writer(feed.reader.encoding, feed.reader.delimiter, end)
            is_plain = plain and not above and feed.reader.quote == '"' and all(grid)
            yield Seed(f"{name} {path.name}", "feed", path.name, raw, source, *((grid, write) if is_plain else ()))


# --- linking, reference tables, judgements ----------------------------------------------------------------------


def _linked() -> Iterator[Seed]:
    header = ["record_id", "source", "name", "address", "city", "country", "lat", "lon", "postal_code", "os_id"]
    rows = [
        [
            f"r{n}",
            "ab"[n % 2],
            f"Alder Loom Works {n // 2}",
            f"{n // 2} Mill Road",
            "Izmir",
            "TR",
            "38.42",
            "27.14",
            "35000",
            "",
        ]
        for n in range(1, 9)
    ]
    grid = [header, *rows]
    for ending, write in (
        ("csv", writing.csv_writer()),
        ("tsv", writing.csv_writer(delimiter="\t")),
        ("txt", writing.csv_writer("utf-8-sig", ";", "\r\n")),
        ("xlsx", writing.write_xlsx),
        ("xlsb", binary.write_xlsb),
        ("xls", binary.write_xls),
        ("ods", writing.write_ods),
    ):
        for _ in range(2):
            yield Seed(f"link {ending}", "link", f"sites.{ending}", write(grid), None, grid, write)
    for name in ("12.csv", "12.xls", "12.xlsx"):  # read as they are: the header is not that of linking
        yield Seed(f"link list {name}", "link", f"list_{name}", (_DATA / "real" / "oar_lists" / name).read_bytes())


def _reference() -> Iterator[Seed]:
    pair = [f"northwind:{0:016x}", f"sedex:{255:016x}"]
    more: dict[str, Grid] = {  # two tables are shipped empty
        "pair_overrides": [
            [*pair, "pilot", "", "A. Reader", "sourcing", f"2026-01-0{n}", f"note {n}"] for n in range(1, 4)
        ],
        "party_aliases": [
            [f"Northwind {n}", "Northwind Outfitters", "", f"202{n}-12-31", "a letter"] for n in range(1, 4)
        ],
    }
    for relative, path in content.files("schemas/reference", "*.csv"):
        text = path.read_text(encoding="utf-8")
        grid = list(csv.reader(io.StringIO(text, newline="")))[:14] + more.get(path.stem, [])
        write = writing.csv_writer()
        yield Seed(f"reference {path.stem}", "reference", Path(relative).name, write(grid), None, grid, write)


def _judgements() -> Iterator[Seed]:
    verdicts = ("POSITIVE", "NEGATIVE", "MOVED", "UNSURE")
    rows = [
        [
            f"northwind:{n:016x}",
            f"sedex_smeta:{n + 99:016x}",
            verdicts[n % 4],
            "A. Reader",
            "sourcing",
            "2026-03-02",
            f"seen on a map, {n}",
            "2025-12-01" if n % 4 == 2 else "",
        ]
        for n in range(8)
    ]
    grid = [list(COLUMNS), *rows]
    for name, ending, write in (
        ("csv", "csv", writing.csv_writer()),
        ("csv of semicolons", "csv", writing.csv_writer("utf-8-sig", ";", "\r\n")),
        ("xlsx", "xlsx", writing.write_xlsx),
    ):
        for _ in range(3):
            yield Seed(f"judgements {name}", "judgements", f"judged.{ending}", write(grid), None, grid, write)
