"""Where deliveries wait: a folder, or any fsspec URL (s3://, sftp://, https://, memory:// ...)."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import IO, Any

import fsspec

from conjoin.errors import InboxUnreachable, LandingError

STILL_WRITTEN = "it is still being written"
#: Where a folder exists before a file is in it, unlike in object stores.
_HAS_FOLDERS = {"file", "local", "sftp", "ssh", "ftp", "smb"}
_UNFINISHED = ("*.part", "*.partial", "*.tmp", "*.crdownload", "*.filepart", "*.download", "~$*", ".~lock.*", ".*")


@dataclass(frozen=True)
class WaitingFile:
    """One file in an inbox.

    Attributes:
        name: Its name, as it can be shown.
        byte_count: Its length when it was looked at.
        unfinished: Why it is left for the next run, or empty.
        open: Opens it.
        has_changed: Whether it is another file now than when it was looked at: asked once it has been read.
    """

    name: str
    byte_count: int
    unfinished: str
    open: Callable[[], IO[bytes]]
    has_changed: Callable[[], bool]


def waiting_files(url: str, settle_seconds: float, *, is_declared: bool = False) -> list[WaitingFile]:
    """Every file of an inbox, sorted by name; none when the inbox does not exist, unless someone declared it.

    A file that changed within the last ``settle_seconds`` is looked at again after that time, and is unfinished if
    it grew meanwhile.

    Raises:
        InboxUnreachable: It did not answer.
        LandingError: Nothing that is installed can read such an address, or a declared folder is not there.
    """
    shown = without_secrets(url)
    try:
        filesystem, path = fsspec.core.url_to_fs(url)
        if is_declared and _HAS_FOLDERS.intersection(_protocols(filesystem)) and not filesystem.isdir(path):
            raise LandingError(f"inbox {shown}: there is no such folder; make it, or correct inbox in the declaration")
        first = _listing(filesystem, path)
        if settle_seconds and any(_is_fresh(entry, settle_seconds) for entry in first.values()):
            time.sleep(settle_seconds)
        second = _listing(filesystem, path)
    except (ImportError, ValueError) as error:
        told = str(error).replace(url, shown)
        raise LandingError(f"inbox {shown}: {told}. Install what is missing, or correct the address") from error
    except OSError as error:
        told = str(error).replace(url, shown)
        raise InboxUnreachable(
            f"inbox {shown}: cannot be reached ({told}). What was delivered before stays; the next run tries again"
        ) from error
    return [_waiting(filesystem, entry, first.get(name)) for name, entry in sorted(second.items())]


def _protocols(filesystem: Any) -> tuple[str, ...]:
    return (filesystem.protocol,) if isinstance(filesystem.protocol, str) else tuple(filesystem.protocol)


def without_secrets(url: str) -> str:
    """The address as it may be shown: without a password before the host, and without what follows a question mark."""
    return re.sub(r"[?#].*", "?...", re.sub(r"//[^/@]*@", "//...@", url))


def _listing(filesystem: Any, path: str) -> dict[str, dict[str, Any]]:
    filesystem.invalidate_cache()
    if not filesystem.exists(path):
        return {}
    entries = filesystem.ls(path, detail=True)
    files = [entry for entry in entries if entry["type"] == "file" or filesystem.isfile(entry["name"])]  # links, too
    return {PurePosixPath(entry["name"]).name: entry for entry in files}


def _waiting(filesystem: Any, entry: dict[str, Any], before: dict[str, Any] | None) -> WaitingFile:
    name, size = PurePosixPath(entry["name"]).name, int(entry["size"] or 0)
    shown = name.encode("utf-8", "backslashreplace").decode()
    if shown != name:
        unfinished = "its name is not written in UTF-8: rename it"
    elif any(fnmatchcase(name, pattern) for pattern in _UNFINISHED):
        unfinished = "its name says that it is not complete"
    elif before is None or before["size"] != entry["size"] or _changed(before) != _changed(entry):
        unfinished = STILL_WRITTEN
    else:
        unfinished = ""
    return WaitingFile(
        shown,
        size,
        unfinished,
        open=lambda: filesystem.open(entry["name"], "rb"),
        has_changed=lambda: _is_another(filesystem, entry),
    )


def _is_another(filesystem: Any, entry: dict[str, Any]) -> bool:
    filesystem.invalidate_cache()
    try:
        now = filesystem.info(entry["name"])
    except FileNotFoundError:
        return False  # taken away once it was read: what was read was all of it
    return bool(now["size"] != entry["size"] or _changed(now) != _changed(entry))


def _changed(entry: dict[str, Any]) -> float | None:
    changed = next((entry[key] for key in ("mtime", "LastModified", "last_modified", "modified") if key in entry), None)
    if isinstance(changed, datetime):
        return changed.timestamp()
    return float(changed) if isinstance(changed, int | float) else None


def _is_fresh(entry: dict[str, Any], settle_seconds: float) -> bool:
    changed = _changed(entry)
    return changed is not None and time.time() - changed < settle_seconds
