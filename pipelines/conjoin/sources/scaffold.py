"""A new source from a real file: its header becomes a declaration full of TODOs, which is refused until they are done.

No value of the real file is copied: the sample stays empty until invented rows are put there.
"""

import codecs
import json
import re
from pathlib import Path
from typing import Any

from conjoin.errors import SourceError
from conjoin.sources.descriptor import PERIOD, FileFormat, Reader
from conjoin.sources.readers.readers import DeliveredFile
from conjoin.sources.registry import KINDS

_FORMATS: dict[str, FileFormat] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xlsb": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".json": "json",
    ".geojson": "json",
    ".jsonl": "json_lines",
    ".ndjson": "json_lines",
}
_DELIMITERS = (";", "\t", ",", "|")
#: Words in headers of columns that nobody should deliver, and why not.
_SET_ASIDE = {
    "personal data": (
        "contact", "mail", "phone", "tel", "mobile", "fax", "auditor name", "representative", "manager name",
    ),
    "prices, volumes and lead times are never pooled": (
        "price", "cost", "fob", "margin", "turnover", "revenue", "volume", "order quantity", "quantity", "capacity",
        "lead time", "leadtime", "purchase", "spend", "invoice",
    ),
}  # fmt: skip
_PERIOD_IN_NAME = re.compile(r"\d{4}(?:-?[Qq][1-4]|-\d{2}(?:-\d{2})?)?")


def scaffold(root: Path, name: str, export: Path, layout: dict[str, Any] | None = None) -> Path:
    """Write ``root/sources/<kind>s/<name>/`` with a source.toml made from the header of ``export``.

    Args:
        root: The project folder.
        name: Kind and name, such as ``brands/northwind``.
        export: A real file; only its header is used.
        layout: Options of ``reader`` that somebody knows already; the others are guessed.

    Raises:
        SourceError: The name is not of that form, the folder exists, or the file cannot be read.
    """
    kind, _, short = name.strip("/").partition("/")
    if kind not in KINDS or not short.isidentifier() or not short.islower():
        raise SourceError(f"{name!r}: write <kind>/<name>, with kind one of {', '.join(KINDS)} and name like northwind")
    folder = root / "sources" / kind / short
    if folder.exists():
        raise SourceError(f"{folder} exists already; edit it, or choose another name")
    layout = layout or {}
    file_format, reader = _guess_layout(export, layout.get("skip_rows", 0))
    reader |= layout
    header = DeliveredFile(export, export.name, file_format, Reader.model_validate(reader)).header
    if not layout.get("records"):
        _refuse_no_header(export, file_format, header)
    (folder / "sample").mkdir(parents=True)
    path = folder / "source.toml"
    path.write_text(_declaration(short, export, file_format, reader, header), encoding="utf-8")
    return path


def _refuse_no_header(export: Path, file_format: FileFormat, header: list[str]) -> None:
    """Refuse what is a title or the frame of a table, and say which option leads to the header.

    Raises:
        SourceError: It is one of these. Nothing of it is written down: a title may hold what should not be copied.
    """
    named = [column for column in header if not column.startswith("(column ")]
    if file_format in ("csv", "workbook") and len(header) > 2 and len(named) <= 1:
        raise SourceError(
            f"{export.name}: the first row has one filled cell of {len(header)}, so it is a title and no header; give "
            "the number of rows above the header with --skip-rows"
        )
    if file_format == "json" and (lists := _lists_in(export)) and len(header) <= len(lists) + 1:
        raise SourceError(
            f"{export.name}: the rows stand in a list within the file; name it with --records: {', '.join(lists)}"
        )


def _lists_in(export: Path) -> list[str]:
    """Paths of the lists of objects in a JSON file, as --records takes them."""
    try:
        tree = json.loads(export.read_bytes())
    except ValueError:
        return []
    return [name for name, value in tree.items() if _is_table(value)] if isinstance(tree, dict) else []


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _pattern(export: Path) -> str:
    """The file's name as a pattern: what looks like a period in it becomes the mark for one."""
    stem, count = _PERIOD_IN_NAME.subn(PERIOD, export.stem, count=1)
    return f"{stem}{export.suffix}" if count else f"{export.stem}*{export.suffix}"


def _guess_layout(export: Path, skip_rows: int) -> tuple[FileFormat, dict[str, Any]]:
    """Format by the ending; encoding and delimiter by the header. All of it is written out, to be checked."""
    file_format = _FORMATS.get(export.suffix.lower())
    if file_format is None:
        raise SourceError(f"{export}: files that end in {export.suffix!r} are not read; export CSV, a workbook or JSON")
    if file_format != "csv":
        return file_format, {}
    content = export.read_bytes()
    encoding = "utf-16" if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = content.decode(encoding, errors="replace")
    header = (text.splitlines()[skip_rows:] or [""])[0]
    return file_format, {"encoding": encoding, "delimiter": max(_DELIMITERS, key=header.count)}


def _declaration(name: str, export: Path, file_format: str, reader: dict[str, Any], header: list[str]) -> str:
    aside = {column: reason for column in header if (reason := _why_aside(column))}
    mapped = [column for column in header if column not in aside]
    lines = [
        f"# {name}: TODO what this export is, and its quirks.",
        'title      = "TODO"',
        'summary    = "TODO what it delivers, in one sentence"',
        'owner      = "TODO who answers questions about it (a function, not a person)"',
        'schedule   = "0 5 1 * *"       # cron, UTC',
        'visibility = "consortium_site" # schemas/vocabularies/visibility.toml',
        'terms      = "TODO on what terms the data may be used"',
        "",
        "[feed.audits]",
        'grain   = "TODO what is one row, for example one row per audit visit"',
        f'pattern = "{_pattern(export)}" # {{period}} stands for the part that names year, month or quarter',
        f'format  = "{file_format}"',
        'emits   = ["audit_records", "site_records"] # the first is what one row is',
    ]
    if reader:
        options = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in reader.items())
        lines.append(f"reader  = {{ {options} }}")
    lines += [
        "",
        "[feed.audits.key] # raw columns that identify a record",
        'audit_records = ["TODO"]',
        'site_records  = ["TODO"]',
        "",
        "[feed.audits.columns] # header -> field of schemas/fields.toml",
        *(f'{_quoted(column)} = "TODO"' for column in mapped),
        "",
        "[feed.audits.ignore] # header -> why it is left out",
        *(f'{_quoted(column)} = "TODO probably {reason}"' for column, reason in aside.items()),
        "",
        "[feed.audits.constants] # true of every row",
        'auditor_party     = "2"      # 1 the facility itself, 2 by or for a purchaser, 3 an independent body',
        'commissioner      = "TODO who ordered the audits, if no column says so"',
        'commissioner_type = "brand"',
        "",
        "[feed.audits.dates]",
        'formats = ["TODO such as %d.%m.%Y"]',
        "",
        "[feed.audits.expect]",
        "min.rows = 1",
        "max.refused_share = 0.05",
        "",
    ]
    return "\n".join(lines)


def _why_aside(column: str) -> str:
    """Why a column of that name should not be delivered; empty if nothing speaks against it."""
    name = column.lower().replace("_", " ")
    return next((reason for reason, words in _SET_ASIDE.items() if any(word in name for word in words)), "")


def _quoted(column: str) -> str:
    return '"' + column.replace("\\", "\\\\").replace('"', '\\"') + '"'
