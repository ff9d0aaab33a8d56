"""Events and classes of pairs against a known truth, with matched and with perfect sites: ``rules.py [--sites N]``.

An invented industry delivers its audits in the formats of all sources. They are ingested, matched and built as in a
nightly run; then built again with every site record at its true site. Two truths: verdicts that were decided when the
world was invented, story by story and by no rule, of those whose orderers somebody told; and the same rules over the
true events, each delivered once, with nothing missing or wrong: there, deliveries and matching make the difference.
"""

import argparse
import sys
import tempfile
from itertools import combinations
from pathlib import Path

import duckdb
import pandas as pd

from conjoin.content import PROJECT_MARKER
from conjoin.settings import Settings
from conjoin.simulate.world import write_world
from conjoin.sources import registry
from conjoin.sql import quote_literal
from conjoin.steps.build import build_warehouse, publish_warehouse
from conjoin.steps.ingest import ingest_source
from conjoin.steps.match import match_sites

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.worlds import build_truth  # stands beside the tests that use it too

ENDS = ["event_id_a", "event_id_b"]


def together(groups: pd.Series) -> set[tuple[str, str]]:
    """All pairs of records (the index) of one group."""
    return {pair for ids in groups.groupby(groups).groups.values() for pair in combinations(sorted(ids), 2)}


def f1(found: set[tuple[str, str]], true: set[tuple[str, str]]) -> float:
    """Harmonic mean of precision and recall over pairs."""
    return 2 * len(found & true) / (len(found) + len(true))


def true_verdicts(world: Path) -> tuple[pd.DataFrame, set[str]]:
    """Classes of the true pairs, and the true events that are avoidable."""
    with duckdb.connect() as con:
        build_truth(con, world, ["audit_events", "audit_pairs"])
        pairs = con.execute("select event_id_a, event_id_b, pair_class from marts.audit_pairs").df()
        avoidable = con.execute("select event_id from marts.audit_events where is_avoidable").df()["event_id"]
    return pairs, set(avoidable)


def stories_right(world: Path, event: pd.Series, named: set[str], pairs: pd.DataFrame) -> tuple[int, int]:
    """How many invented verdicts were found again, and of how many.

    Args:
        world: Where the truth is.
        event: Our event to the true one.
        named: True events of which somebody told who ordered them.
        pairs: Our events and their class.
    """
    verdicts = pd.read_csv(world / "truth" / "verdicts.csv")
    ends = ["true_event_id_a", "true_event_id_b"]
    asked = verdicts[verdicts[ends].isin(named).all(axis=1)]
    given = {
        frozenset((event.get(row.event_id_a), event.get(row.event_id_b))): row.pair_class for row in pairs.itertuples()
    }
    found = [given.get(frozenset((row.true_event_id_a, row.true_event_id_b))) for row in asked.itertuples()]
    return int((asked["true_class"] == pd.Series(found, index=asked.index, dtype=object)).sum()), len(asked)


def tell(side: str, settings: Settings, world: Path, true_pairs: pd.DataFrame, true_avoidable: set[str]) -> None:
    """Build and publish with the sites that are there, and print what it says against the truth."""
    build_warehouse(settings)
    publish_warehouse(settings)
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        records = con.execute("select record_id, event_id from marts.audit_event_records").df()
        pairs = con.execute("select event_id_a, event_id_b, pair_class from marts.audit_pairs").df()
        told = con.execute("select event_id from marts.audit_events where is_avoidable").df()["event_id"]
        known = con.execute("select event_id from marts.event_facts where is_party_known").df()["event_id"]
        sites = con.execute("select record_id, site_id from marts.site_records_at_sites").df()
    truth = pd.read_csv(world / "truth" / "audit_records.csv").set_index("record_id")["true_event_id"]
    true_sites = pd.read_csv(world / "truth" / "site_records.csv").set_index("record_id")["true_site_id"]
    records = records[records["record_id"].isin(truth.index)].set_index("record_id")["event_id"]
    event = records.to_frame("event_id").join(truth).groupby("event_id")["true_event_id"].agg(lambda ids: ids.mode()[0])
    named = pairs.assign(**{end: pairs[end].map(event) for end in ENDS})
    joined = named.merge(true_pairs, on=ENDS, how="left", suffixes=("", "_true"))
    same = (joined["pair_class"] == joined["pair_class_true"]).mean()
    right, asked = stories_right(world, event, set(known.map(event)), pairs)
    avoidable = set(told.map(event))
    delivered = true_avoidable & set(event)
    found_sites = sites.set_index("record_id")["site_id"]
    true_sites = true_sites[true_sites.index.isin(found_sites.index)]
    print(
        f"{side:>14}  sites F1 {f1(together(found_sites[true_sites.index]), together(true_sites)):.3f}  "
        f"events F1 {f1(together(records), together(truth.reindex(records.index))):.3f}  "
        f"stories {right / max(asked, 1):.3f} of {asked:,}  classes {same:.3f} of {len(joined):,} pairs  "
        f"avoidable {len(told):,}, among them {len(avoidable & delivered):,} of the {len(delivered):,} that truly are"
    )


def put_at_true_sites(settings: Settings, world: Path) -> None:
    """Replace what matching found: every record at its true site, with no links."""
    for path in settings.matching.glob("*.parquet"):
        path.unlink()
    out = settings.matching / "site_memberships.parquet"
    duckdb.sql(
        "select record_id, true_site_id as site_id, 1.0::double as match_probability, 'known' as method, "
        f"null::varchar[] as site_units from read_csv({quote_literal(str(world / 'truth' / 'site_records.csv'))}) "
        "order by record_id"
    ).write_parquet(str(out))


def main() -> int:
    """Deliver, match, build twice, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sites", type=int, default=200)
    parser.add_argument("--seed", type=int, default=11)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = Path(folder, "world")
        write_world(world, given.sites, given.seed)
        (Path(folder) / PROJECT_MARKER).touch()
        settings = Settings(data=Path(folder, ".data"), settle_seconds=0)
        settings.data.mkdir()
        (world / "inbox").rename(settings.data / "inbox")
        for name in registry.sources():
            ingest_source(settings, name)
        match_sites(settings)
        true_pairs, true_avoidable = true_verdicts(world)
        tell("matched sites", settings, world, true_pairs, true_avoidable)
        put_at_true_sites(settings, world)
        tell("perfect sites", settings, world, true_pairs, true_avoidable)
    return 0


if __name__ == "__main__":
    sys.exit(main())
