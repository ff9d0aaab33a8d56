"""Input made to explode: time and memory stay bounded because no bucket over its cap makes pairs."""

import duckdb
import pandas as pd

from conjoin.matching.blocking import RULES
from conjoin.matching.frames import load_input
from conjoin.matching.run import MatchOptions, match_records

CROWD = 20_000


def _match(frame: pd.DataFrame) -> tuple[int, dict[str, str]]:
    with duckdb.connect() as con:
        load_input(con, frame.assign(source_name="list"))
        summary = match_records(con, MatchOptions())
        sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
    return summary.candidate_pair_count, sites


def test_one_generic_name_in_one_country_makes_no_square_of_pairs() -> None:
    frame = pd.DataFrame({"record_id": [f"r{i:06d}" for i in range(CROWD)]})
    frame["site_name"], frame["country_code"] = "Garments Factory Ltd", "CN"
    frame["site_address"] = [
        f"No. {i} Industrial Road, {chr(97 + i % 26)}{chr(97 + i // 26 % 26)}dong" for i in range(CROWD)
    ]
    pair_count, sites = _match(frame)
    assert pair_count < CROWD * max(rule.cap for rule in RULES if rule.name != "identifier")
    assert len(sites) == CROWD


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
    _, sites = _match(frame)
    assert sites.keys() == set("abcdef")
    assert sites["c"] == sites["d"]
    assert len({sites["a"], sites["c"], sites["e"], sites["f"]}) == 4
