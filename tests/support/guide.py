"""Fenced blocks of the guides: what a reader would copy into files and into a shell."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block; ``file`` is the name after its language, empty if there is none."""

    language: str
    file: str
    text: str


def section(page: str, heading: str) -> str:
    """The text below a heading of a page of the checkout, up to the next heading of its level or above."""
    text = (ROOT / page).read_text(encoding="utf-8")
    _, found, rest = text.partition(f"\n{heading}\n")
    assert found, f"{page} has no heading {heading!r}"
    level = len(heading) - len(heading.lstrip("#"))
    kept: list[str] = []
    fenced = False
    for line in rest.splitlines(keepends=True):
        fenced ^= line.startswith("```")
        if not fenced and re.match(rf"#{{1,{level}}} ", line):
            break
        kept.append(line)
    return "".join(kept)


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a text, in order."""
    return [Block(found["language"], found["file"] or "", found["text"]) for found in _FENCE.finditer(text)]
