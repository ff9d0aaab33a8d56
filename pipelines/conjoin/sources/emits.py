"""SQL that turns the raw rows of a file into the rows of one canonical table.

One statement, in three steps: the cells that the emit needs, their values, and what follows from them (defaults,
derived columns, row rules). Beside each row stands whether anything about it is wrong; the details of what is wrong
are asked for separately, of the offending rows alone, so that clean files cost nothing extra.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from conjoin.errors import DeclarationError
from conjoin.schemas.fields import Field, field
from conjoin.schemas.tables import PROVENANCE, Table, table
from conjoin.schemas.vocabularies import fold_case
from conjoin.schemas.vocabularies import spellings_of as vocabulary_spellings
from conjoin.sources.conversions import (
    Conversion,
    band_parts,
    convert,
    convert_band,
    convert_list,
    end_of_period,
    is_closed_list,
    spellings_of,
)
from conjoin.sources.descriptor import PERIOD, WORKER_COUNT, Emit, Feed, Join, Source
from conjoin.sources.scrubbing import scrubbed
from conjoin.sql import quote_identifier, quote_literal

ROW = '"#row"'
LINE = '"#line"'
SHEET = '"#sheet"'
FAULT = '"#fault"'
MISSED = "missed:"
_KEY_SEPARATOR = "chr(31)"
_MAX_SHOWN = 200
_BAND_CELL = quote_identifier("cell:" + WORKER_COUNT)
_BAND_PARTS = quote_identifier("band:" + WORKER_COUNT)


@dataclass(frozen=True)
class Delivery:
    """What the rows of one file have in common."""

    source: Source
    feed_name: str
    load_id: str
    file_name: str
    delivered_date: date
    period: str | None = None

    @property
    def feed(self) -> Feed:
        """The declaration of the file's kind."""
        return self.source.feed[self.feed_name]

    @property
    def where(self) -> str:
        """Names the declaration in messages."""
        return f"sources/{self.source.kind}s/{self.source.name}/source.toml, feed.{self.feed_name}"


@dataclass(frozen=True)
class _Fault:
    """A condition that refuses a row, and what to say about it."""

    condition: str
    column: str
    value: str
    reason: str
    advice: str
    is_consequence: bool = False  # of the row as a whole: not worth telling beside a fault of the same column

    def as_sql(self) -> str:
        value = shown(f"cast({self.value} as varchar)")
        return (
            f"case when {self.condition} then {{'column_name': {quote_literal(self.column)}, 'value': {value}, "
            f"'reason': {quote_literal(self.reason)}, 'advice': {quote_literal(self.advice)}, "
            f"'is_consequence': {str(self.is_consequence).lower()}}} end"
        )


def shown(cell: str) -> str:
    """SQL of a refused text as people get to see it: short, and without e-mail addresses and telephone numbers."""
    return f"left({scrubbed(cell)}, {_MAX_SHOWN})"


def record_id(source_name: str, table_name: str, label: str | None, keys: list[str]) -> str:
    """SQL of a record's id: the source's name and a hash of table, label and raw key cells."""
    parts = [quote_literal(table_name), quote_literal(label or ""), *(f"coalesce({key}, '')" for key in keys)]
    return f"{quote_literal(source_name + ':')} || left(md5(concat_ws({_KEY_SEPARATOR}, {', '.join(parts)})), 16)"


