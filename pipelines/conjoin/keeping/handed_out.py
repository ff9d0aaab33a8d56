"""What was handed out: one line of JSON per pack and per release of totals, the coordinator's alone."""

import json
from pathlib import Path
from typing import Any

from conjoin.keeping.archive import now
from conjoin.keeping.folders import make_private
from conjoin.settings import Settings

_FILE_MODE = 0o600


def packs_folder(settings: Settings) -> Path:
    """Where the coordinator keeps what belongs to packs: secret, crosswalks, releases, this log; made if need be."""
    return make_private(settings.data / "packs")


def remember_handed_out(settings: Settings, entry: dict[str, Any]) -> None:
    """Append what was handed out."""
    path = packs_folder(settings) / "log.jsonl"
    path.touch(mode=_FILE_MODE)
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": now().isoformat(), **entry}, sort_keys=True) + "\n")


def packs_handed_out(settings: Settings) -> dict[str, str]:
    """Everybody who got a pack, with the day of the last one."""
    path = settings.data / "packs" / "log.jsonl"
    if not path.is_file():
        return {}
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {entry["for"]: entry["day"] for entry in entries if entry["event"] == "pack"}
