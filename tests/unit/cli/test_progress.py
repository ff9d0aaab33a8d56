"""Stages are told to whoever listens, the innermost first to end; what is concluded does not hang on it."""

import io
import time
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from conjoin.cli.screen import progress as shown
from conjoin.progress import counted, stage
from conjoin.settings import Settings
from conjoin.tools.link_files import link_files
from support.listener import recorded


def test_stages_lie_within_stages_and_end_whatever_happens() -> None:
    def work() -> None:
        with stage("outer", 2) as told:
            told.now("first")
            assert list(counted("inner", "abc")) == ["a", "b", "c"]
            told.now("second")
            raise ValueError

    with recorded("outer", "inner"), pytest.raises(ValueError, match=r"^$"):
        work()
    with pytest.raises(ValueError, match=r"^$"):
        work()  # nobody listens


def test_linking_says_how_far_it_is_and_gives_the_same(tmp_path: Path) -> None:
    records = tmp_path / "records.csv"
    rows = [f"{n},{'ab'[n % 2]},Alder Loom {n // 2},{n // 2} Mill Road,TR" for n in range(40)]
    records.write_text("\n".join(["record_id,source,name,address,country", *rows]) + "\n", encoding="utf-8")
    settings = Settings(data=tmp_path / "data", threads=2)
    link_files(settings, [records], tmp_path / "alone.csv", tmp_path / "alone_pairs.csv")
    with recorded("Reading files", "Matching", "Names and addresses", "Writing"):
        link_files(settings, [records], tmp_path / "told.csv", tmp_path / "told_pairs.csv")
    for name in ("", "_pairs"):
        assert (tmp_path / f"told{name}.csv").read_bytes() == (tmp_path / f"alone{name}.csv").read_bytes()


def log_of(monkeypatch: pytest.MonkeyPatch, seconds: float, after: float) -> str:
    """What a log shows of a stage of so long."""
    monkeypatch.setattr(shown, "_LINE_AFTER", after)
    monkeypatch.setattr(shown, "_TICK", 0.01)
    text = io.StringIO()
    with shown.progress_shown(Console(file=text, width=40)), stage("Reading \x1b[2J", 4) as told:
        told.reach(1, "a very long name of a file that is wider than the log")
        time.sleep(seconds)
    return text.getvalue()


def test_a_log_gets_plain_lines_and_nothing_of_what_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    assert log_of(monkeypatch, 0.05, after=5) == ""
    monkeypatch.setattr(shown, "_MOVED_ON", 0.0)
    line = log_of(monkeypatch, 0.2, after=0.02)
    told = "Reading \\u001b[2J: a very long name of a file that is wider than the log (1 of 4, 25 %)"
    assert line == f"   0 s  {told}\n"


def test_a_terminal_shows_a_bar_that_is_gone_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_BAR_AFTER", 0.0)
    text = io.StringIO()
    console = Console(file=text, width=90, force_terminal=True, _environ={"TERM": "xterm"})
    with shown.progress_shown(console):
        for _ in range(2):  # again, after the first has gone
            with stage("Outer", 2) as told, stage("[bold]Inner", 10) as inner:
                told.now("at work")
                inner.reach(5)
                time.sleep(0.4)
    assert text.getvalue().count("[bold]Inner") >= 2
    assert "5 of 10, 50 %" in text.getvalue()
    assert text.getvalue().count("\x1b[?25l") == text.getvalue().count("\x1b[?25h") == 2


@pytest.mark.parametrize("environment", [{"TERM": "dumb"}, {"TERM": "xterm"}])
def test_only_a_terminal_that_can_gets_bars(environment: dict[str, str]) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, _environ=environment)
    assert (console.is_terminal and not console.is_dumb_terminal) == (environment["TERM"] == "xterm")


def test_a_query_goes_on_while_a_bar_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown, "_BAR_AFTER", 0.0)
    console = Console(file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm"})
    with shown.progress_shown(console), stage("Counting"), duckdb.connect() as con:
        assert con.execute("select sum(n) from range(2000000) as numbers(n)").fetchall() == [(1999999000000,)]
