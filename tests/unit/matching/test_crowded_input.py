"""Input made to explode: time and memory stay bounded, and the sites are right.

`make soak` matches 200,000 rows of each crowd; its last figures stand in benchmarks/matching/README.md.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from conjoin.matching.inputs import load_input
from conjoin.matching.pairs.blocking import RULES
from conjoin.matching.run import MatchOptions, match_records
from conjoin.matching.sites.judgements import LONGEST_CHAIN
from support.crowds import CROWDS, contradictory_judgements, match_crowd

SIZES = {"generic_name": 20_000, "identical_rows": 10_000}
SOAK_SIZES = {"names_of_5000_characters": 10_000}
MOST_SECONDS, MOST_MEGABYTES = 120, 2_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", CROWDS)
def test_a_crowd_comes_to_its_sites_without_a_square_of_pairs(name: str) -> None:
    count = SIZES.get(name, 3_000)
    crowd = CROWDS[name](count)
    outcome = match_crowd(crowd)
    assert len(outcome.sites) == count
    assert outcome.summary.site_count == crowd.site_count
    assert len(outcome.conflicts) == crowd.conflict_count
    assert outcome.summary.candidate_pair_count < count * max(rule.cap for rule in RULES if rule.name != "identifier")


def test_thousands_of_contradictions_are_each_told_in_a_sentence() -> None:
    told = match_crowd(contradictory_judgements(2_000)).conflicts
    assert max(map(len, told)) < 100 * (LONGEST_CHAIN + 1)
    assert sum(f"a chain of more than {LONGEST_CHAIN}" in detail for detail in told) > 900


@pytest.mark.soak
@pytest.mark.parametrize("name", CROWDS)
def test_soak(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    count = SOAK_SIZES.get(name, 200_000)
    path = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        [sys.executable, "-m", "support.crowds", name, str(count)],
        env=os.environ | {"PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        timeout=2 * MOST_SECONDS,
        check=True,
    )
    found = json.loads(told.stdout)
    with capsys.disabled():
        row = (name.replace("_", " "), f"{count:,}", f"{found['pairs']:,}", found["seconds"], found["megabytes"])
        sys.stdout.write("\n| " + " | ".join(map(str, row)) + " |")
    assert found["is_right"]
    assert found["seconds"] < MOST_SECONDS
    assert found["megabytes"] < MOST_MEGABYTES


def test_only_addresses_and_right_to_left_names_are_carried_through() -> None:
    frame = pd.DataFrame(
        [
            ("a", None, "12 Harbour Road, Seaview 4000", "BD"),
            ("b", "", "12 Harbour Road, Seaview 4000", "BD"),
            ("c", "مصنع الملابس", "شارع البحر 7", "EG"),
            ("d", "\u202eمصنع الملابس\u202c", "شارع البحر 7", "EG"),
            ("e", "\U0001f3ed\U0001f9f5", None, "EG"),
            ("f", "x" * 5000 + "\x00\x07", "12 Harbour Road", "EG"),
        ],
        columns=["record_id", "site_name", "site_address", "country_code"],
    )
    with duckdb.connect() as con:
        load_input(con, frame.assign(source_name="list"))
        match_records(con, MatchOptions())
        sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
    assert sites.keys() == set("abcdef")
    assert sites["c"] == sites["d"]
    assert len({sites["a"], sites["c"], sites["e"], sites["f"]}) == 4
