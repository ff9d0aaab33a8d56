"""Releases of totals: the same cells for every reader, on fixed days, safe together with all releases before.

A cell is told when it rests on enough sites and parties, and so does what changed in it since it was told last; else
what was told last stands, with the number of its release. What else must be withheld so that sums do not tell a cell,
``suppression`` finds over all releases at once.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from conjoin.errors import PackError
from conjoin.keeping.folders import make_private
from conjoin.keeping.handed_out import packs_folder
from conjoin.packs.release_grid import Release, ReleasedCell, joint_grid
from conjoin.packs.suppression import choose_withheld
from conjoin.packs.totals import ALL, OTHER_CLASS, PLANNED, Cell, load_cells, safe_cells
from conjoin.schemas.policy import ReleaseRule, policy
from conjoin.settings import Settings
from conjoin.sql import quote_literal


def releases(settings: Settings) -> list[Release]:
    """Every release so far, in order."""
    found = []
    with duckdb.connect() as con:
        for folder in sorted(_folder(settings).glob("[0-9]*")):
            rows = con.execute(
                "select breakdown, value, audit_class, audit_count, seen_count, shown_count, as_of_release, "
                f"is_current from read_parquet({quote_literal(str(folder / 'cells.parquet'))}) order by all"
            ).fetchall()
            number, _, day = folder.name.partition("_")
            cells = [ReleasedCell(Cell(*row[:3]), int(row[3]), int(row[4]), *row[5:]) for row in rows]
            found.append(Release(int(number), date.fromisoformat(day), cells))
    return found


def make_release(con: duckdb.DuckDBPyConnection, settings: Settings, day: date) -> Release:
    """Decide what the release of a day tells, and keep it; nothing is kept if it cannot be decided.

    Args:
        con: Holds ``audits`` (``totals.load_audits``).
        settings: Where releases are kept.
        day: The day.

    Raises:
        PackError: It is no day of release, lies before the last one, or cannot be made safe.
    """
    rule, earlier = policy().release, releases(settings)
    _refuse_day(rule, earlier, day)
    load_cells(con, "audits", "plans", "cells", rule.breakdowns)
    told = _told_last(earlier)
    counts = _counts(con, rule, told)
    if not counts:
        raise PackError(
            f"by {day} no audit had been delivered that may stand behind totals; there is nothing to release"
        )
    safe = safe_cells(con, "cells", rule)
    fresh = {
        cell
        for cell in counts
        if _is_safe(cell, counts, safe) and (cell not in told or _may_follow(con, settings, rule, cell, told, counts))
    }
    number = len(earlier) + 1
    withheld = _withheld(rule, earlier, counts, fresh, told)
    cells = [_told(cell, count, None if cell in withheld else number, told) for cell, count in sorted(counts.items())]
    release = Release(number, day, cells)
    _keep(con, settings, release)
    return release


def _refuse_day(rule: ReleaseRule, earlier: list[Release], day: date) -> None:
    if earlier and f"{day:%m-%d}" not in rule.days:
        raise PackError(
            f"{day} is no day of release: after the first, totals are released on {', '.join(rule.days)} (month-day), "
            "since two releases close together would tell what came in between. schemas/policy.toml names the days"
        )
    if earlier and day <= earlier[-1].day:
        raise PackError(f"release {earlier[-1].number} is of {earlier[-1].day}; the next is of a later day")


@dataclass(frozen=True)
class _Count:
    """Audits of a cell, and those among them that some audience sees as rows."""

    all: int = 0
    seen: int = 0


def _counts(con: duckdb.DuckDBPyConnection, rule: ReleaseRule, told: dict[Cell, tuple[int, int]]) -> dict[Cell, _Count]:
    """Every cell of every value that occurs or was told before, empty classes too."""
    classes = [ALL, *sorted({*rule.classes.values(), OTHER_CLASS})]
    select = "select breakdown, value, audit_class, count(*), count_if(len(seen_by) > 0) from cells group by all"
    found = {Cell(*row[:3]): _Count(int(row[3]), int(row[4])) for row in con.execute(select).fetchall()}
    values = sorted({(cell.breakdown, cell.value) for cell in found.keys() | told.keys()})
    return {
        Cell(breakdown, value, name): found.get(Cell(breakdown, value, name), _Count())
        for breakdown, value in values
        for name in (classes if breakdown != PLANNED else [ALL])
    }


def _is_safe(cell: Cell, counts: dict[Cell, _Count], safe: set[Cell]) -> bool:
    """An empty cell is as safe as the value that it belongs to."""
    return cell in safe or (counts[cell].all == 0 and Cell(cell.breakdown, cell.value, ALL) in safe)


def _told_last(earlier: list[Release]) -> dict[Cell, tuple[int, int]]:
    """What each cell was told to be last, and by which release."""
    return {
        one.cell: (one.shown, one.as_of)
        for release in earlier
        for one in release.cells
        if one.shown is not None and one.as_of is not None
    }


def _may_follow(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    rule: ReleaseRule,
    cell: Cell,
    told: dict[Cell, tuple[int, int]],
    counts: dict[Cell, _Count],
) -> bool:
    """Whether a cell may be told again: nothing changed in it, or enough did."""
    if counts[cell].all == told[cell][0]:
        return True
    _load_changes(con, settings, rule, told[cell][1])
    return cell in safe_cells(con, f"changes_{told[cell][1]}", rule)


def _load_changes(con: duckdb.DuckDBPyConnection, settings: Settings, rule: ReleaseRule, number: int) -> None:
    """Make ``changes_N``: the audits that came into a cell since release N, and those that left it."""
    name = f"changes_{number}"
    if con.execute("select 1 from duckdb_tables() where table_name = $1", [name]).fetchall():
        return
    (folder,) = _folder(settings).glob(f"{number:04}_*")
    for kept in ("audits", "plans"):
        read = f"from read_parquet({quote_literal(str(folder / f'{kept}.parquet'))})"
        con.execute(f"create or replace view {kept}_then as {read}")
    load_cells(con, "audits_then", "plans_then", "cells_then", rule.breakdowns)
    con.execute(
        f"""
        create table {name} as
        select * from cells anti join cells_then using (breakdown, value, audit_class, event_id)
        union all by name
        select * from cells_then anti join cells using (breakdown, value, audit_class, event_id)
        """
    )


def _withheld(
    rule: ReleaseRule,
    earlier: list[Release],
    counts: dict[Cell, _Count],
    fresh: set[Cell],
    told: dict[Cell, tuple[int, int]],
) -> set[Cell]:
    """Cells of this release that are not told as they are now."""
    grid, keys = joint_grid(rule, [*earlier, Release(len(earlier) + 1, date.max, _undecided(counts, fresh, told))])
    chosen = choose_withheld(grid)
    return {cell for (number, cell), is_chosen in zip(keys, chosen, strict=True) if is_chosen and number > len(earlier)}


def _undecided(counts: dict[Cell, _Count], fresh: set[Cell], told: dict[Cell, tuple[int, int]]) -> list[ReleasedCell]:
    return [_told(cell, count, 0 if cell in fresh else None, told) for cell, count in sorted(counts.items())]


def _told(cell: Cell, count: _Count, number: int | None, told: dict[Cell, tuple[int, int]]) -> ReleasedCell:
    """A cell as release ``number`` tells it; without a number, as it was told last."""
    shown, as_of = told.get(cell, (None, None))
    if number is None:
        return ReleasedCell(cell, count.all, count.seen, shown, as_of, is_current=False)
    as_of = as_of if shown == count.all else number
    return ReleasedCell(cell, count.all, count.seen, count.all, as_of, is_current=True)


def _keep(con: duckdb.DuckDBPyConnection, settings: Settings, release: Release) -> None:
    folder = _folder(settings) / f"{release.number:04}_{release.day}"
    building = make_private(folder.with_name(f".{folder.name}.building"))
    con.execute(
        "create or replace temp table kept_cells (breakdown varchar, value varchar, audit_class varchar, "
        "audit_count bigint, seen_count bigint, shown_count bigint, as_of_release bigint, is_current boolean)"
    )
    rows = [
        (*vars(one.cell).values(), one.count, one.seen, one.shown, one.as_of, one.is_current) for one in release.cells
    ]
    con.executemany("insert into kept_cells values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    for name, select in (("cells", "from kept_cells"), ("audits", "from audits"), ("plans", "from plans")):
        path = quote_literal(str(building / f"{name}.parquet"))
        con.execute(f"copy ({select} order by all) to {path} (format parquet)")
    building.replace(folder)


def _folder(settings: Settings) -> Path:
    return packs_folder(settings) / "releases"
