"""Commands that keep what was delivered, and no longer: backup, restore, rebuild, archive, retention."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, errors, show_rows, shown_path
from conjoin.settings import load_settings

if TYPE_CHECKING:
    from conjoin.matching.run import Compare
    from conjoin.steps.erase import Erased

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
    from conjoin.keeping.archive import Archive
    from conjoin.keeping.run_lock import run_lock

    settings = load_settings()
    with run_lock(settings, "conjoin archive encrypt"):
        done = Archive(settings.archive).originals.seal_all(lambda line: console.print(line, markup=False))
    console.print(f"Encrypted {done.changed} originals; {done.before} were already.")
    console.print(
        "Plain stay: what waits in the inbox, landing, matching, the warehouse, briefings, the ledger, and backups made"
        " before. Keep the data folder on an encrypted disk; keep the key apart from data and backups."
    )
    _tell_damaged(done.damaged)


@archive.command(
    name="decrypt",
    help="Make every original plain again, to go without a key or to change it; may be stopped and started again."
    "\n\nExample: `conjoin archive decrypt`",
)
def decrypt_command() -> None:
    """Decrypt the archive."""
    from conjoin.keeping.archive import Archive
    from conjoin.keeping.run_lock import run_lock

    settings = load_settings()
    with run_lock(settings, "conjoin archive decrypt"):
        done = Archive(settings.archive).originals.open_all(lambda line: console.print(line, markup=False))
    console.print(f"Decrypted {done.changed} originals; {done.before} were plain already.")
    console.print(
        "Unset CONJOIN_ARCHIVE_KEY to go without one, or set it to a new one and `conjoin archive encrypt`. Backups "
        "made before need the old key."
    )
    _tell_damaged(done.damaged)


def _tell_damaged(damaged: list[str]) -> None:
    """End red over originals that a conversion had to leave as they are."""
    from conjoin.errors import ConjoinError

    for told in damaged:
        errors.print(told, markup=False, soft_wrap=True)
    if damaged:
        raise ConjoinError(
            f"{len(damaged)} originals are damaged and stay as they are, all others are done; put them back from a "
            "backup, then start again"
        )


@app.command(
    help="List what is kept longer than its source's retention_months allow; with --erase, remove it for good.\n\n"
    "Example: `conjoin retention --erase`"
)
def retention(
    erase: bool = typer.Option(False, "--erase", help="Remove originals and rows; the ledger keeps tombstones."),
    reason: str = typer.Option("kept as long as was agreed", help="Who asked, and why; kept in the ledger."),
) -> None:
    """List what is due, or erase it."""
    from datetime import UTC, datetime

    from conjoin.steps.erase import due_deliveries
    from conjoin.steps.erase import erase as erase_deliveries

    settings = load_settings()
    due = due_deliveries(settings, datetime.now(UTC).date())
    if not due:
        console.print("Nothing is kept longer than its declaration allows (retention_months in source.toml).")
        return
    rows = [(d.entry.source_name, d.entry.file_name, d.entry.recorded_at.date(), d.months, d.due_since) for d in due]
    show_rows("Due to be erased", ("Source", "File", "Delivered", "Months", "Due since"), rows)
    if not erase:
        console.print("`conjoin retention --erase` removes these originals and their rows for good.", markup=False)
        return
    wanted = [found.entry for found in due]
    erase_and_tell(
        "conjoin retention --erase", lambda by: erase_deliveries(settings, wanted, f"retention: {reason}", compare=by)
    )


def erase_and_tell(purpose: str, work: "Callable[[Compare], Erased]") -> None:
    """Erase under the lock, and say what is gone and what is not."""
    from conjoin.flows.scale import comparing
    from conjoin.keeping.run_journal import recorded_run

    settings = load_settings()
    with recorded_run(settings, purpose) as record:
        done = work(comparing(settings))
        record.outcome = "completed"
        record.message = f"{len(done.entries)} files erased"
    lines = [f"Erased {len(done.entries)} files, their rows and what was matched of them; tombstones are kept."]
    lines += [f"{name}: its bytes stay, another delivery in force has the same" for name in done.shared]
    if done.published:
        lines.append(f"Published version {done.published} without them.")
    if done.versions:
        lines.append(f"Removed the published versions that held them: {', '.join(map(str, sorted(done.versions)))}.")
    if done.pages:
        lines.append(f"Removed briefings made before: {', '.join(done.pages)}. `conjoin brief` renders them again.")
    lines.append("Still to be seen to by you:")
    lines += [f"- {told}" for told in done.left]
    lines += [
        "- backups made before: each holds the originals and the rest still; make a new one and remove the old",
        "- files of `conjoin build --out`, exported answers and review sheets, pages that somebody copied or was sent",
        "- judgements and the journal of site ids name its records by ids that say nothing by themselves",
    ]
    console.print("\n".join(lines), markup=False, soft_wrap=True)
