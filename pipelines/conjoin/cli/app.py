"""The Typer application and its groups of commands."""

import typer

from conjoin import __version__

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Who audits the same factories, how often, and how much of it could have been one visit.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"conjoin {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


# Importing a module of commands registers them.
from conjoin.cli import (  # noqa: E402, F401 - they need ``app`` above
    keeping_commands,
    overlap_commands,
    pack_commands,
    quality_commands,
    query_commands,
    review_commands,
    run_commands,
    site_commands,
    source_commands,
)
