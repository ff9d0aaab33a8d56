"""Recipes: what they make of a row, that they hold still, and that a row's keys follow from the row alone."""

from pathlib import Path

import pandas as pd
import pytest

from conjoin.settings import Settings
from conjoin.tools.overlap.keys import RECIPES, candidates_1, count_1, rarest
from conjoin.tools.overlap.sites import Site, read_sites
from support.guide import ROOT
from support.parties import site

ROWS = """\
record_id,source,name,address,country,lei,os_id
a,x,Zephyrine Garments Ltd.,"12 Harbour Road, Chattogram",BD,,
b,x,ZEPHYRINE GARMENTS LIMITED,"House 12, Harbour Rd, Chittagong",Bangladesh,529900T8BM49AURSDO55,
c,x,Confidential,"12 Harbour Road, Chattogram",BD,,
d,x,Zephyrine Garments Ltd.,"12 Harbour Road, Chattogram",,,
e,x,Garments Ltd,Dhaka,BD,,
"""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Site]:
    folder = tmp_path_factory.mktemp("sites")
    (folder / "list.csv").write_text(ROWS, encoding="utf-8")
    found, notices = read_sites(Settings(data=folder / "data"), [folder / "list.csv"])
    assert notices == []
    return {found.record_id: found for found in found}


def shown(keys: frozenset[str]) -> list[str]:
    return sorted(key.replace("\x1f", " ") for key in keys)


def test_count_1_is_the_country_and_the_two_rarest_words_of_the_name(sites: dict[str, Site]) -> None:
    assert shown(count_1(sites["a"])) == ["name BD garment zephyrine"]
    assert count_1(sites["b"]) == count_1(sites["a"])


def test_who_names_nobody_or_no_country_has_no_key(sites: dict[str, Site]) -> None:
    for record in ("c", "d", "e"):
        assert count_1(sites[record]) == frozenset()
        assert candidates_1(sites[record]) == frozenset()


def test_candidates_1_are_these_keys(sites: dict[str, Site]) -> None:
    """A recipe whose keys change needs a new number: two sides of different versions would compare unlike things."""
    assert shown(candidates_1(sites["a"])) == [
        "name BD garment zephyrine",
        "number BD zephyrine 12",
        "place BD zephyrine harbour",
        "squashed BD zephyrinegarment",
        "start BD zephyrinegar 12",
        f"told BD {sites['a'].told_name}",
    ]
    assert shown(candidates_1(sites["b"]) - candidates_1(sites["a"])) == ["id lei:529900T8BM49AURSDO55"]


def test_no_row_makes_more_keys_than_its_recipe_says() -> None:
    words = [f"zyx{letter}" for letter in "abcdefgh"]
    crowded = site("a", " ".join(words), " ".join(f"wvu{word}" for word in words), numbers=tuple(range(1, 30)))
    crowded = Site(**{**vars(crowded), "identifiers": tuple(f"duns:{number:09}" for number in range(9))})
    for recipes in RECIPES.values():
        for recipe in recipes.values():
            assert len(recipe.keys_of(crowded)) == recipe.most_keys


def test_rare_words_come_first_and_equal_ones_in_the_order_of_the_alphabet() -> None:
    assert rarest(["garment", "zzyx", "aaxq", "textile"], "name", 2) == ["aaxq", "zzyx"]


def test_a_row_has_the_same_keys_in_a_list_and_among_others(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    rows = pd.read_csv(ROOT / "tests" / "data" / "real" / "oar_lists.csv", dtype=str, keep_default_na=False)
    files = [tmp_path / name for name in ("all.csv", "few.csv", "rest.csv")]
    few = rows.index % 11 == 3
    for file, part in zip(files, (rows, rows[few], rows[~few]), strict=True):
        part.to_csv(file, index=False)
    together = {found.record_id: found for found in read_sites(settings, files[:1])[0]}
    apart = {found.record_id: found for file in files[1:] for found in read_sites(settings, [file])[0]}
    assert len(together) == 932
    assert apart == together
