"""recordlinkage's own classes as oracle: what our SQL says on samples, they say too."""

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import recordlinkage

from conjoin.matching.linkage import LevelCompare, PatternClassifier, Rules
from conjoin.matching.pairs.blocking import RULES

REAL = Path(__file__).parents[2] / "data" / "real"
NAMES = {"name": "site_name", "address": "site_address", "country": "country_code"}


def _records(count: int) -> pd.DataFrame:
    records = pd.read_csv(REAL / "eval_records_open.csv", dtype=str, keep_default_na=False).rename(columns=NAMES)
    return records[list(NAMES.values())].head(count)


def test_string_similarity_is_vanillas() -> None:
    records = _records(400)
    names = records["site_name"].str.lower().str.replace("[^a-z0-9 ]", "", regex=True)
    frame = pd.DataFrame({"name": names[names != ""]})
    pairs = pd.MultiIndex.from_arrays([frame.index[:-1], frame.index[1:]])
    vanilla = recordlinkage.Compare()
    vanilla.string("name", "name", method="jarowinkler")
    expected = vanilla.compute(pairs, frame)[0].to_numpy()
    left, right = frame["name"].tolist()[:-1], frame["name"].tolist()[1:]
    with duckdb.connect() as con:
        found = con.execute(
            "select jaro_winkler_similarity(l, r) from (select unnest($1) as l, unnest($2) as r)", [left, right]
        ).fetchall()
    assert np.abs(np.array(found)[:, 0] - expected).max() < 1e-9


def test_pairs_of_equal_names_are_the_blocks_of_vanilla() -> None:
    """Names that normalising leaves as they are, fewer of each than the rule's cap."""
    words = ["Quillon", "Zephyrine", "Marabel", "Ostrava", "Tavrisk"]
    frame = pd.DataFrame(
        {
            "site_name": [words[i % 5] for i in range(20)],
            "site_address": [f"{i} Harbour Road" for i in range(20)],
            "country_code": ["BD" if i < 10 else "PK" for i in range(20)],
        }
    )
    rules = Rules()
    pairs = rules.index(frame)
    bit = next(rule.bit for rule in RULES if rule.name == "same name")
    expected = recordlinkage.index.Block(["site_name", "country_code"]).index(frame)
    assert set(pairs[(rules.rule_bits_ & bit) > 0]) == set(expected)


def test_measures_of_vanilla_take_our_links() -> None:
    frame = _records(200)
    pairs = Rules().index(frame)
    links = PatternClassifier().predict(LevelCompare().compute(pairs, frame))
    assert 0 < len(links) < len(pairs)
    assert recordlinkage.recall(pairs, links) == len(links) / len(pairs)
