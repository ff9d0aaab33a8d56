"""From a delivered file to canonical tables: every column accounted for, every row accepted or refused with a reason.

Conservation: rows read = accepted + refused + repeated + skipped. A row is refused whole, even when only one of the
tables that it feeds could not be filled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from conjoin import content
from conjoin.errors import MissingColumn, UnknownColumn
from conjoin.plain import listed, visible
from conjoin.schemas.vocabularies import fold_case
from conjoin.sources.descriptor import Feed
from conjoin.sources.emits import FAULT, LINE, ROW, SHEET, Delivery, EmitSql, shown
from conjoin.sources.readers.readers import RAW, DeliveredFile
from conjoin.sql import quote_identifier, quote_literal

REJECTED = "rejected_rows"
_REFUSED = "refused"
_MOST_LISTED = 12


@dataclass(frozen=True)
class Reading:
    """What became of one delivered file.

    Attributes:
        tables: Canonical table name to the temporary table that holds its accepted rows, columns in order.
        rows_read: Rows of the file that hold anything.
        rows_accepted: Rows that became records.
        rows_refused: Rows with at least one reason in the temporary table ``rejected_rows``.
        rows_repeated: Rows identical to an earlier row of the file.
        rows_skipped: Rows left out because the declaration says so.
        notices: What a person should know of the file: sheets and rows that it hides, sheets that were left out.
    """

    tables: dict[str, str]
    rows_read: int
    rows_accepted: int
    rows_refused: int
    rows_repeated: int
    rows_skipped: int
    notices: tuple[str, ...] = ()


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Give ``con`` what the row rules of schemas/tables use."""
    boxes = content.find("schemas/reference/country_boxes.csv")
    con.execute(f"create or replace temp table country_boxes as from read_csv({quote_literal(str(boxes))})")
    inside = "{0} between b.latitude_min and b.latitude_max and {1} between b.longitude_min and b.longitude_max"
    con.execute(
        "create or replace temp macro is_swapped(country, lat, lon) as exists (select 1 from country_boxes as b where "
        f"b.country_code = country and not ({inside.format('lat', 'lon')}) and ({inside.format('lon', 'lat')}))"
    )


def read_delivery(
    con: duckdb.DuckDBPyConnection, path: Path, delivery: Delivery, workspace: Path | None = None
) -> Reading:
    """Read one delivered file into temporary tables of ``con``.

    Args:
        con: As ``prepare`` left it.
        path: Where the file is.
        delivery: What it is.
        workspace: A private folder for copies of the file; that of the system if None.

    Raises:
        UnreadableFile: The file is not what its declaration says.
        UnknownColumn: A column is neither mapped nor ignored.
        MissingColumn: A declared column is not there.
    """
    file = DeliveredFile(path, delivery.file_name, delivery.feed.format, delivery.feed.reader, workspace)
    absent = account_for_columns(file.header, delivery)
    rows_read = file.load(con)
    for column in absent:
        con.execute(f"alter table {RAW} add column {quote_identifier(column)} varchar")
    skipped = _drop_skipped(con, delivery)
    emits = [EmitSql(delivery, emit, RAW) for emit in delivery.feed.all_emits()]
    _make_lookups(con, emits)
    for number, emit in enumerate(emits):
        con.execute(f"create or replace temp table emit_{number} as {emit.rows_sql()}")
    _collect_faults(con, delivery, emits)
    repeated = _settle_repeats(con, emits[0])
    tables = _gather_tables(con, emits)
    refused = _count(con, f"select count(distinct {ROW}) from {REJECTED}")
    accepted = rows_read - skipped - refused - repeated
    return Reading(tables, rows_read, accepted, refused, repeated, skipped, tuple(file.notices))


def account_for_columns(header: list[str], delivery: Delivery) -> list[str]:
    """Refuse a file whose header is not exactly what the declaration accounts for; return absent optional columns.

    Raises:
        UnknownColumn: A column is neither mapped nor ignored.
        MissingColumn: A declared column is not there.
    """
    feed = delivery.feed
    used = feed.used_columns()
    unknown = [column for column in header if column not in used and not _matches_any(column, feed.ignore)]
    absent = [column for column in used if column not in header and column != feed.reader.sheet_column]
    missing = [column for column in absent if not _matches_any(column, feed.optional)]
    hint = f" Missing from the file: {listed(missing)} - was it renamed?" if missing and unknown else ""
    if unknown and len(unknown) == len(header):  # not shown: without a header these are cells, personal ones too
        _refuse_other_dress(header, used, delivery)
        raise UnknownColumn(
            f"{delivery.file_name}: the first row holds none of the columns of {delivery.where}; it should begin with "
            f"{listed(used[:3])} ... Is the header missing, or reader.skip_rows wrong?"
        )
    if unknown:
        raise UnknownColumn(
            f"{delivery.file_name}: {_numbered(header, unknown)} not known to {delivery.where}."
            f" Map it under columns, or give a reason under ignore.{hint}"
        )
    if missing:
        raise MissingColumn(
            f"{delivery.file_name}: the header lacks {listed(missing)}, which {delivery.where} reads. Ask for the file "
            "with them or, if it may come without, list them under optional: they then count as empty. "
            f"It has {listed(header)}"
        )
    return absent


