"""Hard rows and what a careful user expects of them: no site out of nothing, and no doubt hidden."""

import pytest

from support.match_cases import MatchCase, match_all, match_cases

CASES = match_cases()
#: Cases that are not as expected yet, each with what it would take.
OPEN = {
    "b-B-F03-17": "a garment and a bag maker at one number of a national road: the number is the road's",
    "b-B-F05-11": "dong chang and xi chang are read as a building and a unit before they are read as east and west",
    "b-B-F05-21": "woven is no craft of the list: as a word of names it is too common",
    "b-B-COUNTRY-14": "rows of two countries weigh too little to be kept as a link, so nobody is asked",
}


@pytest.mark.parametrize("file", CASES)
def test_rows_become_the_sites_that_a_careful_user_expects(file: str) -> None:
    cases: list[MatchCase] = CASES[file]
    outcome = match_all(cases)
    complaints = {case.id: outcome.complaints(case) for case in cases}
    assert [told for case, found in complaints.items() if case not in OPEN for told in found] == []
    assert {case for case, found in complaints.items() if case in OPEN and not found} == set(), "no longer open"


def test_every_kind_has_many_cases() -> None:
    assert len(CASES) == 12
    assert sum(map(len, CASES.values())) >= 650
    assert set(OPEN) <= {case.id for cases in CASES.values() for case in cases}
