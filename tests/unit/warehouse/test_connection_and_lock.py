"""Connections that cannot surprise, and one run at a time."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from conjoin.errors import ConjoinError, RunInProgress
from conjoin.keeping.run_lock import run_lock
from conjoin.settings import Settings
from conjoin.warehouse.connection import asking, reader, workbench

_HOLDER = """
import sys, time
from pathlib import Path
from conjoin.settings import Settings
from conjoin.keeping.run_lock import run_lock
with run_lock(Settings(data=Path(sys.argv[1])), "nightly run"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_workbench_fetches_nothing_and_keeps_its_limits(settings: Settings) -> None:
    limited = settings.model_copy(update={"memory_limit": "1GB", "threads": 1})
    with workbench(limited) as con:
        asked = "current_setting('threads'), current_setting('autoinstall_known_extensions')"
        assert con.execute(f"select {asked}").fetchall() == [(1, False)]
    with pytest.raises(duckdb.ConnectionException):
        con.execute("select 1")


def test_a_reader_only_reads(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "built.duckdb"
    with workbench(settings, file) as con:
        con.execute("create table t as select 1 as n")
    with reader(file) as con:
        assert con.execute("from t").fetchall() == [(1,)]
        with pytest.raises(duckdb.InvalidInputException):
            con.execute("insert into t values (2)")


def test_what_is_not_published_is_told_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(ConjoinError, match="nothing is published yet; run `conjoin run`"), reader(tmp_path / "none"):
        pass


def test_the_lock_is_free_again_after_the_block(settings: Settings) -> None:
    for _ in range(2):
        with (
            run_lock(settings, "ingest"),
            pytest.raises(RunInProgress, match=r"run\.lock: another run is at work \(ingest, process \d+, since 20"),
            run_lock(settings, "second"),
        ):
            pass


def test_another_process_is_told_who_runs_and_the_lock_survives_its_death(settings: Settings) -> None:
    command = [sys.executable, "-c", _HOLDER, os.fspath(settings.data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RunInProgress, match=f"nightly run, process {holder.pid}") as refusal,
            run_lock(settings, "x"),
        ):
            pass
        assert "wait until it ends, then start again" in str(refusal.value)
        holder.send_signal(signal.SIGKILL)
        holder.wait(timeout=20)
        with run_lock(settings, "after the crash"):
            assert "after the crash" in (settings.data / "run.lock").read_text(encoding="utf-8")


def test_a_question_that_is_answered_leaves_no_clock_running(settings: Settings, tmp_path: Path) -> None:
    """Else ``conjoin ask`` would show its answer at once and end only after ``query_seconds``."""
    file = tmp_path / "built.duckdb"
    with workbench(settings, file) as con:
        con.execute("create table t as select 1 as n")
    with asking(file, 10) as con:
        assert con.execute("from t").fetchall() == [(1,)]
    clocks = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
    for clock in clocks:
        clock.join(2)
    assert [clock for clock in clocks if clock.is_alive()] == []


def test_two_may_ask_one_file_at_a_time_in_one_process(settings: Settings, tmp_path: Path) -> None:
    """As the pages of a desk do: the first has locked what both must not do."""
    file, secret = tmp_path / "built.duckdb", tmp_path / "secret.csv"
    secret.write_text("n\n1\n", encoding="utf-8")
    with workbench(settings, file) as con:
        con.execute("create table t as select 1 as n")
    with asking(file, 10) as one, asking(file, 10) as other:
        for con in (one, other):
            assert con.execute("from t").fetchall() == [(1,)]
            with pytest.raises(duckdb.PermissionException):
                con.execute(f"from read_csv('{secret}')")
