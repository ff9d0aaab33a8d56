"""Match any tables straight from files: without warehouse, archive or Prefect."""

from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from conjoin.errors import MachineTrouble, SourceError
from conjoin.machine import told_in_words
from conjoin.matching.run import MatchOptions, MatchSummary, match_records
from conjoin.plain import HARMFUL_SQL, listed, visible
from conjoin.progress import stage
from conjoin.schemas.tables import system_tables
from conjoin.schemas.vocabularies import vocabulary
from conjoin.settings import Settings
from conjoin.sheets import write_csv, write_workbook
from conjoin.sources.descriptor import Reader
from conjoin.sources.readers.readers import RAW, DeliveredFile
from conjoin.sources.scrubbing import scrubbed
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.build import load_parquet
from conjoin.warehouse.connection import workbench

REQUIRED = ("record_id", "source", "name")
#: Input column to the field that it fills.
COLUMNS = {
    "name": "site_name",
    "name_native": "site_name_native",
    "address": "site_address",
    "address_native": "site_address_native",
    "city": "city_name",
    "region": "region_name",
    "postal_code": "postal_code",
    "country": "country_code",
    "lat": "latitude",
    "lon": "longitude",
    "parent": "parent_name",
}
#: Columns in which people leave telephone numbers and e-mail addresses, which would be taken for house numbers.
_TEXTS_WITH_PHONES = {"name", "name_native", "address", "address_native", "city"}
#: Largest absolute value of a coordinate, in degrees.
_LARGEST = {"lat": 90, "lon": 180}
_WORKBOOKS = {".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"}
_TEXTS = {".csv", ".tsv", ".txt"}
_DELIMITERS = (",", ";", "\t", "|")


#: Every pair that was compared closely, what decided it, and whether a person is asked.
_PAIRS = """
with asked as (
    select distinct l.site_id as site_left, r.site_id as site_right
    from matching.review_queue
    inner join matching.site_memberships as l on l.record_id = record_id_left
    inner join matching.site_memberships as r on r.record_id = record_id_right
    where not is_random
)
select record_id_left, record_id_right, round(links.match_probability, 6) as probability, is_accepted,
    pair_decided_by as decided_by,
    exists (
        from asked where (site_left, site_right) in ((l.site_id, r.site_id), (r.site_id, l.site_id))
    ) as is_asked,
    explanation || coalesce(' Kept apart: ' || veto || '.', '') as explanation
from matching.site_links as links
inner join matching.site_memberships as l on l.record_id = record_id_left
inner join matching.site_memberships as r on r.record_id = record_id_right
order by record_id_left, record_id_right
"""


