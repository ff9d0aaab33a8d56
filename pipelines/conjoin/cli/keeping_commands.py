"""Commands that keep what was delivered: backup, restore, rebuild, archive new-key, archive encrypt."""

from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, errors, shown_path
from conjoin.settings import load_settings

archive = typer.Typer(
    no_args_is_help=True,
    help="Encrypt the originals in the archive with a key from the environment.\n\nExample: `conjoin archive encrypt`",
)
app.add_typer(archive, name="archive")


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


@archive.command(
    name="new-key",
    help="Print a new key for CONJOIN_ARCHIVE_KEY. It is kept nowhere: whoever loses it loses the originals.\n\n"
    "Example: `conjoin archive new-key`",
)
def new_key_command() -> None:
    """Print a key."""
    from conjoin.keeping.cipher import new_key

    typer.echo(new_key())


@archive.command(
    name="encrypt",
    help="Encrypt every original that is plain with the key in CONJOIN_ARCHIVE_KEY; may be stopped and started again."
    "\n\nExample: `conjoin archive encrypt`",
)
def encrypt_command() -> None:
    """Encrypt the archive."""
    from conjoin.errors import ConjoinError
    from conjoin.keeping.archive import Archive
    from conjoin.keeping.run_lock import run_lock

    settings = load_settings()
    with run_lock(settings, "conjoin archive encrypt"):
        done = Archive(settings.archive).originals.seal_all(lambda line: console.print(line, markup=False))
    console.print(f"Encrypted {done.sealed} originals; {done.before} were already.")
    console.print(
        "Plain stay: what waits in the inbox, landing, matching, the warehouse, briefings, the ledger, and backups made"
        " before. Keep the data folder on an encrypted disk; keep the key apart from data and backups."
    )
    for told in done.damaged:
        errors.print(told, markup=False, soft_wrap=True)
    if done.damaged:
        raise ConjoinError(
            f"{len(done.damaged)} originals are damaged and stay as they are (all others are encrypted); put them back "
            "from a backup, then `conjoin archive encrypt` again"
        )
