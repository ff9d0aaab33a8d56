"""What a source.toml may say.

A *source* is one deliverer. Each kind of file that it delivers is a *feed*: ``[feed.<name>]``. A feed says how its
files are named and read, accounts for every column (mapped or ignored with a reason), and names the tables that its
rows become. Extra keys are refused, so that a typing error never passes as a setting.
"""

import difflib
import re
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from conjoin.schemas import fields, tables, vocabularies
from conjoin.sources.schedules import check_schedule

#: Maps to worker_count_min and worker_count_max: "5300", "1001-5000", "<1000", "5000+".
WORKER_COUNT = "worker_count"
#: Pattern part that names the period a file speaks for; also usable in constants.
PERIOD = "{period}"


def _format_by_name(name: object) -> object:
    if str(name).lower() in ("xlsx", "xls", "xlsb", "ods", "excel"):
        raise ValueError(f'write format = "workbook": it reads every kind of workbook, {name} among them')
    return name


FileFormat = Annotated[Literal["csv", "workbook", "json", "json_lines"], BeforeValidator(_format_by_name)]

_FORBIDDEN_DATE_PARTS = ("%D", "%x", "%c")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


def _known_target(name: str) -> str:
    if name != WORKER_COUNT and name not in fields.glossary():
        near = difflib.get_close_matches(name, fields.glossary(), n=1, cutoff=0.4)
        meant = f": did you mean {near[0]}?" if near else ""
        raise ValueError(
            f"no field {name!r} in schemas/fields.toml{meant} `conjoin fields` lists them; a new one is added there, "
            "once, before a source fills it"
        )
    return name


def _known_table(name: str) -> str:
    if name not in tables.tables():
        raise ValueError(f"no table {name!r} in schemas/tables; there are {', '.join(tables.tables())}")
    return name


def _known_encoding(name: str) -> str:
    try:
        "a".encode(name)  # rot13 and its like are codecs, but turn text into no bytes
        return name
    except LookupError as error:
        raise ValueError(f"reader.encoding: {name!r} is no text encoding; write it as utf-8-sig, cp1254 ...") from error


Target = Annotated[str, AfterValidator(_known_target)]


class Reader(_Strict):
    """How the file is laid out. Which options count depends on the feed's ``format``."""

    encoding: Annotated[str, AfterValidator(_known_encoding)] = "utf-8-sig"  # csv, json, json_lines
    delimiter: str = Field(",", min_length=1, max_length=1)  # csv
    quote: str = Field('"', min_length=1, max_length=1)  # csv
    skip_rows: int = Field(0, ge=0)  # csv, workbook: lines above the header
    header_rows: int = Field(1, ge=1, le=3)  # workbook: rows that make up the header, joined by " / "
    sheet: str | list[str] = "*"  # workbook: globs over sheet names; all matching sheets are read
    sheet_column: str | None = None  # workbook: header under which the sheet's name is delivered as a column
    fill_down: list[str] = []  # workbook: columns with merged cells, filled from above
    stop_at: str | None = None  # workbook: first cell that begins with this text ends the table (totals, notes)
    records: list[str] = []  # json: path of nested lists down to the rows, e.g. ["suppliers", "audits"]
    list_separator: str = "|"  # json: how a list of plain values becomes one cell


class Dates(_Strict):
    """strptime formats of date cells, in one order of day and month. Real date cells of workbooks need none.

    Attributes:
        formats: The formats. Two-digit years (%y) need ``century``.
        century: First year of the hundred in which two-digit years lie: with 1970, 69 is 2069 and 70 is 1970.
        serial: Whether a whole number is a day as spreadsheets count them (45855 is 2025-07-17).
    """

    formats: list[str] = ["%Y-%m-%d"]
    century: int | None = Field(None, ge=1900, le=2000)
    serial: bool = False

    @model_validator(mode="after")
    def _one_order(self) -> "Dates":
        for text in self.formats:
            if any(part in text for part in _FORBIDDEN_DATE_PARTS):
                raise ValueError(
                    f"dates.formats: {text!r}: locale formats are guesses; spell it out with %Y, %m and %d"
                )
            if "%y" in text and self.century is None:
                raise ValueError(
                    f"dates.formats: {text!r}: a two-digit year is a guess; say in dates.century with which year its "
                    "hundred begins (1970: 69 is 2069, 70 is 1970), or use %Y"
                )
        numeric = [re.findall(r"%[dmYy]", text) for text in self.formats if "%d" in text and "%m" in text]
        if len({parts.index("%d") < parts.index("%m") for parts in numeric if parts[0] not in ("%Y", "%y")}) > 1:
            raise ValueError("dates.formats: day before month and month before day together cannot be told apart")
        return self