def _refuse_other_dress(header: list[str], used: list[str], delivery: Delivery) -> None:
    """Refuse a header that is the declared one in other letters, or cut at other signs, and say so.

    Raises:
        UnknownColumn: It is one of these.
    """
    names = {fold_case(column): column for column in used}
    known = [column for column in header if fold_case(column) in names]
    if len(known) > len(header) / 2:
        raise UnknownColumn(
            f"{delivery.file_name}: the header is there, but in other capitals ({known[0]!r} for "
            f"{names[fold_case(known[0])]!r}); write the columns in {delivery.where} as the file does"
        )
    if delivery.feed.format == "csv" and len(header) == 1:
        for mark in ",;\t|":
            parts = [part.strip().strip('"') for part in header[0].split(mark)]
            if len(parts) > 1 and any(part in used for part in parts):
                raise UnknownColumn(
                    f"{delivery.file_name}: the file looks separated by {mark!r}, {delivery.where} says "
                    f"{delivery.feed.reader.delimiter!r}; set reader.delimiter, or export it as declared"
                )


def _matches_any(column: str, patterns: Iterable[str]) -> bool:
    return any(column == pattern or fnmatchcase(column, pattern) for pattern in patterns)


def _numbered(header: list[str], columns: list[str]) -> str:
    places = {column: number for number, column in enumerate(header, start=1)}
    named = ", ".join(f"{visible(column[:80])!r} (column {places[column]})" for column in columns[:_MOST_LISTED])
    more = f" and {len(columns) - _MOST_LISTED:,} more" if len(columns) > _MOST_LISTED else ""
    return f"column {named} is" if len(columns) == 1 else f"columns {named}{more} are"


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    return int(con.execute(sql).fetchall()[0][0])


def _drop_skipped(con: duckdb.DuckDBPyConnection, delivery: Delivery) -> int:
    conditions = [
        f"{quote_identifier(column)} in ({', '.join(quote_literal(value) for value in values)})"
        for column, values in delivery.feed.skip.items()
    ]
    if not conditions:
        return 0
    return _count(con, f"delete from {RAW} where {' or '.join(conditions)}")


def _make_lookups(con: duckdb.DuckDBPyConnection, emits: list[EmitSql]) -> None:
    spellings = {name: found for emit in emits for name, found in emit.lookups.items()}
    for name, found in spellings.items():
        table = quote_identifier("lookup:" + name)
        con.execute(f"create or replace temp table {table} (spelling varchar, code varchar)")
        con.execute(f"insert into {table} select unnest($1), unnest($2)", [list(found), list(found.values())])


def _collect_faults(con: duckdb.DuckDBPyConnection, delivery: Delivery, emits: list[EmitSql]) -> None:
    """Fill ``rejected_rows`` with every reason of every faulty row."""
    con.execute(
        f"create or replace temp table {REJECTED} ({ROW} bigint, {LINE} bigint, {SHEET} varchar, column_name varchar, "
        "value varchar, reason varchar, advice varchar)"
    )
    for number, emit in enumerate(emits):
        con.execute(f"create or replace temp table faulty as select distinct {ROW} from emit_{number} where {FAULT}")
        if _count(con, "select count(*) from faulty"):
            con.execute(f"insert into {REJECTED} {emit.faults_sql('faulty')}")
    for column, known in _when_values(delivery.feed).items():
        cell = quote_identifier(column)
        listed = ", ".join(quote_literal(value) for value in known)
        is_unknown = f"{cell} is not null and {cell} not in ({listed})"
        advice = f"add the value to an emit's when, or to skip with a reason, in {delivery.where}"
        con.execute(
            f"insert into {REJECTED} select {ROW}, {LINE}, {SHEET}, {quote_literal(column)}, {shown(cell)}, "
            f"'an unknown value', {quote_literal(advice)} from {RAW} where {is_unknown}"
        )
    if all(emit.emit.when for emit in emits):
        _refuse_what_becomes_nothing(con, delivery, len(emits))
    con.execute(
        f"create or replace temp table {REJECTED} as select distinct * from {REJECTED} "
        f"order by {ROW}, column_name, reason, value"
    )
    con.execute(f"create or replace temp table {_REFUSED} as select distinct {ROW} from {REJECTED}")


def _refuse_what_becomes_nothing(con: duckdb.DuckDBPyConnection, delivery: Delivery, emit_count: int) -> None:
    """A row to which no emit applies would be counted as accepted and be nowhere."""
    told = " union all ".join(f"select {ROW} from emit_{number}" for number in range(emit_count))
    columns = " + ".join(_when_columns(delivery.feed))
    advice = f"fill one of these cells, or add the row to skip with a reason, in {delivery.where}"
    con.execute(
        f"insert into {REJECTED} select {ROW}, {LINE}, {SHEET}, {quote_literal(columns)}, null, "
        f"'the row becomes no record', {quote_literal(advice)} from {RAW} "
        f"where {ROW} not in ({told} union all select {ROW} from {REJECTED})"
    )