@dataclass
class LinkResult:
    """What linking found: figures, and what a person should know about the input."""

    summary: MatchSummary
    shared_sites: int
    notices: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The figures in a sentence."""
        return (
            f"{self.summary.record_count} records are {self.summary.site_count} sites; {self.shared_sites} of them "
            f"stand in more than one source. {self.summary.review_count} pairs are worth a look."
        )


def link_files(
    settings: Settings, files: list[Path], out: Path, pairs: Path | None = None, unique_within: str = ""
) -> LinkResult:
    """Match the records of ``files`` and write ``out``: record_id, site_id, probability, every record once.

    Args:
        settings: Memory and threads of DuckDB.
        files: CSV files or workbooks with the columns ``record_id``, ``source``, ``name`` and any of ``COLUMNS`` and of
            the identifier schemes.
        out: The result, ordered by record_id.
        pairs: Where to write the linked pairs with probability and explanation, if anywhere.
        unique_within: Sources that hold every site once, separated by commas, or ``all``.

    Raises:
        SourceError: A file cannot be read, a column is missing, a record_id is missing or not unique, there is no
            record at all, or a result cannot be written where it is wanted.
    """
    for target in (out, pairs):
        if target is not None and not target.parent.is_dir():
            raise SourceError(f"{target}: there is no folder {target.parent}; make it, or write elsewhere")
    notices: list[str] = []
    with workbench(settings) as con:
        load_files(con, files, notices)
        options = MatchOptions(unique_sources=_unique_sources(con, unique_within), unique_all=unique_within == "all")
        summary = match_records(con, options)
        notices += [
            *_misplaced_texts(con),
            *_repeated_rows(con, options),
            *_vague_rows(con),
            *_clean_lists(con, options),
        ]
        _write(
            con,
            "select record_id, site_id, round(match_probability, 6) as probability from matching.site_memberships "
            "order by record_id",
            out,
        )
        if pairs is not None:
            _write(
                con,
                _PAIRS,
                pairs,
            )
        shared = con.execute(
            "select count(*) from (select site_id from matching.site_memberships join input.site_records "
            "using (record_id) group by site_id having count(distinct source_name) > 1)"
        ).fetchall()[0][0]
    return LinkResult(summary, int(shared), notices)


def load_files(con: duckdb.DuckDBPyConnection, files: list[Path], notices: list[str]) -> None:
    """Fill the schema ``input`` from files, as ``link_files`` describes them; ``notices`` grows."""
    con.execute("create schema if not exists input; create schema if not exists matching")
    columns = ["record_id varchar", "source_name varchar", "file_name varchar", "line_number bigint"]
    columns += [f"{name} {'double' if name in ('latitude', 'longitude') else 'varchar'}" for name in COLUMNS.values()]
    columns += ["site_level varchar default 'site'", "first_delivered_at timestamp"]
    con.execute(f"create or replace table input.site_records ({', '.join(columns)})")
    con.execute(
        "create or replace table input.site_identifiers (site_record_id varchar, id_scheme varchar, id_value varchar)"
    )
    load_parquet(con, "input.judgements", system_tables()["judgements"], [])
    con.execute("create or replace temp table countries (spelling varchar, code varchar)")
    spellings = vocabulary("country").spellings()
    con.execute("insert into countries select unnest($1), unnest($2)", [list(spellings), list(spellings.values())])
    with stage("Reading files", len(files)) as told:
        for path in files:
            told.now(path.name)
            try:
                with told_in_words():
                    _add_file(con, path, notices)
            except MachineTrouble as error:
                raise SourceError(f"{path.name}: {error}") from error
    if not con.execute("select count(*) from input.site_records").fetchall()[0][0]:
        raise SourceError(
            f"{', '.join(path.name for path in files)}: a header and no record; there is nothing to match"
        )
    _refuse_bad_ids(con)


def _add_file(con: duckdb.DuckDBPyConnection, path: Path, notices: list[str]) -> None:
    file = _open(path)
    missing = [column for column in REQUIRED if column not in file.header]
    if missing:
        raise SourceError(
            f"{path.name}: the header lacks {', '.join(missing)}; it has {listed(file.header)}. "
            f"Rename the columns to {', '.join(REQUIRED)} and, where there are any, {', '.join(list(COLUMNS)[1:])}"
        )
    known_schemes = vocabulary("id_scheme").codes
    schemes = [column for column in file.header if column in known_schemes]
    unused = [column for column in file.header if column not in (*REQUIRED, *COLUMNS, *schemes)]
    if unused:
        notices.append(f"{path.name}: columns without meaning here were left out: {listed(unused)}")
    file.load(con)
    given = {column: target for column, target in COLUMNS.items() if column in file.header}
    values = ", ".join(_value(column) for column in given)
    con.execute(
        f"insert into input.site_records (record_id, source_name, file_name, line_number, {', '.join(given.values())}) "
        f'select record_id, source, {quote_literal(path.name)}, "#line", {values} from {RAW} '
        "left join countries on countries.spelling = lower("
        f"{'raw.country' if 'country' in given else 'null'})"
    )
    for scheme in schemes:
        cell = quote_identifier(scheme)
        con.execute(
            f"insert into input.site_identifiers select record_id, {quote_literal(scheme)}, {cell} "
            f"from {RAW} where {cell} is not null"
        )
    notices += [*file.notices, *_unread_cells(con, path.name, file.header)]


def _open(path: Path) -> DeliveredFile:
    """The file with its header read, a text file by the first delimiter that gives it several columns."""
    ending = path.suffix.lower()
    if ending in _WORKBOOKS:
        return DeliveredFile(path, path.name, "workbook", Reader())
    if ending not in _TEXTS:
        raise SourceError(
            f"{path.name}: files that end in {ending!r} are not read; save it as CSV or as a workbook "
            f"({', '.join(sorted(_TEXTS | _WORKBOOKS))})"
        )
    for delimiter in _DELIMITERS:
        file = DeliveredFile(path, path.name, "csv", Reader(delimiter=delimiter))
        if len(file.header) > 1:
            return file
    return DeliveredFile(path, path.name, "csv", Reader())


def _value(column: str) -> str:
    if column == "country":
        return "countries.code"
    cell = f"{RAW}.{quote_identifier(column)}"
    if column in _TEXTS_WITH_PHONES:
        return scrubbed(cell)
    return _degrees(column) if column in _LARGEST else cell


def _degrees(column: str) -> str:
    """The coordinate as a number; null when it is none or lies off the globe."""
    cell = f"{RAW}.{column}"
    number = f"case when regexp_full_match({cell}, '[+-]?[0-9]+([.][0-9]+)?') then try_cast({cell} as double) end"
    return f"case when abs({number}) <= {_LARGEST[column]} then {number} end"


def _unread_cells(con: duckdb.DuckDBPyConnection, name: str, header: list[str]) -> list[str]:
    """Cells that linking goes without, because it could not understand them; the records themselves are kept."""
    conditions = {column: f"({_degrees(column)}) is null" for column in _LARGEST}
    conditions["country"] = "lower(country) not in (select spelling from countries)"
    told = []
    for column in [column for column in conditions if column in header]:
        where = f"{column} is not null and {conditions[column]}"
        row = con.execute(
            f'select count(*), min("#line"), arg_min({column}, "#line") from {RAW} where {where}'
        ).fetchall()
        count, line, value = row[0]
        if count:
            told.append(
                f"{name}: {count} cells of {column} are not understood, the first in line {line}: "
                f"{visible(value[:80])!r}"
            )
    return told


def _refuse_bad_ids(con: duckdb.DuckDBPyConnection) -> None:
    missing = con.execute(
        "select file_name, line_number, record_id is null from input.site_records "
        "where record_id is null or source_name is null order by all limit 1"
    ).fetchall()
    if missing:
        file_name, line, is_id = missing[0]
        raise SourceError(f"{file_name}, line {line}: no {'record_id' if is_id else 'source'}; every record needs one")
    harmful = con.execute(
        "select file_name, line_number, record_id, source_name from input.site_records "
        f"where regexp_matches(record_id || source_name, {quote_literal(f'[{HARMFUL_SQL}]')}) order by all limit 1"
    ).fetchall()
    if harmful:
        file_name, line, record_id, source = harmful[0]
        raise SourceError(
            f"{file_name}, line {line}: record_id {visible(record_id)!r} or source {visible(source)!r} holds a control "
            "character or a direction mark; type it anew"
        )
    doubled = con.execute(
        "select record_id, list(file_name || ', line ' || line_number order by file_name, line_number) "
        "from input.site_records group by record_id having count(*) > 1 order by record_id limit 1"
    ).fetchall()
    if doubled:
        record_id, places = doubled[0]
        raise SourceError(
            f"{places[0]}: record_id {record_id!r} stands also in {'; '.join(places[1:4])}. Make the ids unique, for "
            "example by putting the source before them"
        )


def _unique_sources(con: duckdb.DuckDBPyConnection, unique_within: str) -> frozenset[str]:
    known = {name for (name,) in con.execute("select distinct source_name from input.site_records").fetchall()}
    if unique_within in ("", "all"):
        return frozenset(known if unique_within else ())
    named = {name.strip() for name in unique_within.split(",") if name.strip()}
    if named - known:
        raise SourceError(
            f"--unique-within: no record has the source {', '.join(sorted(named - known))}; "
            f"there are {', '.join(sorted(known))}"
        )
    return frozenset(named)


def _repeated_rows(con: duckdb.DuckDBPyConnection, options: MatchOptions) -> list[str]:
    """Sources said to hold every site once, in which rows nevertheless repeat another: equal rows are one site."""
    rows = con.execute(
        "select source_name, count(*) - count(distinct site_id) as repeated from matching.site_memberships "
        "join input.site_records using (record_id) where $1 or list_contains($2::varchar[], source_name) "
        "group by source_name having repeated > 0 order by source_name",
        [options.unique_all, sorted(options.unique_sources)],
    ).fetchall()
    return [
        f"{source}: said to hold every site once, but {count} of its rows repeat another in every field"
        for source, count in rows
    ]


def _vague_rows(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Rows that say too little to be one site with another, by what they lack."""
    rows = con.execute(
        "select too_little_said, count(*), min((line_number, file_name, coalesce(site_name, site_name_native, ''))) "
        "from matching.site_memberships join input.site_records using (record_id) "
        "where too_little_said is not null group by all order by all"
    ).fetchall()
    follows = {
        "names nobody": "name nobody and no street; they join nothing but what has the same identifier",
        "says no place": "say too little of their place; what resembles them is asked, not joined",
    }
    return [
        f"{count} rows {follows[said]}. The first: {first[1]}, line {first[0]}, {visible(first[2][:60])!r}"
        for said, count, first in rows
    ]


