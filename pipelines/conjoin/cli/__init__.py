"""The command line. Each command calls one function of a room below and prints its result."""

import atexit
import os
import sys

from conjoin.cli.app import app
from conjoin.errors import ConjoinError


def main() -> None:
    """Run the command line; a ConjoinError is told in plain words, without a traceback."""
    from conjoin.cli.output import errors
    from conjoin.cli.screen.progress import progress_shown
    from conjoin.machine import told_in_words

    code = 0
    try:
        with told_in_words(), progress_shown(errors):
            app()
    except ConjoinError as error:
        errors.print("[bold red]Not done:[/]", end=" ")
        errors.print(str(error), markup=False, soft_wrap=True)
        code = 1
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    _leave(code)


def _leave(code: int) -> None:
    """End the process without tearing down the interpreter.

    Prefect's threads outlive the flow, and with them DuckDB's binding prints pages about leaked instances. Exit
    handlers do run: one of them stops the embedded server.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)
