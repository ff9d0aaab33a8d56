"""What must hold of a file that was read or refused."""

import re
import unicodedata
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from conjoin.schemas.fields import Field, field, glossary
from conjoin.sources.descriptor import Feed
from conjoin.sources.patterns import match_feed
from support.attack.inputs import Attack
from support.attack.trial import Outcome, Row

Problem = tuple[str, str]
#: A message longer than this is no message.
LONGEST = 8_000
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
_FIRST, _LAST = "1900-01-01", "2100-12-31"
_PERSONAL = re.compile(r"@|\+ ?[(0-9]|(?i:tel|phone|mob|fax|whatsapp|cell)")


def judged(attack: Attack, found: Outcome, before: Outcome | None = None) -> list[Problem]:
    """Everything that should not be about ``found``; ``before`` is what became of the undamaged file.

    It is needed for attacks that leave rows untouched.
    """
    problems = list(found.problems)
    if found.refusal:
        problems += _message(found.refusal)
        if attack.seed.file_name not in found.refusal:
            problems.append(("file not named", found.refusal[:300]))
        return problems
    if problems:
        return problems
    for told in found.told:
        problems += _message(told)
    for row in [*found.rows.values(), *found.others]:
        problems += _implausible(row)
    if attack.touched is not None:
        assert before is not None
        problems += _conserved(attack.touched, found, before)
    if attack.cell is not None:
        problems += _meant(attack, found)
    return problems


def _message(text: str) -> list[Problem]:
    raw = sorted({c for c in text if unicodedata.category(c) in ("Cc", "Cs") or c in _BIDI})
    problems = [("raw characters", f"{[hex(ord(c)) for c in raw]} in {text[:300]!r}")] if raw else []
    return problems + ([("too long", f"{len(text)} characters: {text[:200]!r}")] if len(text) > LONGEST else [])


def _implausible(row: Row) -> list[Problem]:
    problems: list[Problem] = []
    for name, value in row.items():
        entry = glossary().get(name)
        kind = entry.type if entry else "date" if name in ("decided_at", "moved_on") or name.endswith("_date") else ""
        if value is None:
            continue
        if kind == "date" and not _FIRST <= str(value)[:10] <= _LAST:
            problems.append(("implausible day", f"{name} = {value}"))
        if isinstance(value, float) and not abs(value) < 1e15:
            problems.append(("implausible number", f"{name} = {value}"))
        if isinstance(value, str) and "\0" in value:
            problems.append(("NUL accepted", f"{name} = {value!r}"))
    return problems


def _conserved(touched: frozenset[int], found: Outcome, before: Outcome) -> list[Problem]:
    problems: list[Problem] = []
    for name, row in before.rows.items():
        if row["line_number"] in touched:
            continue
        now = found.rows.get(name)
        if now is None and (now := _moved(row, found)) is None:
            problems.append(("row lost", f"line {row['line_number']}: {name}; told: {found.told[:3]}"[:600]))
            continue
        changed = {k: (v, now.get(k)) for k, v in row.items() if k not in ("line_number", "line") and now.get(k) != v}
        if changed:
            problems.append(("row changed", f"line {row['line_number']}: {str(changed)[:400]}"))
    return problems


def _moved(row: Row, found: Outcome) -> Row | None:
    """A judgement whose line changed: its id holds the line."""
    if "judgement" not in row:
        return None
    same = [r for r in found.rows.values() if (r["left"], r["right"]) == (row["left"], row["right"])]
    return same[0] if same else None


# --- the changed cell -------------------------------------------------------------------------------------------


def _meant(attack: Attack, found: Outcome) -> list[Problem]:
    """Of the row with the changed cell: what was accepted is what the cell says."""
    cell, seed = attack.cell, attack.seed
    assert cell is not None
    rows = [row for row in found.rows.values() if row["line_number"] == cell.line]
    if len(rows) != 1:
        return []
    row = rows[0]
    problems: list[Problem] = []
    for name, feed in _fields(attack, cell.column, row):
        if name in row and not _says(
            row[name], _written(cell.text, feed), field(name) if name in glossary() else None, name, feed
        ):
            problems.append(
                ("another meaning", f"{seed.ending} {cell.column}: {cell.text!r:.200} became {row[name]!r:.200}")
            )
    return problems


def _written(text: str | None, feed: Feed | None) -> str | None:
    """What of a text the encoding of the file can hold."""
    if text is None or feed is None or feed.format != "csv" or feed.reader.encoding.startswith("utf"):
        return text
    return text.encode(feed.reader.encoding, "replace").decode(feed.reader.encoding)


def _fields(attack: Attack, column: str, row: Row) -> list[tuple[str, Feed | None]]:
    seed = attack.seed
    if seed.source is None:
        renamed = {"name": "site_name", "address": "site_address", "city": "city_name", "lat": "latitude"}
        renamed |= {"lon": "longitude", "source": "source_name", "country": "country_code"}
        return [(renamed.get(column, column) if seed.reader == "link" else column, None)]
    matched = match_feed(seed.source, seed.file_name)
    assert matched is not None
    feed = seed.source.feed[matched[0]]
    targets = feed.columns.get(column, [])
    joined = {name for join in feed.join.values() for name in join.columns}
    if column in joined or any(column in emit.columns for emit in feed.emit):
        return []
    return [
        (name, feed)
        for name in ([targets] if isinstance(targets, str) else targets)
        if name in row and name not in feed.values and not (name in glossary() and field(name).vocabulary)
    ]


def _says(value: Any, text: str | None, entry: Field | None, name: str, feed: Feed | None) -> bool:
    """Whether a value is what the text says; nothing is what blanks and controls say."""
    kind = entry.type if entry else "date" if name.endswith(("_date", "_at", "_on")) else "text"
    if text is None:
        return value is None or kind != "date"
    if kind == "date":
        return value is None if not text.strip() else str(value)[:10] in _days(text, feed)
    if kind in ("integer", "number", "boolean", "text_list"):
        return _number_said(value, text, feed) if kind in ("integer", "number") else True
    if isinstance(value, bool | int | float):
        return _number_said(value, text, feed)
    if entry is not None and entry.vocabulary:
        return True
    return _PERSONAL.search(text) is not None or _letters(value or "") == _letters(text)


def _letters(text: str) -> str:
    """The letters, digits and signs of a text, without what no reader sees."""
    shown = [c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Zs", "Zl", "Zp", "Cs")]
    return "".join(shown).strip(",;:").replace("\ufffd", "").replace("?", "")


def _days(text: str, feed: Feed | None) -> set[str]:
    formats = [*feed.dates.formats] if feed else []
    found: set[str] = set()
    for written in [*formats, "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"] if not feed or feed.format == "workbook" else formats:
        try:
            day = datetime.strptime(text.strip(" \t\r\n\u00a0\u3000\ufeff"), written)
        except ValueError:
            continue
        found |= {day.date().isoformat(), day.date().replace(day=1).isoformat()}
    if not feed:
        with suppress(ValueError):
            found.add(date.fromisoformat(text.strip()[:10]).isoformat())
    return found


def _number_said(value: Any, text: str, feed: Feed | None) -> bool:
    plain = text.strip(" \t\r\n\u00a0\u3000\ufeff")
    if value is None:
        return True if feed is None else not plain
    if feed is not None:
        plain = plain.replace(feed.numbers.thousands, "") if feed.numbers.thousands else plain
        plain = plain.replace(feed.numbers.decimal, ".")
    return re.fullmatch(r"[-+]?[0-9]+(\.[0-9]+)?", plain) is not None and float(plain) == float(value)
