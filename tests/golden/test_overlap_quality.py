"""What two parties find that share no lists, beside what linking finds with both lists on one table."""

import time
from pathlib import Path

import pytest

from conjoin.settings import Settings
from conjoin.tools.overlap import taking_part
from conjoin.tools.overlap.sites import Site
from support.parties import meeting, site
from support.two_lists import REAL, hub, linked_pairs, of_two_parties, parties, read, shown

LEAST_RECALL = 0.88


@pytest.mark.slow
def test_two_stages_find_what_linking_finds_and_show_few_rows(tmp_path: Path) -> None:
    frames = of_two_parties(read(REAL / "oar_lists.csv"), hub())
    plain, sites = linked_pairs(tmp_path, frames)
    assert len(plain) > 100
    assert abs((parties(tmp_path, frames, "count").count().count or 0) - sites) <= 0.1 * sites
    clean = shown(parties(tmp_path, frames, "candidates"))
    found, _ = linked_pairs(tmp_path, clean)
    assert len(found & plain) >= LEAST_RECALL * len(plain)
    assert len(found - plain) <= 0.02 * len(plain)
    assert [len(part) <= most * len(whole) for part, most, whole in zip(clean, (0.17, 0.06), frames, strict=True)] == [
        True,
        True,
    ]
    idle = [len(set(part["record_id"]) - {pair[place] for pair in plain}) for place, part in enumerate(clean)]
    assert [count <= 0.25 * len(part) for count, part in zip(idle, clean, strict=True)] == [True, True]


@pytest.mark.slow
def test_five_thousand_against_five_thousand_are_counted_within_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps without reading the two files, which takes two seconds each time."""
    lists: dict[Path, list[Site]] = {}

    def given(settings: Settings, files: list[Path]) -> tuple[list[Site], list[str]]:
        return lists[files[0].resolve()], []

    monkeypatch.setattr(taking_part, "read_sites", given)
    ours, theirs = ([site(str(n), f"zyx{n} mill") for n in range(first, first + 5000)] for first in (0, 3000))
    pair = meeting(tmp_path, lists)(ours, theirs, largest_list=5000)
    begun = time.process_time()
    pair.to_answer()
    assert pair.count().count == 2000
    assert time.process_time() - begun < 60
