"""Generated pages and compiled rules: ``python -m conjoin.cli.docs`` writes them, ``--check`` names what is stale.

``--picture`` draws the README's picture from the published warehouse, which should be the demo's.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import typer

from conjoin import content
from conjoin.briefings.figures import draw_timelines
from conjoin.briefings.overlap import Scope
from conjoin.briefings.pages import svg_bytes
from conjoin.cli.app import app
from conjoin.schemas.fields import field
from conjoin.schemas.tables import system_tables, tables
from conjoin.settings import Settings, load_settings
from conjoin.sources import registry
from conjoin.tools.link_files import link_files
from conjoin.warehouse.build import system_schema
from conjoin.warehouse.models import LAYERS, models
from conjoin.warehouse.rule_blocks import stale_models
from conjoin.warehouse.rules_page import rules_page

_REAL_LISTS = "tests/data/real/oar_lists.csv"


@dataclass(frozen=True)
class _Entry:
    """What the dictionary tells of one table."""

    name: str
    description: str
    grain: str
    key: list[str]
    columns: list[str]
    audience: str = ""

    @property
    def anchor(self) -> str:
        """Where a page of Markdown puts its heading."""
        return self.name.replace(".", "")


def dictionary() -> str:
    """Every table of the warehouse: contents, each table with its columns, and each column explained once."""
    parts = _parts()
    lines = [
        "# Dictionary of the warehouse",
        "",
        "Written by `make docs` from schemas/ and the sidecars; do not edit. A column means the same everywhere, and",
        "stands once under [Columns](#columns). The same inside the database: `conjoin sql 'from dictionary'`.",
        "",
    ]
    for title, entries in parts.items():
        lines += [f"**{title}**", ""]
        lines += [f"- [{entry.name}](#{entry.anchor}): {entry.grain}" for entry in entries]
        lines += [""]
    lines += ["**[Columns](#columns)**", ""]
    for title, entries in parts.items():
        lines += [f"## {title}", ""]
        for entry in entries:
            columns = ", ".join(f"[{column}](#{column})" for column in entry.columns)
            lines += [f"### {entry.name}", "", entry.description, ""]
            lines += [f"Grain: {entry.grain}. Key: {', '.join(entry.key)}.", "", f"Columns: {columns}.", ""]
            lines += [entry.audience, ""] if entry.audience else []
    return "\n".join([*lines, *_columns(parts)]).rstrip() + "\n"


def _parts() -> dict[str, list[_Entry]]:
    """Tables by the part of the dictionary that they stand in, what readers ask first."""
    found = {
        layer: [
            _Entry(
                m.name,
                m.sidecar.description,
                m.sidecar.grain,
                m.sidecar.key,
                m.sidecar.columns,
                m.sidecar.audience_told,
            )
            for m in sorted(models(), key=lambda model: model.name)
            if m.schema == layer
        ]
        for layer in reversed(LAYERS)
    }
    named = {f"landing.{name}": table for name, table in tables().items()}
    named |= {f"{system_schema(name)}.{name}": table for name, table in system_tables().items()}
    found["landing and matching"] = [
        _Entry(name, table.description, table.grain, table.key, table.columns) for name, table in sorted(named.items())
    ]
    return found


def _columns(parts: dict[str, list[_Entry]]) -> list[str]:
    """Each column once, with its type, what it means, and how many tables have it."""
    tables_of: dict[str, list[str]] = {}
    for entries in parts.values():
        for entry in entries:
            for column in entry.columns:
                tables_of.setdefault(column, []).append(entry.name)
    lines = ["## Columns", "", "| column | type | meaning | in |", "| --- | --- | --- | --- |"]
    for column, names in sorted(tables_of.items()):
        told = field(column)
        unit = f" ({told.unit})" if told.unit else ""
        where = names[0] if len(names) == 1 else f"{len(names)} tables"
        cells = (f'<a id="{column}"></a>{column}', told.sql_type, f"{told.description}{unit}", where)
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def source_index() -> str:
    """Every packaged source: kind, title, schedule, what it emits."""
    lines = [
        "# Sources",
        "",
        "Written by `make docs` from the declarations; do not edit. All samples are invented.",
        "",
    ]
    lines += ["| source | kind | title | feeds | tables | schedule (UTC) |", "| --- | --- | --- | --- | --- | --- |"]
    for name, source in registry.sources().items():
        emitted = sorted({emit.table for feed in source.feed.values() for emit in feed.all_emits()})
        feeds = ", ".join(source.feed)
        cells = [name, source.kind, source.title, feeds, ", ".join(emitted), f"`{source.schedule}`"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Every command with the first line of its help and its example."""
    group = typer.main.get_group(app)
    lines = ["| command | what it does |", "| --- | --- |"]
    for name, command in sorted(group.commands.items()):
        first = (command.help or "").split("\n")[0].strip()
        lines.append(f"| `conjoin {name}` | {first} |")
    return "\n".join(lines)


def real_lists(root: Path) -> str:
    """What linking the real open lists prints, taken from a run."""
    with tempfile.TemporaryDirectory(prefix="conjoin-docs-") as folder:
        result = link_files(Settings(data=Path(folder)), [root / _REAL_LISTS], Path(folder, "sites.csv"))
    command = f"conjoin link {_REAL_LISTS} --out sites.csv --pairs pairs.csv"
    return f"```text\n$ {command}\n{result} Wrote sites.csv.\n```"


def _replace(page: str, block: str, text: str) -> str:
    """The page with its generated block of that name holding ``text``."""
    begin, end = f"<!-- {block}: begin (written by make docs) -->", f"<!-- {block}: end -->"
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n{text}\n{end}{after}"


def pages(root: Path) -> dict[Path, str]:
    """Every generated page below the checkout and what must stand in it."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    readme = _replace(_replace(readme, "commands", commands()), "real lists", real_lists(root))
    return {
        root / "warehouse" / "DICTIONARY.md": dictionary(),
        root / "docs" / "RULES.md": rules_page(root),
        root / "sources" / "INDEX.md": source_index(),
        root / "README.md": readme,
    }


def draw_picture(root: Path) -> Path:
    """Draw the busiest sites of the published warehouse into ``docs/``; the same data give the same bytes."""
    picture = draw_timelines(Scope(load_settings().warehouse).ask("busiest_timelines"))
    path = root / "docs" / "busiest_sites.svg"
    path.write_bytes(svg_bytes(picture.figure))
    return path


def main() -> int:
    """Write the pages, or with ``--check`` name those that are stale."""
    if "--picture" in sys.argv:
        sys.stdout.write(f"wrote: {draw_picture(content.packaged_root())}\n")
        return 0
    wanted = stale_models() | pages(content.packaged_root())
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" not in sys.argv:
            path.write_text(wanted[path], encoding="utf-8")
        sys.stdout.write(f"{'stale' if '--check' in sys.argv else 'wrote'}: {path.name}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
