"""A new source from a real file: its header becomes a declaration full of TODOs, which is refused until they are done.

No value of the real file is copied: the sample stays empty until invented rows are put there.
"""

import codecs
import json
from pathlib import Path
from typing import Any

from conjoin.errors import SourceError
from conjoin.sources.descriptor import FileFormat, Reader
from conjoin.sources.readers import DeliveredFile
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
_PERSONAL = ("contact", "mail", "phone", "tel", "mobile", "fax", "auditor name", "representative")


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
    (folder / "sample").mkdir(parents=True)
    path = folder / "source.toml"
    path.write_text(_declaration(short, export, file_format, reader, header), encoding="utf-8")
    return path


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
    personal = [column for column in header if any(word in column.lower() for word in _PERSONAL)]
    mapped = [column for column in header if column not in personal]
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
        f'pattern = "{export.stem}*{export.suffix}" # {{period}} for the part that names year, month or quarter',
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
        *(f'{_quoted(column)} = "TODO probably personal data"' for column in personal),
        "",
        "[feed.audits.constants] # true of every row",
        'auditor_party     = "2"      # 1 the facility itself, 2 by or for a purchaser, 3 an independent body',
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


def _quoted(column: str) -> str:
    return '"' + column.replace("\\", "\\\\").replace('"', '\\"') + '"'
