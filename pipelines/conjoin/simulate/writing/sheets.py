"""The cells of one feed, column by column: what its declaration reads, written."""

import functools

import numpy as np
import numpy.typing as npt
import pandas as pd

from conjoin.schemas.fields import field
from conjoin.schemas.tables import table, tables
from conjoin.simulate.industry.identifiers import identifiers
from conjoin.simulate.industry.truth import ORDERERS
from conjoin.simulate.writing.cells import CellWriter
from conjoin.simulate.writing.files import encodable, sheet_name
from conjoin.simulate.writing.parties import Party
from conjoin.simulate.writing.rows import TRUE_ID, FeedRows, Slot
from conjoin.simulate.writing.templates import sample
from conjoin.simulate.writing.words import IRRELEVANT, is_coded
from conjoin.sources.descriptor import PERIOD, WORKER_COUNT, Emit, Feed

_ID_FIELDS = {
    "audit_id_source": "audit_records",
    "certificate_id_source": "certificates",
    "finding_id_source": "findings",
    "parent_audit_id_source": "audit_records",
}
_IDENTIFIER_SHARE = 0.6  # of the records that have an identifier which is not the party's own code
_DATES = ("visit_start", "issued_date", "uploaded_date", "self_assessed_date")


class FeedSheet:
    """The cells of one feed, column by column."""

    def __init__(self, party: Party, feed: Feed, rows: FeedRows, keys: dict[str, pd.DataFrame]) -> None:
        """Writes every column of the feed."""
        self._party, self._feed, self.rows, self._keys = party, feed, rows, keys
        self._writer = CellWriter(feed, party.rng)
        self._index = rows.base.index
        self._is_true = np.ones(len(self._index), bool)
        self._untrue: dict[int, pd.Index] = {}
        self._entity_ids = self._native_ids()
        self.date_columns: set[str] = set()
        self.raw = self._written()
        if self._withdraw_untrue_slots():
            self.raw = self._written()
        if feed.format != "workbook":
            self.raw = self.raw.apply(encodable, encoding=feed.reader.encoding)
        if feed.reader.sheet_column:
            self.raw[feed.reader.sheet_column] = sheet_name(feed.reader)

    def _written(self) -> pd.DataFrame:
        columns = self._feed.used_columns()
        return pd.DataFrame({column: self._column(column) for column in columns}, index=self._index)

    def _withdraw_untrue_slots(self) -> bool:
        """Empties the emits of rows in which they would say something untrue; whether there were any."""
        for number, rows in self._untrue.items():
            slot = self.rows.slots[number]
            slot.is_active = slot.is_active.difference(rows)
        found = bool(self._untrue)
        self._untrue = {}
        return found

    # --- one column -----------------------------------------------------------------------------------------------

    def _column(self, column: str) -> pd.Series:
        """The cells of one column of the file."""
        if column in self._feed.extract:
            groups = {
                name[len(column) + 1 :]: wanted
                for name in self._pseudo_columns(column)
                if (wanted := self._wanted(name)) is not None
            }
            if groups and self._is_exploded(column):
                return self._joined_again(column, groups)
            if groups:
                return self._writer.extracted(column, groups)
            return self._unmapped(column)
        wanted = self._wanted(column)
        if wanted is None:
            return self._joined_part(column) if self._joins(column) else self._unmapped(column)
        if self._is_exploded(column):
            return self._joined_again(column, {"": wanted})
        written = self._writer.write(column, wanted, self._ordinal(column))
        self._note_untrue(column, written.is_true)
        if any(target != WORKER_COUNT and field(str(target)).type == "date" for target in wanted):
            self.date_columns.add(column)
        return self._as_accepted(column, written.cells)

    def _note_untrue(self, column: str, is_true: npt.NDArray[np.bool_]) -> None:
        """Rows in which the column cannot say what it should: an emit of its own stays empty, else the row goes."""
        numbers = [n for n, emit in enumerate(self._feed.emit) if column in emit.columns and n in self.rows.slots]
        if column in self._feed.columns or not numbers:
            self._is_true &= is_true
            return
        for number in numbers:
            rows = self._index[~is_true].intersection(self.rows.slots[number].is_active)
            if len(rows):
                self._untrue[number] = self._untrue.get(number, rows).union(rows)

    def _wanted(self, column: str) -> pd.DataFrame | None:
        """What the column should read as, field by field; None when nothing is read from it."""
        parts: dict[str, pd.Series] = {}
        is_read: dict[str, npt.NDArray[np.bool_]] = {}
        for target, slot in self._targets(column):
            values = self._values(target, slot)
            active = np.ones(len(values), bool) if slot is None else values.index.isin(slot.is_active)
            parts[target] = parts[target].combine_first(values) if target in parts else values
            is_read[target] = is_read[target] | active if target in is_read else active
        for target in parts:
            if not target.startswith(WORKER_COUNT) and is_coded(self._feed, target):
                parts[target] = parts[target].astype(object).where(is_read[target], IRRELEVANT)
        return pd.DataFrame(parts) if parts else None

    def _targets(self, column: str) -> list[tuple[str, Slot | None]]:
        """Fields that the column feeds, with the slot whose values count (None: the row itself)."""
        found: list[tuple[str, Slot | None]] = [
            (target, None) for target in _listed(self._feed.columns.get(column, []))
        ]
        for number, emit in enumerate(self._feed.emit):
            if column in emit.columns and number not in self.rows.left_out:
                slot = self.rows.slots.get(number)
                found += [(target, slot) for target in _listed(emit.columns[column])]
        return found

    def _values(self, target: str, slot: Slot | None) -> pd.Series:
        frame = self.rows.base if slot is None else slot.frame
        active = frame.index if slot is None else slot.is_active
        if target in _ID_FIELDS or target == "site_id_source":
            values = self._native_id(target, frame)
        elif target.startswith(WORKER_COUNT):
            values = frame["worker_count"] if "worker_count" in frame else pd.Series(np.nan, index=frame.index)
        else:
            values = frame[target] if target in frame else pd.Series(None, index=frame.index, dtype=object)
        return values.where(values.index.isin(active))

    def _native_id(self, target: str, frame: pd.DataFrame) -> pd.Series:
        if target == "site_id_source":
            return frame["site_id"] if "site_id" in frame else pd.Series(None, index=frame.index, dtype=object)
        name = _ID_FIELDS[target]
        column = "parent_event_id" if target.startswith("parent") else TRUE_ID[name]
        if column not in frame:
            return pd.Series(None, index=frame.index, dtype=object)
        return frame[column].map(self._entity_ids.get(name, {}))

    def _native_ids(self) -> dict[str, dict[str, str]]:
        """The source's own numbers of audits, certificates, cases and findings, by true id."""
        found: dict[str, dict[str, str]] = {}
        frames = [self.rows.base, *(slot.frame for slot in self.rows.slots.values())]
        for name, column in TRUE_ID.items():
            if name == "site_records":
                continue
            sources = [column, "parent_event_id"] if name == "audit_records" else [column]
            ids = pd.unique(
                pd.concat(
                    [frame[c] for frame in frames for c in sources if c in frame] or [pd.Series(dtype=object)]
                ).dropna()
            )
            numbers = pd.Series(ids, dtype=object).str[1:].astype(np.int64).to_numpy()
            prefix = f"{self._party.source.name[:2]}{name[0]}"
            texts = identifiers(prefix, np.asarray(numbers, dtype=np.int64), np.full(len(numbers), "XX"))
            found[name] = dict(zip(ids, texts, strict=True))
        return found

    # --- columns that no field is read from -----------------------------------------------------------------------

    def _unmapped(self, column: str) -> pd.Series:
        """Keys, identifiers and the columns that choose what a row becomes."""
        if column in self._feed.identifiers:
            return self._identifier(column)
        owner = self._key_owner(column)
        if owner is not None:
            return self._key_cells(owner, self._feed.key[owner].index(column))
        keyed = [
            self._key_cells(emit.table, emit.key.index(column)).where(self._index.isin(self._active(emit)))
            for emit in self._feed.emit
            if emit.key and column in emit.key and not isinstance(emit.when, str)
        ]
        if keyed:
            return functools.reduce(pd.Series.combine_first, keyed)
        return self._chooser(column)

    def _key_owner(self, column: str) -> str | None:
        """The table that the column identifies: of several keys with it the shortest, of equals what others refer to.

        A visit known by quarter, factory and standard names its factory as the list of factories does.
        """
        order = list(tables())
        owners = [name for name, key in self._feed.key.items() if column in key]
        return min(owners, key=lambda name: (len(self._feed.key[name]), order.index(name)), default=None)

    def _identifier(self, column: str) -> pd.Series:
        scheme = self._feed.identifiers[column]
        values = self.rows.base[f"id:{scheme}"]
        if any(column in key for key in self._feed.key.values()):
            return values
        share = self._party.listing["record"].map(
            lambda record: (record * 2_654_435_761 % 2**32) / 2**32 < _IDENTIFIER_SHARE
        )
        has_one = self.rows.base["record"].map(share).astype(bool)
        return values.where(has_one, None)

    def _key_cells(self, name: str, place: int) -> pd.Series:
        base = self.rows.base
        if name == "site_records":
            return base["site_id"]
        column = TRUE_ID.get(name)
        if column is None or column not in base:
            return base["site_id"] if "site_id" in base else pd.Series(self._index.astype(str), index=self._index)
        if name in self._keys and place in self._keys[name].columns:
            return base[column].map(self._keys[name][place])
        return base[column].map(self._entity_ids[name])

    def _chooser(self, column: str) -> pd.Series:
        """Cells of a column that decides which emits a row makes: the first accepted word, where the emit is meant."""
        cells = pd.Series([None] * len(self._index), index=self._index, dtype=object)
        for number, emit in enumerate(self._feed.emit):
            slot = self.rows.slots.get(number)
            if slot is None:
                continue
            if isinstance(emit.when, dict) and column in emit.when:
                cells.loc[slot.is_active] = emit.when[column][0]
            elif isinstance(emit.when, str) and emit.when.partition(".")[0] == column and column in self._feed.extract:
                group = emit.when[len(column) + 1 :]
                cells.loc[slot.is_active] = sample(self._feed.extract[column], group)
            elif emit.when == column:
                cells.loc[slot.is_active] = "yes"
        return cells

    def _as_accepted(self, column: str, cells: pd.Series) -> pd.Series:
        """The cells, where an emit is meant to be made only with words that make it."""
        for number, emit in enumerate(self._feed.emit):
            slot = self.rows.slots.get(number)
            if slot is not None and isinstance(emit.when, dict) and column in emit.when:
                meant = cells.index.isin(slot.is_active)
                cells = cells.mask(meant & ~cells.isin(emit.when[column]), emit.when[column][0])
        return cells

    # --- cells with several values, keys that need telling apart --------------------------------------------------

    def _joins(self, column: str) -> list[str]:
        return [target for target, join in self._feed.join.items() if column in join.columns]

    def _joined_part(self, column: str) -> pd.Series:
        """One of the columns that make up a field: the first parts of its text alone, the last one the rest."""
        target = self._joins(column)[0]
        join, place = self._feed.join[target], self._feed.join[target].columns.index(column)
        parts = self._values(target, None).astype(object).str.split(join.separator, n=len(join.columns) - 1)
        return parts.str[place].astype(object).where(lambda texts: texts.notna(), None)

    def _pseudo_columns(self, column: str) -> list[str]:
        mapped = [*self._feed.columns, *(name for emit in self._feed.emit for name in emit.columns)]
        return [name for name in dict.fromkeys(mapped) if name.startswith(f"{column}.")]

    def _is_exploded(self, column: str) -> bool:
        return any(emit.explode and emit.explode.column == column for emit in self._feed.emit)

    def _joined_again(self, column: str, groups: dict[str, pd.DataFrame]) -> pd.Series:
        separator = next(e.explode.separator for e in self._feed.emit if e.explode and e.explode.column == column)
        if "" in groups:
            written = self._writer.write(column, _one_by_one(groups[""]))
            cells = written.cells
            if cells.index.unique().equals(self._index):
                is_true = pd.Series(written.is_true, index=cells.index).groupby(level=0, sort=False).all()
                self._note_untrue(column, is_true.to_numpy(dtype=bool))
        else:
            cells = self._writer.extracted(column, groups)
        joined = cells.dropna().groupby(level=0).agg(lambda texts: separator.join(dict.fromkeys(texts)))
        return joined.reindex(self._index).astype(object).where(lambda texts: texts.notna(), None)

    def _ordinal(self, column: str) -> pd.Series | None:
        """For a column of the grain's key: the how-manieth row of its site, in order of time."""
        grain = self._feed.all_emits()[0]
        key = self._feed.key_of(grain)
        if column not in key or len(key) < 2 or TRUE_ID.get(grain.table) not in self.rows.base:
            return None
        base = self.rows.base.drop_duplicates(TRUE_ID[grain.table])
        kinds = base["audit_kind"] if "audit_kind" in base else pd.Series("", index=base.index)
        place = base.groupby([base["record"], kinds], dropna=False).cumcount()
        return (
            self.rows.base[TRUE_ID[grain.table]]
            .map(pd.Series(place.to_numpy(), index=base[TRUE_ID[grain.table]]))
            .astype(int)
        )

    # --- what may stand -------------------------------------------------------------------------------------------

    def settled(self) -> "FeedSheet":
        """This sheet without rows that would say something untrue, lack something, or share their key with another."""
        kept = pd.Series(self._is_true, index=self._index) & ~self._lacking()
        self.raw = self.raw[kept]
        grain = self._feed.all_emits()[0]
        for emit in [grain, *(e for e in self._feed.all_emits() if e.table in TRUE_ID and e.explode is None)]:
            cells = self._key_text(emit, self.raw.index)
            values = self._true_ids(emit)
            if values is None or cells is None:
                continue
            first = pd.DataFrame({"key": cells, "value": values.reindex(self.raw.index)}).dropna()
            owner = first.drop_duplicates("key").set_index("key")["value"]
            self.raw = self.raw.drop(first.index[first["key"].map(owner) != first["value"]])
        cells = self._key_text(grain, self.raw.index)
        if cells is not None:  # the key of what a row is stands once in a file
            keyed = pd.DataFrame({"key": cells, "period": self.rows.base["period"].reindex(self.raw.index)})
            self.raw = self.raw[~(keyed.duplicated() & keyed["key"].notna()).to_numpy()]
        return self

    def _lacking(self) -> pd.Series:
        """Rows of which some record would lack its key, its date or another thing that its table needs."""
        lacking = pd.Series(False, index=self._index)
        for emit in self._feed.all_emits():
            if emit.explode is not None or isinstance(emit.when, str):
                continue
            columns = [*self._feed.columns.items(), *emit.columns.items()]
            needed = [column for column in self._feed.key_of(emit) if column in self.raw]
            for name in set(table(emit.table).required) - {"audit_status"}:
                needed += [column for column, targets in columns if name in _listed(targets) and column in self.raw]
            found = self.raw[needed].isna().any(axis=1)
            dated = [column for column, targets in columns if set(_DATES) & set(_listed(targets))]
            if emit.table == "audit_records" and dated and set(dated) <= set(self.raw):
                found |= self.raw[dated].isna().all(axis=1)
            lacking |= found & self._index.isin(self._active(emit))
        return lacking

    def _key_text(self, emit: Emit, index: pd.Index) -> pd.Series | None:
        """The key cells as one text; null where the emit makes no record."""
        columns = self._feed.key_of(emit)
        parts = []
        for column in columns:
            if column == PERIOD:
                parts.append(self.rows.base["period"].reindex(index).astype(str))
            elif column in self.raw:
                parts.append(self.raw.loc[index, column].fillna("").astype(str).str.strip())
            else:
                return None
        joined = pd.Series(["\x1f".join(cells) for cells in zip(*parts, strict=True)], index=index, dtype=object)
        return (emit.table + (emit.label or "") + joined).where(index.isin(self._active(emit)))

    def _active(self, emit: Emit) -> pd.Index:
        slots = [
            self.rows.slots[number]
            for number, other in enumerate(self._feed.emit)
            if other is emit and number in self.rows.slots
        ]
        left_out = any(other is emit for number, other in enumerate(self._feed.emit) if number in self.rows.left_out)
        return slots[0].is_active if slots else self._index[:0] if left_out else self._index

    def _true_ids(self, emit: Emit) -> pd.Series | None:
        """True id of what the emit's record stands for, by row."""
        column = TRUE_ID.get(emit.table)
        slot = next(
            (self.rows.slots[n] for n, other in enumerate(self._feed.emit) if other is emit and n in self.rows.slots),
            None,
        )
        frame = self.rows.base if slot is None or column not in slot.frame else slot.frame
        return frame.get(column)

    def by_period(self) -> list[tuple[str | None, pd.Index]]:
        """Rows per file, in order of the periods."""
        period = self.rows.base["period"].reindex(self.raw.index)
        named = [str(text) for text in sorted(period.dropna().unique())]
        return [(text, self.raw.index[period.eq(text)]) for text in named] or [(None, self.raw.index)]

    def truth(self, index: pd.Index) -> list[tuple[Emit, pd.DataFrame]]:
        """Per emit, the raw key cells of these rows with the true id and the true site."""
        found = []
        sites = Emit(table="site_records")
        emits = [emit for emit in self._feed.all_emits() if emit.table in TRUE_ID]
        if "site_records" in self._feed.key and not any(emit.table == "site_records" for emit in emits):
            emits.append(sites)
        for emit in emits:
            values = self._true_ids(emit)
            if values is None:
                continue
            rows = index[index.isin(self._active(emit))]
            columns = [column for column in self._feed.key_of(emit) if column in self.raw]
            frame = self.raw.loc[rows, list(dict.fromkeys(columns))].copy()
            frame["true_id"] = values.reindex(rows)
            if "true_site_id" in self.rows.base:
                frame["true_site_id"] = self.rows.base["true_site_id"].reindex(rows)
            frame = frame[frame["true_id"].notna()]
            if emit.explode and emit.explode.column in frame:
                column, separator = emit.explode.column, emit.explode.separator
                frame = frame.assign(**{column: frame[column].str.split(separator, regex=False)}).explode(column)
            found.append((emit, frame.reset_index(drop=True)))
        return found


def _one_by_one(wanted: pd.DataFrame) -> pd.DataFrame:
    """What is wanted of a cell with several values: a row for each of several orderers."""
    if "commissioner" not in wanted:
        return wanted
    return wanted.assign(commissioner=wanted["commissioner"].str.split(ORDERERS)).explode("commissioner")


def _listed(targets: str | list[str]) -> list[str]:
    return [targets] if isinstance(targets, str) else targets
