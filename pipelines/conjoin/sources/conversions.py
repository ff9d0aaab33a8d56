"""From the text of a cell to the value of a field, as SQL.

Each conversion is one expression over a cell that gives null where a filled cell is not understood; the caller refuses
such rows, so that nothing is guessed and nothing becomes null in silence.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from conjoin.errors import DeclarationError
from conjoin.schemas.fields import Field
from conjoin.schemas.vocabularies import fold_case
from conjoin.schemas.vocabularies import spellings_of as vocabulary_spellings
from conjoin.sources.descriptor import WORKER_COUNT, Feed
from conjoin.sources.scrubbing import scrubbed
from conjoin.sql import quote_literal

_BOOLEANS = {"true": "true", "yes": "true", "y": "true", "1": "true"} | {
    "false": "false",
    "no": "false",
    "n": "false",
    "0": "false",
}
_ISO_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
_FIRST_DAY, _FIRST_DAY_OF_WORKBOOKS, _LAST_DAY = "1900-01-01", "1901-01-01", "2100-12-31"


#: More workers than any site has.
MAX_WORKERS = 1_000_000
#: Fields that hold numbers by nature, such as 050-000123-001 of amfori.
_IDENTIFIERS = ("id_value", "id_source", "postal_code")
_BAND = r"^([<≤>≥]?)(\d+)(?:[-–—](\d+))?(\+?)$"


@dataclass(frozen=True)
class Conversion:
    """SQL for one field's value, null when the cell is not understood, and what to say then.

    ``missed`` tells when a filled cell is not understood, for values that may be null otherwise.
    """

    value: str
    reason: str
    advice: str
    missed: str = ""


def spellings_of(feed: Feed, target: str, field: Field | None) -> dict[str, str | None]:
    """Accepted spellings in lower case and what they stand for; None stands for an empty cell."""
    found: dict[str, str | None] = {}
    if field is not None and field.vocabulary:
        found.update(vocabulary_spellings(field.vocabulary))
    if field is not None and field.type == "boolean":
        found.update(_BOOLEANS)
    found.update({fold_case(given): ours or None for given, ours in feed.values.get(target, {}).items()})
    return found


def is_closed_list(field: Field | None) -> bool:
    """Whether only listed spellings are understood."""
    return field is not None and (field.vocabulary is not None or field.type == "boolean")


def convert(feed: Feed, field: Field, cell: str, where: str) -> Conversion:
    """The conversion of one cell into ``field``.

    Args:
        feed: Says how dates and numbers are written.
        field: The field to fill.
        cell: SQL of the cell's text, trimmed, null when empty, spellings already replaced.
        where: Names the declaration in advice, such as ``sources/brands/northwind/source.toml, feed.audits``.
    """
    advice = f"correct the cell, or say in {where} what it means (values.{field.name})"
    if field.type == "date":
        return _date(feed, field, cell, where)
    if field.type in ("integer", "number"):
        return Conversion(_number(feed, field, cell), _number_reason(field), advice)
    if field.type == "boolean":
        return Conversion(f"try_cast({cell} as boolean)", "neither yes nor no", advice)
    if field.vocabulary is not None:
        return Conversion(cell, "", advice)
    return Conversion(scrubbed(cell, is_identifier=field.name.endswith(_IDENTIFIERS)), "", advice)


def band_parts(feed: Feed, cell: str) -> str:
    """SQL of a struct with the parts of a worker number or band: sign, low, high, plus (empty where absent)."""
    mark = re.escape(feed.numbers.thousands)
    grouped = f"regexp_replace({cell}, {quote_literal(f'([0-9]){mark}([0-9]{{3}})')}, '\\1\\2', 'g')" if mark else cell
    text = f"regexp_replace({grouped}, '\\s+', '', 'g')"
    return f"regexp_extract({text}, {quote_literal(_BAND)}, ['sign', 'low', 'high', 'plus'])"


def convert_band(parts: str, where: str) -> tuple[Conversion, Conversion]:
    """The conversions of a worker number or band ("5300", "1001-5000", "<1000", "5000+") into its two ends.

    Args:
        parts: SQL of the struct that ``band_parts`` gives.
        where: Names the declaration in advice.
    """
    low, high = (f"try_cast(nullif({parts}.{name}, '') as bigint)" for name in ("low", "high"))
    bounded = f"{low} <= {MAX_WORKERS} and ({parts}.high = '' or ({parts}.sign = '' and {parts}.plus = ''))"
    open_below = f"{parts}.sign in ('<', '≤')"
    lower = f"case when {bounded} then case when {open_below} then 0 else {low} + ({parts}.sign = '>')::int end end"
    upper = (
        f"case when {bounded} and {parts}.plus = '' then case {parts}.sign when '' then coalesce({high}, {low}) "
        f"when '<' then {low} - 1 when '≤' then {low} end end"
    )
    reason = "neither a number of workers nor a band such as 1001-5000, <1000 or 5000+"
    advice = f"correct the cell, or say in {where} what it means (values.{WORKER_COUNT})"
    return Conversion(lower, reason, advice), Conversion(upper, reason, advice)


def convert_list(feed: Feed, field: Field, cell: str, where: str) -> Conversion:
    """The conversion of a cell with several values into a sorted list without repeats."""
    spellings = spellings_of(feed, field.name, field)
    keys = ", ".join(quote_literal(given) for given in spellings)
    codes = ", ".join(quote_literal(ours or "") for ours in spellings.values())
    pieces = f"string_split({cell}, {quote_literal(feed.list_separator)})"
    parts = f"list_filter(list_transform({pieces}, lambda x: lower(trim(x))), lambda x: x <> '')"
    coded = f"list_transform({parts}, lambda x: map([{keys}], [{codes}])[x])"
    flat = f"flatten(list_transform({coded}, lambda x: string_split(x, '|')))"
    value = f"list_sort(list_distinct(list_filter({flat}, lambda x: x <> '')))"
    missed = f"len(list_filter({coded}, lambda x: x is null)) > 0"
    return Conversion(
        f"nullif({value}, []::varchar[])",
        f"an unknown {field.vocabulary or field.name}",
        f"add it under values.{field.name} in {where}, or correct the export",
        missed,
    )


def end_of_period(period: str) -> date:
    """The last day of a period written as YYYY, YYYY-MM, YYYY-MM-DD or YYYY-Qn.

    Raises:
        DeclarationError: The text is none of these.
    """
    found = re.fullmatch(r"(\d{4})(?:-?(?:[Qq]([1-4])|(\d{2})(?:-(\d{2}))?))?", period)
    if not found:
        raise DeclarationError(f"period {period!r}: write it as YYYY, YYYY-MM, YYYY-MM-DD or YYYY-Qn")
    year, quarter, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None  # noqa: S101 - the pattern demands it; tells mypy
    last_month = quarter * 3 if quarter else month or 12
    try:
        return date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except ValueError as error:
        raise DeclarationError(f"period {period!r}: {error}") from error


def _date(feed: Feed, field: Field, cell: str, where: str) -> Conversion:
    formats = [*feed.dates.formats]
    if feed.format == "workbook":  # real date cells arrive as ISO text
        formats += [text for text in _ISO_FORMATS if text not in formats]
    parsed = _parsed_date(feed, cell, formats)
    # %Y reads 25 as a year; what a workbook has for no day at all (zero, an endless number) is a day about 1900.
    first = _FIRST_DAY_OF_WORKBOOKS if feed.format == "workbook" else _FIRST_DAY
    value = f"case when {parsed} between date '{first}' and date '{_LAST_DAY}' then {parsed} end"
    if field.name == "complaint_month":  # the day of a complaint never enters
        value = f"cast(date_trunc('month', {value}) as date)"
    return Conversion(
        value,
        f"not a date written as {' or '.join(feed.dates.formats)}"
        f"{' or the serial number of a spreadsheet' if feed.dates.serial else ''}",
        f"correct the date (years from {first[:4]} to {_LAST_DAY[:4]}), or add its format to dates.formats in {where}",
    )


def _parsed_date(feed: Feed, cell: str, formats: list[str]) -> str:
    """SQL of the day in a cell; two-digit years lie in the declared window, serials count as Excel counts them."""
    four = [text for text in formats if "%y" not in text]
    two = [text for text in formats if "%y" in text]
    found = []
    if four:
        found.append(f"cast(try_strptime({cell}, [{', '.join(map(quote_literal, four))}]) as date)")
    if two:
        day = f"cast(try_strptime({cell}, [{', '.join(map(quote_literal, two))}]) as date)"
        century = f"year({day}) % 100 + {feed.dates.century} // 100 * 100"
        year = f"({century} + case when {century} < {feed.dates.century} then 100 else 0 end)"
        # The day of the month is kept; the 29th of February of another century may not exist.
        found.append(f"try_cast({year} || strftime({day}, '-%m-%d') as date)")
    if feed.dates.serial:
        whole = f"regexp_full_match({cell}, '[0-9]{{4,6}}([.]0+)?')"
        found.append(f"case when {whole} then date '1899-12-30' + cast(try_cast({cell} as double) as integer) end")
    return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0]


def _number(feed: Feed, field: Field, cell: str) -> str:
    decimal, thousands = re.escape(feed.numbers.decimal), re.escape(feed.numbers.thousands)
    whole = f"([0-9]+|[0-9]{{1,3}}({thousands}[0-9]{{3}})+)" if thousands else "[0-9]+"  # 2.5 is not 25
    text = cell
    if feed.numbers.thousands:
        text = f"replace({text}, {quote_literal(feed.numbers.thousands)}, '')"
    if feed.numbers.decimal != ".":
        text = f"replace({text}, {quote_literal(feed.numbers.decimal)}, '.')"
    # Real number cells of workbooks arrive with a point, whatever the language of the workbook.
    mark = f"({decimal}|\\.)" if feed.format == "workbook" and feed.numbers.thousands != "." else decimal
    looks_right = f"regexp_full_match({cell}, {quote_literal(f'[-+]?{whole}({mark}[0-9]+)?')})"
    number = f"case when {looks_right} then try_cast({text} as double) end"
    conditions = [f"{number} = floor({number})"] if field.type == "integer" else []
    conditions += [f"{number} >= {field.min}"] if field.min is not None else []
    conditions += [f"{number} <= {field.max}"] if field.max is not None else []
    kept = f"case when {' and '.join(conditions)} then {number} end" if conditions else number
    return f"cast({kept} as {field.sql_type})"


def _number_reason(field: Field) -> str:
    return f"not a {'whole ' if field.type == 'integer' else ''}number{_bounds_text(field)}"


def _bounds_text(field: Field) -> str:
    if field.min is None and field.max is None:
        return ""
    low = "" if field.min is None else f"{field.min:g}"
    high = "" if field.max is None else f"{field.max:g}"
    return f" from {low} to {high}"