class Numbers(_Strict):
    """How numbers are written."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""


class Join(_Strict):
    """A field put together from several columns, empty ones left out."""

    columns: list[str] = Field(min_length=1)
    separator: str = ", "


class Explode(_Strict):
    """A cell with several values becomes several rows."""

    column: str
    separator: str = "|"


class Emit(_Strict):
    """One table that rows of the feed become, beside or instead of the plain names in ``emits``."""

    table: Annotated[str, AfterValidator(_known_table)]
    label: str | None = None  # tells apart several emits into one table; part of the record id
    key: list[str] | None = None  # overrides feed.key of the table
    when: str | dict[str, list[str]] | None = None  # column that must be filled, or column -> accepted raw values
    explode: Explode | None = None
    columns: dict[str, Target | list[Target]] = {}
    constants: dict[Target, str] = {}


class Limits(_Strict):
    """One side of an envelope."""

    rows: int | None = Field(None, ge=1)
    share_of_last: float | None = Field(None, gt=0, le=1)  # min only
    refused_share: float | None = Field(None, ge=0, le=1)  # max only
    fill_rate: dict[str, float] = {}


class Expect(_Strict):
    """Envelopes: a breached ``min`` (and max.refused_share) refuses the file, any other breached ``max`` warns."""

    min: Limits = Limits(rows=1)
    max: Limits = Limits()


class Feed(_Strict):
    """One kind of file of a source."""

    grain: str
    pattern: str  # glob; {period} marks the part that names the period, e.g. "audits_{period}.csv"
    format: FileFormat
    emits: list[str] = []  # the first is what one row of the file is
    reader: Reader = Reader()
    key: dict[str, list[str]] = {}  # table -> raw columns that identify its record; never cleaned
    columns: dict[str, Target | list[Target]] = {}
    identifiers: dict[str, str] = {}  # column -> id_scheme
    ignore: dict[str, str] = {}  # column (glob allowed) -> reason
    optional: list[str] = []  # used columns (glob allowed) that a file may lack; they then count as empty
    skip: dict[str, dict[str, str]] = {}  # column -> value of rows to leave out -> reason
    constants: dict[Target, str] = {}
    join: dict[Target, Join] = {}
    extract: dict[str, str] = {}  # column -> regular expression; its named groups become columns "<column>.<group>"
    dates: Dates = Dates()
    numbers: Numbers = Numbers()
    values: dict[Target, dict[str, str]] = {}  # field -> delivered value -> ours; "" means empty
    list_separator: str = "|"  # between the values of a list field
    visibility: dict[str, str] = {}  # table -> visibility, where it differs from the source's
    emit: list[Emit] = []
    expect: Expect = Expect()

    @model_validator(mode="after")
    def _names_are_known(self) -> "Feed":
        for name in (*self.emits, *self.key, *self.visibility):
            _known_table(name)
        for name in self.visibility.values():
            _known_visibility(name)
        for scheme in self.identifiers.values():
            if scheme not in vocabularies.vocabulary("id_scheme").values:
                raise ValueError(f"identifiers: {scheme!r} is not in schemas/vocabularies/id_scheme.toml")
        for column, pattern in self.extract.items():
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"extract.{column!r}: no regular expression: {error}") from error
        for column, reason in self.ignore.items():
            if not reason.strip() or reason.strip().upper().startswith("TODO"):
                raise ValueError(f"ignore: why is {column!r} ignored?")
        return self

    @model_validator(mode="after")
    def _choices_are_columns(self) -> "Feed":
        """The values that decide what a row becomes are accounted for in the file's own columns."""
        own = self.used_columns()
        for emit in self.emit:
            for column in emit.when if isinstance(emit.when, dict) else ():
                if column not in own or (emit.explode and emit.explode.column == column):
                    raise ValueError(
                        f"when: {column!r} is extracted or exploded; choose by a column of the file itself"
                    )
        return self

    @model_validator(mode="after")
    def _keys_are_given(self) -> "Feed":
        if not self.all_emits():
            raise ValueError("emits: a feed must deliver into at least one table")
        for emit in self.all_emits():
            if not self.key_of(emit):
                raise ValueError(f"key.{emit.table}: which raw columns identify a record of this table?")
            for reference in tables.table(emit.table).references.values():
                if reference not in self.key:
                    raise ValueError(f"key.{reference}: {emit.table} refers to it, so the feed must say its key")
        return self

    @model_validator(mode="after")
    def _fields_have_a_place(self) -> "Feed":
        """A column mapped to a field that no table of the feed has would be lost in silence."""
        emits = self.all_emits()
        taken = {name for emit in emits for name in tables.table(emit.table).columns}
        taken |= {WORKER_COUNT} if "worker_count_min" in taken else set()
        for column, target in _mapped(self.columns):
            _refuse_lost(f"columns.{column!r}", target, taken, emits)
        for target in self.join:
            _refuse_lost(f"join.{target}", target, taken, emits)
        for target in self.constants:
            _refuse_lost(f"constants.{target}", target, taken, emits)
        for emit in self.emit:
            own = {*tables.table(emit.table).columns} | ({WORKER_COUNT} & taken)
            for column, target in _mapped(emit.columns):
                _refuse_lost(f"emit.columns.{column!r}", target, own, [emit])
        return self

    def all_emits(self) -> list[Emit]:
        """Plain names, then written-out emits, then one per identifier column."""
        plain = [Emit(table=name) for name in self.emits]
        identifiers = [
            Emit(
                table="site_identifiers",
                label=f"{scheme}:{column}",
                key=self.key.get("site_records", []),
                when=column,
                columns={column: "id_value"},
                constants={"id_scheme": scheme},
            )
            for column, scheme in self.identifiers.items()
        ]
        return [*plain, *self.emit, *identifiers]

    def key_of(self, emit: Emit) -> list[str]:
        """The raw columns that identify a record of this emit."""
        return emit.key if emit.key is not None else self.key.get(emit.table, [])

    def used_columns(self) -> list[str]:
        """Every raw column that the feed reads, in order of first mention, without extracted pseudo-columns."""
        mentioned = [*self.columns, *self.identifiers, *self.extract, *self.skip]
        mentioned += [column for key in self.key.values() for column in key]
        mentioned += [column for join in self.join.values() for column in join.columns]
        for emit in self.all_emits():
            mentioned += [*emit.columns, *self.key_of(emit)]
            mentioned += [emit.when] if isinstance(emit.when, str) else list(emit.when or {})
            mentioned += [emit.explode.column] if emit.explode else []
        pseudo = {
            f"{column}.{group}" for column, pattern in self.extract.items() for group in re.compile(pattern).groupindex
        }
        return [column for column in dict.fromkeys(mentioned) if column not in pseudo and column != PERIOD]


