"""Generated pages and compiled rules: ``python -m conjoin.cli.docs`` writes them, ``--check`` names what is stale.

``--picture`` draws the README's picture from the published warehouse, which should be the demo's.
"""

import sys
import tempfile
from pathlib import Path

import typer

from conjoin import content
from conjoin.briefings.figures import draw_timelines
from conjoin.briefings.overlap import Scope, busiest_timelines
from conjoin.briefings.pages import svg_bytes
from conjoin.cli.app import app
from conjoin.schemas.fields import field
from conjoin.schemas.tables import Table, system_tables, tables
from conjoin.settings import Settings, load_settings
from conjoin.sources import registry
from conjoin.tools.link_files import link_files
from conjoin.warehouse.build import system_schema
from conjoin.warehouse.models import LAYERS, models
from conjoin.warehouse.rule_blocks import stale_models

_REAL_LISTS = "tests/data/real/oar_lists.csv"


def dictionary() -> str:
    """Every table of the warehouse with its columns and their meaning."""
    lines = [
        "# Dictionary of the warehouse",
        "",
        "Written by `make docs` from schemas/ and the sidecars; do not edit.",
        "",
    ]
    for layer in reversed(LAYERS):
        lines += [f"## {layer}", ""]
        for model in sorted((model for model in models() if model.schema == layer), key=lambda model: model.name):
            sidecar = model.sidecar
            lines += _section(model.name, sidecar.description, sidecar.grain, sidecar.key, sidecar.columns)
    lines += ["## landing and matching", ""]
    system = [(f"{system_schema(name)}.{name}", table) for name, table in system_tables().items()]
    landed = [(f"landing.{name}", table) for name, table in tables().items()]
    for name, table in sorted([*landed, *system], key=lambda entry: entry[0]):
        lines += _table_section(name, table)
    return "\n".join(lines).rstrip() + "\n"


def _table_section(name: str, table: Table) -> list[str]:
    return _section(name, table.description, table.grain, table.key, table.columns)


def _section(name: str, description: str, grain: str, key: list[str], columns: list[str]) -> list[str]:
    lines = [f"### {name}", "", description, "", f"Grain: {grain}. Key: {', '.join(key)}.", ""]
    lines += ["| column | type | meaning |", "| --- | --- | --- |"]
    for column in columns:
        entry = field(column)
        unit = f" ({entry.unit})" if entry.unit else ""
        lines.append(f"| {column} | {entry.sql_type} | {entry.description}{unit} |")
    return [*lines, ""]


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
        root / "sources" / "INDEX.md": source_index(),
        root / "README.md": readme,
    }


def draw_picture(root: Path) -> Path:
    """Draw the busiest sites of the published warehouse into ``docs/``; the same data give the same bytes."""
    picture = draw_timelines(busiest_timelines(Scope(load_settings().warehouse)))
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
