"""Rows as the bytes of a file, in every format that is read."""

import csv
import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import openpyxl

Rows = Sequence[Mapping[str, object]]


def as_csv(rows: Rows, header: Sequence[str] = (), delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """CSV with minimal quoting; without rows only its header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(header or rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def as_workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook of the given sheets, cell by cell."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(list(line))
    return _saved(book)


def as_sheet(rows: Rows, header: Sequence[str] = ()) -> bytes:
    """A workbook with one sheet of rows."""
    columns = list(header or rows[0])
    return as_workbook({"Visits": [columns, *([row[column] for column in columns] for row in rows)]})


def as_tree(rows: Rows) -> bytes:
    """JSON with the rows as a list under ``visits``."""
    return json.dumps({"visits": list(rows)}, ensure_ascii=False, indent=1).encode()


def as_lines(rows: Rows) -> bytes:
    """JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_feed(feed: str) -> Callable[[Rows], bytes]:
    """The writer for a feed of ``quillhaven``."""
    return {"log": as_csv, "book": as_sheet, "tree": as_tree, "stream": as_lines}[feed]


def rewritten(archive: bytes, changes: Mapping[str, bytes]) -> bytes:
    """A zip archive (a workbook is one) with entries replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            if entry not in changes:
                new.writestr(entry, old.read(entry))
        for entry, content in changes.items():
            new.writestr(entry, content)
    return target.getvalue()


def entry_of(archive: bytes, name: str) -> bytes:
    """One entry of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(name)


def _saved(book: openpyxl.Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@contextmanager
def growing(path: Path) -> Iterator[None]:
    """While the block runs, the file gets longer every few milliseconds, however busy the machine is."""
    with _writing(path, "ab"):
        yield


@contextmanager
def overwritten(path: Path) -> Iterator[None]:
    """While the block runs, the file's first byte is written anew every few milliseconds; its length stays."""
    with _writing(path, "r+b"):
        yield


@contextmanager
def _writing(path: Path, mode: str) -> Iterator[None]:
    done = threading.Event()

    def write() -> None:
        while not done.wait(0.005):
            with path.open(mode) as file:
                file.write(b"x")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()
