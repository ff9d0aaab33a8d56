"""Findings of one kind are kept once, each with the inputs that show it."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from support.attack.expected import EXPECTED
from support.attack.inputs import Attack, Cell

_KEPT = 3


@dataclass
class Finding:
    """Findings of one kind.

    Attributes:
        kind: Which expectation does not hold, a key of ``EXPECTED``.
        reader: What read the file.
        expected: The expectation in a sentence.
        detail: What was found in the first input.
        count: How many inputs show it.
        inputs: The first of these, as files.
    """

    kind: str
    reader: str
    expected: str
    detail: str
    count: int = 0
    inputs: list[str] = field(default_factory=list)


class Findings:
    """All findings by signature, with inputs below a folder of their own."""

    def __init__(self, folder: Path) -> None:
        """Nothing is found yet."""
        self._folder = folder
        self.by_signature: dict[str, Finding] = {}

    def keep(self, attack: Attack, kind: str, detail: str) -> None:
        """Count a finding, and write its input down if it is one of the first of its kind."""
        reader = attack.seed.read_by
        signature = f"{reader}: {kind}: {_signature(attack, kind, detail)}"
        found = self.by_signature.setdefault(signature, Finding(kind, reader, EXPECTED[kind], detail))
        found.count += 1
        if found.count > _KEPT:
            return
        folder = self._folder / hashlib.sha256(signature.encode()).hexdigest()[:10]
        folder.mkdir(exist_ok=True)
        path = folder / f"{found.count}_{attack.seed.file_name}"
        path.write_bytes(attack.content)
        touched = None if attack.touched is None else sorted(attack.touched)
        about: dict[str, Any] = {
            "signature": signature,
            "seed": attack.seed.name,
            "mutation": attack.mutation,
            "touched": touched,
        }
        about |= {"cell": asdict(attack.cell) if attack.cell else None, "detail": detail}
        _beside(path).write_text(json.dumps(about, indent=1), encoding="utf-8")
        found.inputs.append(str(path))


def kept(path: Path) -> tuple[str, dict[str, Any]]:
    """Of an input that was kept: the name of its seed, and what else the attack was made of."""
    about = json.loads(_beside(path).read_text(encoding="utf-8"))
    touched = None if about["touched"] is None else frozenset(about["touched"])
    cell = Cell(**about["cell"]) if about["cell"] else None
    made = {"mutation": about["mutation"], "content": path.read_bytes(), "touched": touched, "cell": cell}
    return about["seed"], made


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.about.json")


def _signature(attack: Attack, kind: str, detail: str) -> str:
    """What findings of one kind have in common: the way of damage, the place in the code, or the message's words."""
    if kind in ("crash", "hang"):
        return f"{detail.splitlines()[0]}, {attack.way}"
    places = re.findall(r'File "[^"]*?/([\w.-]+/[\w.-]+\.py)", line (\d+)', detail)
    if places:
        return " < ".join(f"{file}:{line}" for file, line in places[-3:])
    if kind in ("implausible day", "implausible number", "another meaning"):
        return re.split(r"[=:]", detail)[0].strip()
    if kind in ("raw characters", "too long", "file not named"):
        return re.sub(r"'[^']*'|\"[^\"]*\"|/\S*/|0x[0-9a-f]+|[\d,]+", "…", detail.partition(" in ")[2] or detail)[:60]
    return ""
