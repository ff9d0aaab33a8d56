"""What belongs to packs and cannot be made again: in the archive, so that a backup holds it.

Releases of totals are safe only beside all earlier ones, and ids of a reader's packs hang on a secret. Beside them
stands one line of JSON per pack, release and statement that was handed out.
"""

import json
from pathlib import Path
from typing import Any

from conjoin.keeping.archive import now
from conjoin.keeping.folders import make_private
from conjoin.settings import Settings

_FILE_MODE = 0o600


def packs_folder(settings: Settings) -> Path:
    """Where the coordinator keeps secret, crosswalks, releases and log; made if need be."""
    make_private(settings.archive)
    return make_private(_folder(settings))


def remember_handed_out(settings: Settings, entry: dict[str, Any]) -> None:
    """Append what was handed out."""
    path = packs_folder(settings) / "log.jsonl"
    path.touch(mode=_FILE_MODE)
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": now().isoformat(), **entry}, sort_keys=True) + "\n")


def packs_handed_out(settings: Settings) -> dict[str, str]:
    """Everybody who got a pack, with the day of the last one."""
    return {entry["for"]: entry["day"] for entry in _entries(settings) if entry["event"] == "pack"}


def statements_handed_out(settings: Settings) -> dict[str, str]:
    """Every site of which a statement was made, with the day of the last one."""
    return {entry["site"]: entry["day"] for entry in _entries(settings) if entry["event"] == "statement"}


def _entries(settings: Settings) -> list[dict[str, Any]]:
    path = _folder(settings) / "log.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []


def _folder(settings: Settings) -> Path:
    return settings.archive / "packs"
