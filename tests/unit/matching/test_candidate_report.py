"""A reader of the report sees what each rule finds and what its cap costs."""

import duckdb
import pandas as pd
import pytest

from conjoin.matching.inputs import load_input
from conjoin.matching.learn.candidate_report import CandidateReport, RuleCount, report_candidates
from conjoin.matching.pairs.blocking import RULES

CAPS = {rule.name: rule.cap for rule in RULES}


def _row(record_id: str, name: str, address: str, country: str = "BD") -> tuple[str, str, str, str]:
    return record_id, name, address, country


def _report(rows: list[tuple[str, str, str, str]], pairs: list[tuple[str, str]]) -> CandidateReport:
    frame = pd.DataFrame(rows, columns=["record_id", "site_name", "site_address", "country_code"])
    with duckdb.connect() as con:
        load_input(con, frame.assign(source_name="list"))
        return report_candidates(con, pd.DataFrame(pairs, columns=["record_id_left", "record_id_right"]))


@pytest.fixture(scope="module")
def report() -> CandidateReport:
    """One pair that two rules find, and a crowd whose prefix bucket is dropped and costs one true pair."""
    letters = [chr(97 + n // 26) + chr(97 + n % 26) for n in range(CAPS["name prefix"] + 2)]
    crowd = [_row(f"c{x}", f"Gazelle{x}", f"{x}dong Street {n}, {x}town") for n, x in enumerate(letters)]
    pair = [_row("p1", "Zephyrine Quillon", "7 Hill Street"), _row("p2", "Zephyrine Quillon", "Elsewhere 9")]
    abroad = [_row("f1", "Zephyrine Quillon", "11 Hill Street", "IN")]
    return _report([*crowd, *pair, *abroad], [("caa", "cab"), ("p2", "p1"), ("p1", "gone"), ("f1", "f1")])


def _of(report: CandidateReport, name: str) -> RuleCount:
    return next(rule for rule in report.rules if rule.name == name)


def test_labelled_pairs_are_found_by_each_rule_that_makes_them(report: CandidateReport) -> None:
    assert report.true_count == 2, "pairs of unknown records, and of one record, are no pairs"
    for name in ("same name", "rare words and numbers", "name prefix"):
        found = _of(report, name)
        assert (found.pair_count, found.only_count, found.found_count, found.only_found_count) == (1, 0, 1, 0), name
    assert _of(report, "identifier").pair_count == 0


def test_a_true_pair_that_only_a_dropped_bucket_holds_is_counted_as_lost(report: CandidateReport) -> None:
    assert (_of(report, "name prefix").dropped_count, _of(report, "name prefix").lost_count) == (1, 1)
    every = _of(report, "all rules")
    assert (every.pair_count, every.found_count, every.dropped_count, every.lost_count) == (1, 1, 1, 1)


def test_buckets_are_listed_by_size_in_words(report: CandidateReport) -> None:
    assert report.dropped.to_dict("records") == [
        {"rule": "name prefix", "country": "BD", "key": "gazel...", "records": CAPS["name prefix"] + 2, "cap": 12}
    ]
    kept = report.largest[["rule", "country", "key", "records"]].to_records(index=False).tolist()
    assert kept == [
        ("name prefix", "BD", "zephy...", 2),
        ("rare words and numbers", "BD", "zephyrine, quillon (name)", 2),
        ("same name", "BD", "zephyrinequillon", 2),
    ]


def test_keys_of_every_rule_can_be_read() -> None:
    rows = [
        _row("a", "Zephyrine", "No. 7b Hill Street, Seaview 10115"),
        _row("b", "Quillon", "7B Hill Street, Seaview 10115"),
        _row("c", "Zephyrine", "Hill Street, Otherton", ""),
    ]
    with duckdb.connect() as con:
        frame = pd.DataFrame(rows, columns=["record_id", "site_name", "site_address", "country_code"])
        ids = pd.DataFrame({"site_record_id": ["a", "b"], "id_scheme": "os_id", "id_value": "VN2019085E83MZ9"})
        load_input(con, frame.assign(source_name="list"), ids)
        report = report_candidates(con, pd.DataFrame({"record_id_left": [], "record_id_right": []}, dtype=str))
    keys = {(row.rule, row.country, row.key) for row in report.largest.itertuples()}
    assert {
        ("identifier", "any", "os_id VN2019085E83MZ9"),
        ("postcode and number", "BD", "10115, no. 7b"),
        ("rare words and numbers, no country", "any", "zephyrine, hill (name and address)"),
    } <= keys
    assert report.true_count == 0
    assert report.dropped.empty
