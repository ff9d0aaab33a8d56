"""The command line. Each command calls one function of ``flows`` or below and prints its result."""

import sys

from conjoin.cli.app import app
from conjoin.errors import ConjoinError


def main() -> None:
    """Run the command line; a ConjoinError is told in plain words, without a traceback."""
    from conjoin.cli.output import errors

    try:
        app()
    except ConjoinError as error:
        errors.print(f"[bold red]Cannot continue.[/] {error}", markup=True, highlight=False, soft_wrap=True)
        sys.exit(1)
