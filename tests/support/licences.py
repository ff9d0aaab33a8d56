"""The licence of every locked dependency: ``python tests/support/licences.py`` writes docs/LICENCES.md.

Read from what each package says of itself. What is locked and not installed here (packages of the extras, and of
another Python) keeps the row that the page has of that very version.
"""

import importlib.metadata
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "LICENCES.md"

#: Licences under which a package may be used by an MIT-licensed program that does not change or ship it.
ALLOWED = {
    "0BSD",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "CNRI-Python",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Zlib",
}
#: What a package may be used under although what it names is not allowed as it stands, and why.
EXCEPTIONS = {
    "axe-playwright-python": ("MIT AND MPL-2.0", "by its licence file, and that of axe-core in it; tests alone use it"),
    "pyphen": (
        "GPL-2.0-or-later AND LGPL-2.0-or-later AND MPL-1.1",
        "of its three licences, any of which may be chosen, used under the MPL; of the extra `pdf` alone",
    ),
    "text-unidecode": ("Artistic-1.0 OR GPL-2.0-or-later", "used under the Artistic License"),
}
#: What is shipped as a part of Conjoin, unchanged or drawn anew, with its notice beside it.
SHIPPED = (
    "htmx 4.0.1 (0BSD), `pipelines/conjoin/desk/static/NOTICE`",
    "shapes of countries from world-atlas 2.0.2 (ISC), made of Natural Earth (public domain), "
    "`schemas/geography/NOTICE`",
)
#: Spellings of those that give no SPDX expression.
_SPELLINGS = {
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "artistic license": "Artistic-1.0",
    "bsd license": "BSD",
    "gnu general public license (gpl)": "GPL",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 1.1 (mpl 1.1)": "MPL-1.1",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}
_SILENT = {"License :: OSI Approved", "License :: DFSG approved"}


@dataclass(frozen=True)
class Row:
    """One locked dependency; ``licence`` is an expression of SPDX names, or "unknown"."""

    name: str
    version: str
    licence: str

    @property
    def verdict(self) -> str:
        """Why it may not be used; empty if it may."""
        if self.licence == "unknown":
            return f"{self.name} {self.version}: says nothing of its licence; look, and name it under EXCEPTIONS"
        if self.name in EXCEPTIONS and EXCEPTIONS[self.name][0] == self.licence:
            return ""
        names = set(re.findall(r"[\w.+-]+", self.licence)) - {"AND", "OR", "WITH"}
        if wrong := sorted(names - ALLOWED):
            return f"{self.name} {self.version}: {', '.join(wrong)} is not among the licences allowed"
        return ""


def locked() -> dict[str, str]:
    """Name to version of constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    return dict(line.split("==") for line in lines)


def said_licence(metadata: importlib.metadata.PackageMetadata) -> str:
    """What a package says of its licence: its expression, else its classifiers, else the first line of the field."""
    expression = metadata.get("License-Expression")
    if expression:
        return expression
    classified = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [line.rpartition(":: ")[2] for line in classified if line not in _SILENT]
    if not named:
        named = [line.strip() for line in (metadata.get("License") or "").splitlines()[:1] if line.strip()]
    return " AND ".join(dict.fromkeys(_SPELLINGS.get(name.lower(), name) for name in named)) or "unknown"


def written() -> dict[str, Row]:
    """The rows of the page, by name."""
    if not PAGE.exists():
        return {}
    cells = re.findall(r"^\| ([\w.-]+) \| ([\w.+!]+) \| ([^|]+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: Row(name, version, licence) for name, version, licence in cells if name != "package"}


def rows() -> list[Row]:
    """Every locked dependency, as it says of itself or, where it is not installed, as the page has it."""
    kept, found = written(), []
    for name, version in locked().items():
        try:
            installed = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            old = kept.get(name)
            found.append(old if old and old.version == version else Row(name, version, "unknown"))
            continue
        licence = EXCEPTIONS[name][0] if name in EXCEPTIONS else said_licence(installed.metadata)
        found.append(Row(name, version, licence))
    return found


def page(found: list[Row]) -> str:
    """The page."""
    lines = [
        "# Licences of what Conjoin stands on",
        "",
        "Written by `make docs` from what each package says of itself; do not edit. Conjoin itself is under the MIT",
        "licence. None of the packages is part of it: they are installed beside it, unchanged. A test fails on one",
        f"that is unknown or not among {', '.join(sorted(ALLOWED))}.",
        "",
    ]
    lines += [f"Named by hand: {name} ({licence}), {why}." for name, (licence, why) in EXCEPTIONS.items()]
    lines += ["", f"Shipped with Conjoin: {'; '.join(SHIPPED)}."]
    lines += ["", "| package | version | licence |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {row.name} | {row.version} | {row.licence} |" for row in found)]) + "\n"


def main() -> int:
    """Write the page, and name what may not be used."""
    found = rows()
    PAGE.write_text(page(found), encoding="utf-8")
    wrong = [row.verdict for row in found if row.verdict]
    sys.stdout.write("".join(f"{told}\n" for told in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
