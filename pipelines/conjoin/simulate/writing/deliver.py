"""The deliveries of one source: the inverse of its declaration.

Every feed is turned round by the same code. What its columns, values, constants, dates, numbers, joins, identifiers,
keys, extracts and emits read, is written; columns that it ignores get harmless filler. A source declared tomorrow is
simulated without a line here.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from conjoin.simulate.writing.files import write_file
from conjoin.simulate.writing.parties import World, build_party
from conjoin.simulate.writing.periods import file_name, periods_of
from conjoin.simulate.writing.rows import TRUE_ID, feed_rows
from conjoin.simulate.writing.sheets import FeedSheet
from conjoin.sources.descriptor import PERIOD, Emit, Feed, Source

#: Order of the feeds of a source: what others refer to comes first.
_ORDER = {"site_records": 0, "audit_records": 1, "certificates": 1, "findings": 3, "audit_uses": 3}


@dataclass
class Delivered:
    """What one source delivered.

    Attributes:
        files: Paths written.
        truth: Per file, the raw key cells of its records with the true ids: (feed, emit, period, frame).
        left_out: What could not be simulated: feed to reason.
    """

    files: list[Path] = field(default_factory=list)
    truth: list[tuple[str, Emit, str | None, pd.DataFrame]] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def deliver(world: World, source: Source, folder: Path, target: Path) -> Delivered:
    """Write all files of ``source`` below ``target``.

    Args:
        world: The truth.
        source: The declaration.
        folder: Where it stands; the names of its sample files show how periods are written.
        target: An existing folder.
    """
    party = build_party(world, source)
    delivered = Delivered()
    keys: dict[str, pd.DataFrame] = {}
    feeds = sorted(source.feed, key=lambda name: (_ORDER.get(source.feed[name].all_emits()[0].table, 2), name))
    for name in feeds:
        feed = source.feed[name]
        known = keys["audit_records"].index if "audit_records" in keys else None
        rows = feed_rows(world, party, feed, periods_of(source, name, folder), known)
        delivered.left_out |= {f"{name}, emit {number + 1}": reason for number, reason in rows.left_out.items()}
        written = FeedSheet(party, feed, rows, keys).settled()
        _remember_keys(feed, written, keys)
        _write_periods(delivered, name, feed, written, target)
    return delivered


def _write_periods(delivered: Delivered, name: str, feed: Feed, sheet: FeedSheet, target: Path) -> None:
    least = feed.expect.min.rows or 1
    for period, index in sheet.by_period():
        if len(index) < least:
            delivered.left_out[f"{name}, period {period}"] = f"only {len(index)} rows; the feed expects {least}"
            continue
        path = target / file_name(feed, period)
        write_file(path, feed, sheet.raw.loc[index], sheet.date_columns)
        delivered.files.append(path)
        delivered.truth += [(name, emit, period, frame) for emit, frame in sheet.truth(index)]


def _remember_keys(feed: Feed, sheet: FeedSheet, keys: dict[str, pd.DataFrame]) -> None:
    """Raw key cells by true id, so that other feeds of the source refer to the same records."""
    for name in ("audit_records", "certificates"):
        grain = feed.all_emits()[0]
        if name == grain.table and TRUE_ID[name] in sheet.rows.base:
            cells = sheet.raw[[column for column in feed.key_of(grain) if column != PERIOD]].copy()
            cells.columns = pd.RangeIndex(cells.shape[1])
            cells.index = pd.Index(sheet.rows.base.loc[sheet.raw.index, TRUE_ID[name]])
            found = cells[~cells.index.duplicated()]
            keys[name] = pd.concat([keys[name], found]) if name in keys else found
            keys[name] = keys[name][~keys[name].index.duplicated()]
