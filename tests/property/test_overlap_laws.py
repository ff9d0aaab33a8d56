"""Laws of overlap runs: whatever the lists, the two sides learn what laying the lists side by side would tell."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.settings import Settings
from conjoin.tools.overlap import opening, taking_part
from conjoin.tools.overlap.keys import RECIPES
from conjoin.tools.overlap.sites import Site
from support.laws import law
from support.parties import Meet, meeting, site

#: A row with a key in either list: without any a side cannot sign, which a unit test tries.
SURE = [("tarvana mill", "hill", "TR", (1,))]
WORDS = ["zephyr", "quillon", "tarvana", "mill", "garment", "textile"]
ROW = st.builds(
    lambda name, address, country, numbers: (" ".join(name), " ".join(address), country, tuple(sorted(numbers))),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.lists(st.sampled_from(["harbour", "hill", "quay", "izmir"]), max_size=2, unique=True),
    st.sampled_from(["TR", "BD", ""]),
    st.sets(st.integers(1, 3), max_size=2),
)
#: Two lists and a part that stands in both, so that small, large and no results all occur.
TWO_LISTS = st.builds(
    lambda both, ours, theirs: (named(both + ours + SURE), named(SURE + theirs + both)),
    st.lists(ROW, max_size=7),
    st.lists(ROW, max_size=5),
    st.lists(ROW, max_size=5),
)


def named(rows: list[Any]) -> list[Site]:
    """The rows as sites of one list."""
    return [site(str(place), *row) for place, row in enumerate(rows)]


def keys(sites: list[Site], mode: str) -> dict[str, set[str]]:
    """Key to rows, laid open."""
    (recipe,) = RECIPES[mode].values()
    found: dict[str, set[str]] = {}
    for row in sites:
        for key in recipe.keys_of(row):
            found.setdefault(key, set()).add(row.record_id)
    return found


@pytest.fixture
def lists() -> dict[Path, list[Site]]:
    return {}


@pytest.fixture
def meet(tmp_path: Path, lists: dict[Path, list[Site]], monkeypatch: pytest.MonkeyPatch) -> Meet:
    def read(settings: Settings, files: list[Path]) -> tuple[list[Site], list[str]]:
        return [row for file in files for row in lists[file.resolve()]], []

    def write(settings: Settings, side: object, shown: set[str], out: Path) -> None:
        out.write_text(json.dumps(sorted(shown)), encoding="utf-8")

    monkeypatch.setattr(taking_part, "read_sites", read)
    monkeypatch.setattr(opening, "_write_rows", write)
    return meeting(tmp_path, lists)


@law(60)
@given(TWO_LISTS)
def test_the_count_is_that_of_the_plain_intersection_of_keys(meet: Meet, two: tuple[list[Site], list[Site]]) -> None:
    ours, theirs = two
    plain = len(keys(ours, "count").keys() & keys(theirs, "count").keys())
    pair = meet(ours, theirs).to_answer()
    assert pair.count().count == (plain if plain >= 3 else None)
    assert pair.hear().count == (plain if plain >= 3 else None)


@law(60)
@given(TWO_LISTS)
def test_what_is_opened_is_the_rows_that_share_a_key(meet: Meet, two: tuple[list[Site], list[Site]]) -> None:
    ours, theirs = two
    laid_open = [keys(ours, "candidates"), keys(theirs, "candidates")]
    common = laid_open[0].keys() & laid_open[1].keys()
    pair = meet(ours, theirs, mode="candidates").to_answer()
    pair.open()
    wanted = [set().union(*(side[key] for key in common)) for side in laid_open]
    for party, rows, is_opened in (
        (pair.offering, wanted[0], len(wanted[0]) >= 3),
        (pair.answering, wanted[1], min(map(len, wanted)) >= 3),
    ):
        out = party.folder / "clean.csv"
        assert out.exists() == is_opened
        assert not is_opened or json.loads(out.read_text(encoding="utf-8")) == sorted(rows)
