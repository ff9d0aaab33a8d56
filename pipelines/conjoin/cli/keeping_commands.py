"""Commands that keep what was delivered: backup, restore, rebuild."""

from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, shown_path
from conjoin.settings import load_settings


@app.command(
    help="Write all that cannot be made again into one file: originals, ledger, declarations, rules, judgements.\n\n"
    "Example: `conjoin backup overlap-2026-11-30.tar`"
)
def backup(target: Path = typer.Argument(help="The file to write; it must not exist.")) -> None:
    """Write a backup."""
    from conjoin.keeping.backup import write_backup
    from conjoin.keeping.run_lock import run_lock

    settings = load_settings()
    with run_lock(settings, "conjoin backup"):
        count = write_backup(settings, target)
    console.print(f"Wrote {count} files to {target}. It holds confidential originals: keep it as safe as them.")


@app.command(
    help="Put a backup back into an empty project folder; `conjoin rebuild` makes the rest again.\n\n"
    "Example: `conjoin restore overlap-2026-11-30.tar`"
)
def restore(source: Path = typer.Argument(help="A file that `conjoin backup` wrote.")) -> None:
    """Restore a backup."""
    from conjoin.keeping.backup import restore_backup
    from conjoin.keeping.run_lock import run_lock

    settings = load_settings()
    with run_lock(settings, "conjoin restore"):
        count = restore_backup(settings, source)
    console.print(f"Put {count} files back, each as it was. Next: conjoin rebuild", markup=False)


@app.command(
    help="Make everything again from originals, declarations, rules and judgements; if it fails, all stays.\n\n"
    "Example: `conjoin rebuild`"
)
def rebuild() -> None:
    """Rebuild landing, matching and the warehouse."""
    from conjoin.flows.scale import comparing
    from conjoin.keeping.run_journal import recorded_run
    from conjoin.steps.rebuild import rebuild as rebuild_all

    settings = load_settings()
    with recorded_run(settings, "conjoin rebuild") as record:
        published = rebuild_all(settings, lambda line: console.print(line, markup=False), comparing(settings))
        record.outcome = "completed"
    console.print(f"Published {shown_path(settings.warehouse)}, version {published.version.number}", soft_wrap=True)
