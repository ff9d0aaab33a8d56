"""An attack in a process of its own, and what its report says in words."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).parents[2]
_ENDINGS = ("read", "refused", "with findings")


@dataclass(frozen=True)
class Report:
    """What an attack came to.

    Attributes:
        figures: Inputs, random number, processor time and memory.
        endings: By reader, how many files were read, refused, or ended in a finding.
        findings: What should not be, by kind.
    """

    figures: dict[str, float]
    endings: dict[str, dict[str, int]]
    findings: list[dict[str, Any]]

    def summary(self) -> str:
        """A line per reader, and one of figures."""
        lines = ["", f"{'reader':<18}" + "".join(f"{ending:>15}" for ending in _ENDINGS)]
        for reader, endings in self.endings.items():
            lines.append(f"{reader:<18}" + "".join(f"{endings.get(ending, 0):>15,}" for ending in _ENDINGS))
        lines.append(", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in self.figures.items()))
        return "\n".join(lines) + "\n"

    def told(self) -> list[str]:
        """Each finding: what should hold, what was found, and an input that shows it."""
        return [
            f"{found['reader']}, {found['count']} inputs: {found['kind']} ({found['expected']}). Found: "
            f"{found['detail'][:300]!a}. Again: cd tests && python -m support.attack --again {found['inputs'][0]}"
            for found in self.findings
        ]


def attacked(count: int, number: int, folder: Path) -> Report:
    """Attack in a process without threads, since it forks for every input."""
    arguments = ["--count", str(count), "--seed", str(number), "--out", str(folder)]
    path = os.pathsep.join(filter(None, [str(_TESTS), os.environ.get("PYTHONPATH", "")]))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CONJOIN_")}
    subprocess.run(
        [sys.executable, "-m", "support.attack", *arguments],
        env={**environment, "PYTHONPATH": path},
        check=True,
    )
    told = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    endings, findings = told.pop("endings"), told.pop("findings")
    return Report(told, endings, findings)
