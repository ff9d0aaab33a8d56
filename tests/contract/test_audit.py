"""The audit is red for a known vulnerability, and never passes silence off as an answer."""

import json

import pytest

from support.audit import verdict

CLEAN = {"name": "duckdb", "version": "2.0.0", "vulns": []}
HIT = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"], "description": "x"}]}
SKIPPED = {"name": "odd", "skip_reason": "no such version"}


def test_a_known_vulnerability_is_red_and_says_what_mends_it() -> None:
    code, told = verdict(json.dumps({"dependencies": [CLEAN, HIT], "fixes": []}), "Found 1 known vulnerability")
    assert code == 1
    assert "old 1.0: PYSEC-2026-1, mended in 1.1" in told


def test_where_none_is_known_it_says_of_how_many() -> None:
    code, told = verdict(json.dumps({"dependencies": [CLEAN, SKIPPED]}), "")
    assert code == 0
    assert told.splitlines() == [
        "NOT AUDITED: odd: no such version",
        "No vulnerability is known of 1 locked packages.",
    ]


@pytest.mark.parametrize("answer", ["", "<html>proxy</html>", "{}", "[]", "null"])
def test_where_nobody_answers_it_says_so_and_stops_nothing(answer: str) -> None:
    code, told = verdict(answer, "Traceback ...\nConnectionError: no way out")
    assert code == 0
    assert told.startswith("NOT AUDITED: the list of known vulnerabilities could not be reached (ConnectionError")
