"""One input, read as its seed is read, and everything about it that should not be."""

import csv
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from conjoin.errors import ConjoinError
from conjoin.settings import Settings
from conjoin.sources import mapping
from conjoin.sources.emits import Delivery
from conjoin.sources.judgements import read_judgements
from conjoin.sources.patterns import match_feed
from conjoin.steps import reviews
from conjoin.tools import link_files as link
from conjoin.warehouse.reference import load_reference
from support.attack.comparing import (
    feed_differences,
    judgement_differences,
    list_differences,
    reference_differences,
)
from support.attack.inputs import Seed
from support.attack.second import long_cells
from support.reading import dicts

DELIVERED = date(2026, 10, 31)
Row = dict[str, Any]


@dataclass
class Outcome:
    """What became of a file.

    Attributes:
        refusal: Why it was refused; empty if it was read.
        rows: What was accepted, by id, each with the line that it stands in.
        others: Accepted rows that have no id of their own in the file.
        told: What people get to see about its rows: reasons of refused ones, notices.
        problems: Kind and detail of what should not be.
    """

    refusal: str = ""
    rows: dict[str, Row] = field(default_factory=dict)
    others: list[Row] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)


def outcome(seed: Seed, content: bytes, folder: Path) -> Outcome:
    """Read ``content`` under the seed's name; every exception that is not a ConjoinError is a problem."""
    path = folder / seed.file_name
    path.write_bytes(content)
    found = Outcome()
    try:
        _READERS[seed.reader](seed, path, found)
    except ConjoinError as error:
        found.refusal = str(error) or "(no message)"
    except MemoryError:
        found.problems.append(("memory", _where()))
    except BaseException as error:  # a panic of calamine is no Exception
        found.problems.append(("exception", f"{type(error).__name__}: {str(error)[:300]}\n{_where()}"))
    return found


def _where() -> str:
    """The frames of ours that the exception went through, innermost last, and the one that raised it."""
    lines = traceback.format_exc(limit=-40).strip().splitlines()
    ours = [line.strip() for line in lines if 'File "' in line and "/conjoin/" in line]
    last = [line.strip() for line in lines if 'File "' in line][-1:]
    return "\n".join([*ours[-3:], *last])


def _connected() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1, "memory_limit": "1GB", "autoinstall_known_extensions": "false"})


# --- readers ----------------------------------------------------------------------------------------------------


def _feed(seed: Seed, path: Path, found: Outcome) -> None:
    assert seed.source is not None
    matched = match_feed(seed.source, seed.file_name)
    assert matched is not None
    with _connected() as con:
        mapping.prepare(con)
        delivery = Delivery(seed.source, matched[0], "load-1", seed.file_name, DELIVERED, matched[1])
        reading = mapping.read_delivery(con, path, delivery)
        found.problems += feed_differences(con, delivery.feed, path.read_bytes())
        grain, *more = reading.tables
        for row in dicts(con, f"from {reading.tables[grain]}"):
            found.rows[row["record_id"]] = _plain(row)
        for name in more:
            found.others += [_plain(row) for row in dicts(con, f"from {reading.tables[name]}")]
        refused = dicts(con, f"from {mapping.REJECTED}")
        found.told += [f"{row['value']} {row['reason']}" for row in refused]
        counted = reading.rows_accepted + reading.rows_refused + reading.rows_repeated + reading.rows_skipped
        if reading.rows_read != counted or reading.rows_accepted < 0:
            found.problems.append(("unbalanced", str(reading)))
        standing = {row["line_number"] for row in [*found.rows.values(), *found.others]}
        if standing & {row["#line"] for row in refused} and seed.ending in ("csv", "json", "jsonl"):
            found.problems.append(("refused and accepted", str(standing & {row["#line"] for row in refused})))
        if len(found.rows) > reading.rows_accepted and len(delivery.feed.emits) > 0:
            found.problems.append(("unbalanced", f"{len(found.rows)} records of {reading}"))


def _link(seed: Seed, path: Path, found: Outcome) -> None:
    with _connected() as con:
        notices: list[str] = []
        link.load_files(con, [path], notices)
        found.told += notices
        for row in dicts(con, "from input.site_records"):
            found.rows[row["record_id"]] = _plain(row)
        if seed.read_by == "link csv":
            found.problems += list_differences(con, path.read_bytes())
    if len(path.read_bytes()) % 9 == 0:  # the whole way takes ten times as long
        out, pairs = path.parent / "sites.out.csv", path.parent / "pairs.out.csv"
        made = link.link_files(Settings(data=path.parent / "data", threads=1), [path], out, pairs)
        found.told += made.notices
        with out.open(encoding="utf-8", newline="") as file, long_cells():
            names = [row["record_id"] for row in csv.DictReader(file, strict=True)]
        if sorted(names) != sorted(found.rows):
            found.problems.append(("lost on the way out", f"{len(found.rows)} records in, {len(names)} out"))


def _reference(seed: Seed, path: Path, found: Outcome) -> None:
    _project(path.parent)
    target = path.parent / "schemas" / "reference" / path.name
    target.parent.mkdir(parents=True)
    path.rename(target)
    with _connected() as con:
        con.execute("create schema reference")
        load_reference(con)
        for number, row in enumerate(dicts(con, f"from reference.{path.stem}"), start=2):
            found.rows[str(number)] = _plain(row) | {"line_number": number}
        found.problems += reference_differences(con, path.stem, target.read_bytes())


def _judgements(seed: Seed, path: Path, found: Outcome) -> None:
    _project(path.parent)
    (path.parent / "sources" / "reviews").mkdir(parents=True)
    given = read_judgements(path, skip_undecided=True)
    found.rows = {f"{row.left} {row.right} {row.line}": _plain(vars(row)) | {"line_number": row.line} for row in given}
    if seed.ending == "csv":
        found.problems += judgement_differences([vars(row) for row in given], path.read_bytes())
    summary = reviews.import_judgements(Settings(data=path.parent / "data", threads=1), path)
    found.told += summary.notices
    on_file = read_judgements(summary.decisions) if summary.decisions.exists() else []  # without news it is not made
    kept = {tuple(row.cells()[:5] + row.cells()[6:]) for row in on_file}
    lost = [row.line for row in given if tuple(row.cells()[:5] + row.cells()[6:]) not in kept]
    if lost and not summary.notices:
        found.problems.append(("not kept", f"lines {lost}"))


def _project(root: Path) -> None:
    (root / "conjoin.toml").write_text("[run]\nsettle_seconds = 0\n", encoding="utf-8")
    os.environ["CONJOIN_PROJECT"] = str(root)


_READERS: dict[str, Callable[[Seed, Path, Outcome], None]] = {
    "feed": _feed,
    "link": _link,
    "reference": _reference,
    "judgements": _judgements,
}


def _plain(row: Row) -> Row:
    """A row that can be told as JSON."""
    return {
        name: value if isinstance(value, str | int | float | bool | None) else value.isoformat()
        if hasattr(value, "isoformat")
        else str(value)
        for name, value in row.items()
        if name != "load_id"
    }  # fmt: skip
