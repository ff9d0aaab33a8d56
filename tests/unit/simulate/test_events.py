import numpy as np
import pandas as pd
import pytest

from conjoin.simulate.industry.truth import AS_OF, ORDERERS
from conjoin.simulate.world import build_world
from conjoin.simulate.writing.parties import World, partners_of
from conjoin.sources import registry


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(400, 11, [])


def test_done_audits_lie_before_the_day_of_the_world(world):
    done = world.events[world.events["audit_status"] == "done"]

    assert done[["visit_end", "issued_date", "uploaded_date"]].max().max() <= AS_OF


def test_planned_audits_lie_after_it_and_have_no_result(world):
    planned = world.events[world.events["audit_status"].eq("planned") & world.events["visit_start"].notna()]

    assert len(planned) > 0
    assert (planned["visit_start"] > AS_OF).all()
    assert planned[["issued_date", "severity_band"]].isna().all().all()


def test_followups_come_after_their_parent_at_the_same_site(world):
    events = world.events.set_index("true_event_id")
    followups = events[events["parent_event_id"].notna()]
    parents = events.loc[followups["parent_event_id"]]

    assert len(followups) > 0
    assert (followups["site_index"].to_numpy() == parents["site_index"].to_numpy()).all()
    assert (followups["visit_start"].to_numpy() > parents["visit_end"].to_numpy()).all()


def test_joint_visits_share_their_first_day(world):
    events = world.events.set_index("true_event_id")
    joint = events[events["joint_event_id"].notna()]

    assert len(joint) > 0
    hosts = events.loc[joint["joint_event_id"]]
    assert (joint["visit_start"].to_numpy() == hosts["visit_start"].to_numpy()).all()


def test_buyers_that_order_together_both_buy_at_the_site(world):
    shared = world.events[world.events["commissioner_type"].eq("shared") & world.events["scheme"].ne("jo_in")]
    named = shared[["site_index"]].assign(buyer_name=shared["commissioner"].str.split(ORDERERS)).explode("buyer_name")
    known = named.merge(world.industry.supplies, on=["site_index", "buyer_name"])

    assert {"smeta_4pillar", "bsci"} <= set(shared["scheme"])
    assert len(known) == len(named) == 2 * len(shared)


def test_own_programmes_are_ordered_together_by_those_whose_logs_have_a_word_for_it():
    sources = list(registry.sources().values())
    pair = frozenset({"Harbour & Pine", "Kestrel Sport"})
    own = build_world(400, 11, sources).events.query("scheme == 'brand_programme' and commissioner_type == 'shared'")

    assert partners_of(sources) == {pair}
    assert {frozenset(names) for names in own["commissioner"].str.split(ORDERERS)} == {pair}


def test_bsci_validity_follows_the_rating_from_the_upload(world):
    bsci = world.events[world.events["scheme"].eq("bsci") & world.events["valid_to"].notna()]
    months = bsci["grade_raw"].map({"A": 24, "B": 24, "C": 12, "D": 12})

    expected = [
        upload + pd.DateOffset(months=int(count)) for upload, count in zip(bsci["uploaded_date"], months, strict=True)
    ]
    assert bsci["valid_to"].tolist() == expected


def test_sites_are_visited_as_often_as_surveys_say(world):
    done = world.events[world.events["audit_status"].eq("done") & world.events["visit_start"].notna()]
    per_year = len(done[done["visit_start"].dt.year.between(2021, 2025)]) / 400 / 5

    assert 1.5 < per_year < 4.5  # domain.md 1.4: 2.2 to 3.7 social audits per facility and year


def test_every_site_has_a_buyer(world):
    assert np.unique(world.industry.supplies["site_index"]).tolist() == list(range(400))
