"""DuckDB connections: one way to work, one way to read what is published."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from conjoin.errors import ConjoinError
from conjoin.keeping.folders import make_private
from conjoin.keeping.leftovers import scratch_folder
from conjoin.settings import Settings
from conjoin.sql import quote_identifier, quote_literal


@contextmanager
def workbench(settings: Settings, file: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to work on, in memory or in ``file``; it spills to the data folder and is closed at the end."""
    scratch = scratch_folder(settings)
    make_private(settings.temporary)
    scratch.mkdir(exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(scratch),
        "autoinstall_known_extensions": "false",  # nothing may be fetched at run time
    }
    if settings.threads:
        config["threads"] = settings.threads
    con = duckdb.connect(str(file) if file else ":memory:", config=config)
    try:
        yield con
    finally:
        con.close()
        with suppress(OSError):  # another workbench of this process may still spill there
            scratch.rmdir()


@contextmanager
def attached(con: duckdb.DuckDBPyConnection, file: Path, name: str) -> Iterator[None]:
    """Attach a DuckDB file under a name, made if it is not there; what was written is in it at the end."""
    con.execute(f"attach {quote_literal(str(file))} as {quote_identifier(name)}")
    yield
    con.execute(f"detach {quote_identifier(name)}")


LOCKED = """
set enable_external_access = false;
set python_enable_replacements = false;
set lock_configuration = true
"""


@contextmanager
def asking(file: Path, seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for questions: nothing but the warehouse can be read, nothing written, and not for ever.

    Args:
        file: A published warehouse.
        seconds: After so long a question is given up.

    Raises:
        ConjoinError: As ``reader``; also when the question took too long.
    """
    with reader(file) as con:
        if not con.execute("select current_setting('lock_configuration')").fetchall()[0][0]:
            con.execute(LOCKED)  # else somebody in this process asks the same file, and the locks hold for both
        timer = threading.Timer(seconds, con.interrupt)
        timer.start()
        try:
            yield con
        except duckdb.InterruptException as error:
            raise ConjoinError(
                f"the question took longer than {seconds:g} s and was given up; narrow it down, or raise query_seconds "
                "under [run] in conjoin.toml"
            ) from error
        finally:
            timer.cancel()


@contextmanager
def reader(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to a published warehouse.

    Raises:
        ConjoinError: Nothing has been published there, or it is damaged or held by somebody who writes.
    """
    if not file.exists():
        raise ConjoinError(f"{file}: nothing is published yet; run `conjoin run` (or `conjoin demo`) first")
    try:
        con = duckdb.connect(str(file), read_only=True)
    except duckdb.Error as error:
        raise ConjoinError(
            f"{file}: cannot be read ({error}). If another program has it open for writing, close that; if it is "
            "damaged, `conjoin build` and `conjoin publish` make it anew from what was landed"
        ) from error
    try:
        yield con
    finally:
        con.close()