class EmitSql:
    """Compiles one emit of one delivered file."""

    def __init__(self, delivery: Delivery, emit: Emit, raw: str) -> None:
        """Resolves which column, join or constant fills which field.

        Raises:
            DeclarationError: Two columns fill one field, or a constant is not in its vocabulary.
        """
        self.delivery, self.emit, self.raw = delivery, emit, raw
        self.feed: Feed = delivery.feed
        self.table: Table = table(emit.table)
        self._constants = {**self.feed.constants, **emit.constants}
        self._cells: dict[str, str | Join] = {}
        for column, targets in (*self.feed.columns.items(), *emit.columns.items()):
            for target in [targets] if isinstance(targets, str) else targets:
                self._assign(target, column, overrides=column in emit.columns)
        for target, join in self.feed.join.items():
            self._assign(target, join, overrides=False)

    @cached_property
    def lookups(self) -> dict[str, dict[str, str | None]]:
        """Per field with listed spellings: what each stands for. The caller makes tables of them."""
        found = {name: spellings_of(self.feed, name, self._field(name)) for name in self._cells}
        return {name: spellings for name, spellings in found.items() if spellings and not self._is_list(name)}

    def rows_sql(self) -> str:
        """Select of all rows: row, sheet, the table's columns in order, and whether the row is faulty."""
        columns = ", ".join(quote_identifier(name) for name in self.table.columns)
        conditions = [fault.condition for fault in self._faults() if fault.condition != "false"]
        faults = " or ".join(f"coalesce({condition}, false)" for condition in conditions)
        return f"{self._steps()} select {ROW}, {SHEET}, {columns}, ({faults}) as {FAULT} from final"

    def faults_sql(self, rows: str) -> str:
        """Select of what is wrong with the rows that the relation ``rows`` names."""
        listed = ", ".join(fault.as_sql() for fault in self._faults())
        return (
            f"{self._steps(rows)}, told as (select {ROW}, {LINE}, {SHEET}, unnest([{listed}]) as fault from final) "
            f"select {ROW}, {LINE}, {SHEET}, fault.column_name, fault.value, fault.reason, fault.advice from told "
            f"where fault is not null qualify not fault.is_consequence or not bool_or(not fault.is_consequence) "
            f"over (partition by {ROW}, fault.column_name)"
        )

    # --- what fills which field ----------------------------------------------------------------------------

    def _assign(self, target: str, cell: str | Join, *, overrides: bool) -> None:
        wanted = target in self.table.columns or (target == WORKER_COUNT and "worker_count_min" in self.table.columns)
        if not wanted:
            return
        if target in self._cells and not overrides:
            raise DeclarationError(f"{self.delivery.where}: two columns fill {target}; use join, or drop one")
        self._cells[target] = cell

    @staticmethod
    def _field(name: str) -> Field | None:
        return None if name == WORKER_COUNT else field(name)

    def _is_list(self, name: str) -> bool:
        found = self._field(name)
        return found is not None and found.type == "text_list"

    def _column(self, name: str) -> str:
        return f"base.{quote_identifier(name)}"

    def _key_cells(self, names: list[str]) -> list[str]:
        return [quote_literal(self.delivery.period or "") if n == PERIOD else self._column(n) for n in names]

    # --- the three steps -----------------------------------------------------------------------------------

    def _steps(self, rows: str | None = None) -> str:
        only = f" where {ROW} in (select {ROW} from {rows})" if rows else ""
        base = self._base(f"(select * from {self.raw}{only})")
        return f"with {base}, {self._cells_step()}, {self._values_step()}, {self._final_step()}"

    def _base(self, rows: str) -> str:
        """The raw rows, one per exploded value, with what is extracted from cells."""
        source = rows
        if self.emit.explode:
            column = quote_identifier(self.emit.explode.column)
            parts = f"string_split({column}, {quote_literal(self.emit.explode.separator)})"
            source = f"(select * replace (unnest(coalesce({parts}, [null])) as {column}) from {rows})"
        groups = [
            f"nullif(regexp_extract({quote_identifier(column)}, {quote_literal(pattern)}, {number}), '') "
            f"as {quote_identifier(f'{column}.{name}')}"
            for column, pattern in self.feed.extract.items()
            for name, number in re.compile(pattern).groupindex.items()
        ]
        return f"base as (select {', '.join(['*', *groups])} from {source})"

    def _cells_step(self) -> str:
        source_name = self.delivery.source.name
        ids = [f"{record_id(source_name, self.table.name, self.emit.label, self._key_cells(self._key))} as record_id"]
        for column, referenced in self.table.references.items():
            key = self._key_cells(self.feed.key[referenced])
            ids.append(f"{record_id(source_name, referenced, None, key)} as {column}")
        ids.append(f'coalesce({", ".join(self._key_cells(self._key))}) is null as "#keyless"')
        cells = [f"{self._cell_text(cell)} as {quote_identifier('raw:' + name)}" for name, cell in self._cells.items()]
        when = self._when()
        mismatches = [
            f"{self._column(column)} is not null and not regexp_matches({self._column(column)}, "
            f"{quote_literal(pattern)}) as {quote_identifier('mismatch:' + column)}, "
            f"{self._column(column)} as {quote_identifier('extract:' + column)}"
            for column, pattern in self._extracts()
        ]
        selected = ", ".join([f"base.{ROW}", f"base.{LINE}", f"base.{SHEET}", *ids, *cells, *mismatches])
        return f"cells as (select {selected} from base{f' where {when}' if when else ''})"

    @property
    def _key(self) -> list[str]:
        return self.feed.key_of(self.emit)

    def _extracts(self) -> list[tuple[str, str]]:
        """The extracted columns that this emit uses."""
        used = [*(cell for cell in self._cells.values() if isinstance(cell, str)), *self._key]
        return [(c, p) for c, p in self.feed.extract.items() if any(name.startswith(f"{c}.") for name in used)]

    def _cell_text(self, cell: str | Join) -> str:
        if isinstance(cell, str):
            return self._column(cell)
        parts = ", ".join(self._column(column) for column in cell.columns)
        return f"nullif(concat_ws({quote_literal(cell.separator)}, {parts}), '')"

    def _when(self) -> str:
        when = self.emit.when
        if when is None:
            return ""
        if isinstance(when, str):
            return f"{self._column(when)} is not null"
        return " and ".join(
            f"{self._column(column)} in ({', '.join(quote_literal(value) for value in values)})"
            for column, values in when.items()
        )

    def _values_step(self) -> str:
        columns, joins = [], []
        for name in self._cells:
            raw = quote_identifier("raw:" + name)
            if name in self.lookups:
                alias = quote_identifier("lookup:" + name)
                joins.append(f"left join {alias} on {alias}.spelling = lower(cells.{raw})")
                columns.append(f"{alias}.spelling is not null as {quote_identifier('known:' + name)}")
                given = f"case when {alias}.spelling is not null then {alias}.code else cells.{raw} end"
                columns.append(f"{given} as {quote_identifier('cell:' + name)}")
            else:
                columns.append(f"cells.{raw} as {quote_identifier('cell:' + name)}")
        looked_up = f"looked_up as (select {', '.join(['cells.*', *columns])} from cells {' '.join(joins)})"
        parts = f", {band_parts(self.feed, _BAND_CELL)} as {_BAND_PARTS}" if WORKER_COUNT in self._cells else ""
        return f"{looked_up}, parsed as (select *{parts} from looked_up)"

    def _final_step(self) -> str:
        delivered = f"date '{self.delivery.delivered_date.isoformat()}' as delivered_date"
        kept = f"{ROW}, {LINE}, {SHEET}, columns('^(raw|known|cell|mismatch|extract|band):|^#keyless$'), {delivered}"
        values = ", ".join(f"{sql} as {quote_identifier(name)}" for name, sql in self._values().items())
        completed = []
        for name, expression in self.table.derived.items():
            completed.append(f"coalesce({name}, {expression}) as {name}")
        for name, default in self.table.defaults.items():
            completed.append(f"coalesce({name}, {quote_literal(default)}) as {name}")
        replaced = f" replace ({', '.join(completed)})" if completed else ""
        # Asked before anything is filled in: else a day that cannot be read would become the day before it in silence.
        missed = "".join(f", {sql} as {quote_identifier(MISSED + name)}" for name, sql in self._missed().items())
        return f"valued as (select {kept}, {values} from parsed), final as (select *{replaced}{missed} from valued)"

    def _missed(self) -> dict[str, str]:
        """Per field that reads more than listed spellings: SQL that holds where a filled cell is not understood."""
        found = {}
        for name in self._cells:
            cell, entry = quote_identifier("cell:" + name), self._field(name)
            if entry is None:
                found[name] = f"({cell} is not null and worker_count_min is null)"
            elif entry.type != "text" and (not is_closed_list(entry) or self._is_list(name)):
                missed = self._conversion_of(entry).missed or f"{name} is null"
                found[name] = f"({cell} is not null and {missed})"
        return found

    def _values(self) -> dict[str, str]:
        """SQL of every column of the table, in order."""
        visibility = self.feed.visibility.get(self.table.name, self.delivery.source.visibility)
        given = {
            "record_id": "record_id",
            "source_name": quote_literal(self.delivery.source.name),
            "load_id": quote_literal(self.delivery.load_id),
            "line_number": LINE,
            "visibility": quote_literal(visibility),
            **{column: column for column in self.table.references},
        }
        found = {}
        for entry in self.table.fields:
            sql = given.get(entry.name) or self._value(entry)
            found[entry.name] = f"cast({sql} as {entry.sql_type})"
        return found

    def _value(self, entry: Field) -> str:
        if entry.name in ("worker_count_min", "worker_count_max") and WORKER_COUNT in self._cells:
            lower, upper = convert_band(_BAND_PARTS, self.delivery.where)
            return lower.value if entry.name == "worker_count_min" else upper.value
        if entry.name in self._cells:
            return self._conversion_of(entry).value
        if entry.name in self._constants:
            return self._constant(entry)
        return "null"

    def _conversion_of(self, entry: Field) -> Conversion:
        build = convert_list if entry.type == "text_list" else convert
        return build(self.feed, entry, quote_identifier("cell:" + entry.name), self.delivery.where)

    def _constant(self, entry: Field) -> str:
        value = self._constants[entry.name]
        if PERIOD in value:
            if self.delivery.period is None:
                raise DeclarationError(f"{self.delivery.where}: constants.{entry.name}: the pattern has no {PERIOD}")
            if entry.type == "date":
                return f"date '{end_of_period(self.delivery.period).isoformat()}'"
            value = value.replace(PERIOD, self.delivery.period)
        if entry.type == "text_list":
            return convert_list(self.feed, entry, quote_literal(value), self.delivery.where).value
        if entry.vocabulary:
            spellings = vocabulary_spellings(entry.vocabulary)
            if fold_case(value) not in spellings:
                raise DeclarationError(f"{self.delivery.where}: constants.{entry.name}: unknown value {value!r}")
            return quote_literal(spellings[fold_case(value)])
        return quote_literal(value)

    # --- what can be wrong ---------------------------------------------------------------------------------

    def _faults(self) -> Iterator[_Fault]:
        key = " + ".join(self._key)
        yield _Fault('"#keyless"', key, "null", "the key is empty", "every record needs its key: fill the cell")
        for column, _ in self._extracts():
            yield _Fault(
                quote_identifier("mismatch:" + column),
                column,
                quote_identifier("extract:" + column),
                "does not look as declared",
                f"correct the cell, or extract.{column!r} in {self.delivery.where}",
            )
        for name in self._cells:
            yield self._cell_fault(name)
        yield from self._row_faults()

    def _cell_fault(self, name: str) -> _Fault:
        raw = quote_identifier("raw:" + name)
        entry, header = self._field(name), self._header(name)
        if entry is None:
            lower = convert_band(_BAND_PARTS, self.delivery.where)[0]
            return _Fault(quote_identifier(MISSED + name), header, raw, lower.reason, lower.advice)
        if is_closed_list(entry) and not self._is_list(name):
            known = quote_identifier("known:" + name)
            words = f"an unknown {entry.vocabulary}" if entry.vocabulary else "neither yes nor no"
            advice = (
                f"say in {self.delivery.where} what it means (values.{name}: `conjoin codes {entry.vocabulary}` lists "
                "what it may mean), or correct the export"
                if entry.vocabulary
                else f"say in {self.delivery.where} what it means (values.{name}), or correct the export"
            )
            return _Fault(f"{raw} is not null and not {known}", header, raw, words, advice)
        conversion = self._conversion_of(entry)
        # A text cell is always understood, even when nothing is left of it once it is scrubbed.
        condition = quote_identifier(MISSED + name) if entry.type != "text" else "false"
        return _Fault(condition, header, raw, conversion.reason, conversion.advice)

    def _row_faults(self) -> Iterator[_Fault]:
        for name in self.table.required:
            if name not in (*PROVENANCE, *self.table.references, *self.table.derived):
                reason, advice = f"{name} is missing", f"fill the cell; {self.table.name} needs it"
                yield _Fault(f"{name} is null", self._header(name), "null", reason, advice, is_consequence=True)
        given = {*self._cells, *self._constants}
        for rule in self.table.rule:
            if set(rule.needs) <= given:
                value = "concat_ws(' | ', " + ", ".join(f"cast({name} as varchar)" for name in rule.columns) + ")"
                told = [n for n in rule.columns if n in given or (n.startswith(WORKER_COUNT) and WORKER_COUNT in given)]
                headers = " + ".join(dict.fromkeys(map(self._header, told)))
                column = headers or rule.columns[0]
                yield _Fault(f"({rule.sql})", column, value, rule.reason, rule.advice, is_consequence=True)

    def _header(self, name: str) -> str:
        cell = self._cells.get(name) or (self._cells.get(WORKER_COUNT) if name.startswith(WORKER_COUNT) else None)
        if cell is None:
            return name
        return cell if isinstance(cell, str) else " + ".join(cell.columns)