def _when_columns(feed: Feed) -> list[str]:
    """Columns on which it depends whether a row becomes anything."""
    named = [[emit.when] if isinstance(emit.when, str) else list(emit.when or {}) for emit in feed.all_emits()]
    return list(dict.fromkeys(column for columns in named for column in columns))


def _when_values(feed: Feed) -> dict[str, list[str]]:
    """Columns whose values decide what a row becomes, with every value accounted for."""
    found: dict[str, list[str]] = {}
    for emit in feed.emit:
        for column, values in (emit.when if isinstance(emit.when, dict) else {}).items():
            found.setdefault(column, list(feed.skip.get(column, {}))).extend(values)
    return found


def _settle_repeats(con: duckdb.DuckDBPyConnection, grain: EmitSql) -> int:
    """One key, one row: identical rows count once, rows that contradict each other are refused together."""
    key = " + ".join(grain.feed.key_of(grain.emit))
    # Keys first: to compare the content of every row would cost a tenth of all reading, and most files repeat nothing.
    con.execute(
        "create or replace temp table doubled as select record_id from emit_0 group by record_id having count(*) > 1"
    )
    if not _count(con, "select count(*) from doubled"):
        return 0
    content_columns = ", ".join(name for name in grain.table.columns if name != "line_number")
    con.execute(
        f"create or replace temp table repeats as select record_id, count(distinct row({content_columns})) > 1 "
        f"as is_contradiction, list_sort(list(distinct "
        f"{{'row': {ROW}, 'place': coalesce({SHEET} || '!', '') || line_number}})) as lines from emit_0 "
        f"semi join doubled using (record_id) where {ROW} not in (select {ROW} from {_REFUSED}) "
        f"group by record_id having count(distinct {ROW}) > 1"
    )
    if not _count(con, "select count(*) from repeats"):
        return 0
    con.execute(
        f"insert into {REJECTED} select distinct e.{ROW}, e.line_number, e.{SHEET}, {quote_literal(key)}, null, "
        "'the key stands on several rows with different content: lines ' || "
        "array_to_string(list_transform(r.lines[:5], lambda x: x.place), ', '), "
        "'keep the right row and deliver the file again' "
        "from emit_0 as e join repeats as r using (record_id) where r.is_contradiction order by 1"
    )
    con.execute(f"create or replace temp table {_REFUSED} as select distinct {ROW} from {REJECTED}")
    con.execute(
        "create or replace temp table repeated as select distinct unnest(lines[2:])['row'] from repeats "
        f"where not is_contradiction except select lines[1]['row'] from repeats except select {ROW} from {_REFUSED}"
    )
    return _count(con, "select count(*) from repeated")


def _gather_tables(con: duckdb.DuckDBPyConnection, emits: list[EmitSql]) -> dict[str, str]:
    """Accepted rows per canonical table, as views; of a record that several rows describe, one row stands."""
    tables: dict[str, list[int]] = {}
    for number, emit in enumerate(emits):
        tables.setdefault(emit.table.name, []).append(number)
    is_clean = not _count(con, f"select count(*) from {_REFUSED}")
    kept = "" if is_clean else f" where {ROW} not in (select {ROW} from {_REFUSED})"
    found = {}
    for name, numbers in tables.items():
        columns = ", ".join(quote_identifier(column) for column in emits[numbers[0]].table.columns)
        parts = " union all ".join(f"select {ROW}, {columns} from emit_{number}{kept}" for number in numbers)
        # The first of identical rows stands for the grain of the file; of what rows tell besides, the last word counts.
        standing = _standing_rows(con, name, f"({parts})", "min" if 0 in numbers else "max")
        found[name] = f"accepted_{name}"
        con.execute(f"create or replace temp view {found[name]} as select {columns} from {standing}")
    return found


def _standing_rows(con: duckdb.DuckDBPyConnection, name: str, rows: str, which: str) -> str:
    """A relation with one of ``rows`` per record; ``rows`` itself when no record stands on two, as in most files."""
    if not _count(con, f"select count(*) - count(distinct record_id) from {rows}"):
        return rows
    standing = f"standing_{name}"
    con.execute(
        f"create or replace temp table {standing} as select record_id, {which}({ROW}) as {ROW} "
        f"from {rows} group by record_id"
    )
    kept = f"from {rows} semi join {standing} using (record_id, {ROW})"
    # One line can tell the same record twice: an exploded cell with a repeated value does.
    has_doubles = _count(con, f"select count(*) {kept}") > _count(con, f"select count(*) from {standing}")
    return f"(select {'distinct on (record_id) ' if has_doubles else ''}* {kept})"