#: What addresses hold and names hardly do.
_LIKE_ADDRESS = (
    r"regexp_matches({}, '[0-9]') and regexp_matches({}, "
    r"'(?i),|\b(road|rd|street|st|avenue|lane|plot|no|km|mah|cad|sok|jalan|jl|rua|calle|zone|district|village)\b')"
)


def _misplaced_texts(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Sources in which names look like addresses: the columns are swapped, or both stand in one cell."""
    name, address = (_LIKE_ADDRESS.format(column, column) for column in ("site_name", "site_address"))
    rows = con.execute(
        f"select source_name, avg(coalesce({address}, false)::int) < 0.2 as is_bare, "
        "avg((site_address is null)::int) > 0.5 as is_empty from input.site_records "
        f"group by source_name having count(*) >= 5 and avg(coalesce({name}, false)::int) > 0.5 order by source_name"
    ).fetchall()
    told = []
    for source, is_bare, is_empty in rows:
        if is_empty:
            told.append(
                f"{visible(source)}: name and address seem to stand in one cell. Rows are matched by name and address "
                "apart: put the address into a column of its own"
            )
        elif is_bare:
            told.append(f"{visible(source)}: names look like addresses and addresses like names; are the two swapped?")
    return told


_MOST_REPEATED, _FEWEST_ROWS = 0.02, 20


def _clean_lists(con: duckdb.DuckDBPyConnection, options: MatchOptions) -> list[str]:
    """Sources that look as if they held every site once and were not said to, with the flag that says it."""
    if options.unique_all:
        return []
    rows = con.execute(
        "select source_name, count(*) as row_count, count(*) - count(distinct site_id) as repeated "
        "from matching.site_memberships join input.site_records using (record_id) "
        "where not list_contains($1::varchar[], source_name) "
        "group by source_name having row_count >= $2 and repeated <= $3 * row_count order by source_name",
        [sorted(options.unique_sources), _FEWEST_ROWS, _MOST_REPEATED],
    ).fetchall()
    return [
        f"{visible(source)}: {repeated} of its {count} rows share a site with another of its rows. If it holds every "
        f"site once, say so with --unique-within {visible(source)!r}, and no two of its rows become one site"
        for source, count, repeated in rows
        if repeated
    ]


def _write(con: duckdb.DuckDBPyConnection, sql: str, path: Path) -> None:
    write = write_workbook if path.suffix.lower() == ".xlsx" else write_csv
    with stage("Writing") as told:
        told.now(path.name)
        write(con.execute(sql).df(), path)