def _mapped(columns: dict[str, Target | list[Target]]) -> Iterator[tuple[str, str]]:
    """Every column with each field that it fills."""
    for column, targets in columns.items():
        for target in [targets] if isinstance(targets, str) else targets:
            yield column, target


def _refuse_lost(place: str, target: str, taken: set[str], emits: list[Emit]) -> None:
    if target not in taken:
        near = difflib.get_close_matches(target, sorted(taken), n=1, cutoff=0.4)
        meant = f": did you mean {near[0]}?" if near else ""
        names = ", ".join(dict.fromkeys(emit.table for emit in emits))
        raise ValueError(
            f"{place}: no table of this feed ({names}) has {target!r}, so it would be lost{meant} `conjoin fields` "
            "lists what each table has"
        )


def _known_visibility(name: str) -> str:
    if name not in vocabularies.vocabulary("visibility").values:
        raise ValueError(f"visibility: {name!r} is not in schemas/vocabularies/visibility.toml")
    return name


OnStatement = Literal["records", "findings", "planned_visits"]


class Source(_Strict):
    """One deliverer of files. ``name`` and ``kind`` come from its folder alone."""

    name: str = Field(pattern=r"[a-z][a-z0-9_]*")
    kind: Literal["initiative", "platform", "brand"]
    title: str
    summary: str
    owner: str
    schedule: Annotated[str, AfterValidator(check_schedule)]  # cron, UTC
    visibility: Annotated[str, AfterValidator(_known_visibility)]
    terms: str  # on what terms the data may be used
    shared_with: list[str] = []  # parties of sources/parties.toml that see its rows as delivered
    on_statement: list[OnStatement] = []  # what of its unpublished rows a factory's own statement may tell
    inbox: str | None = None  # fsspec URL of the folder that holds the deliveries; default: <data>/inbox/<name>
    retention_months: int | None = Field(None, ge=1)  # how long a delivery may be kept; `conjoin retention` tells
    unique_sites: bool = False  # the owner keeps this site list free of duplicates
    feed: dict[str, Feed] = Field(min_length=1)

    def most_restricted(self, feed_name: str) -> str:
        """The visibility of what is told of a feed as a whole: that of the most restricted of its tables."""
        feed = self.feed[feed_name]
        found = {feed.visibility.get(emit.table, self.visibility) for emit in feed.all_emits()}
        return max(found, key=vocabularies.visibility_rank)
