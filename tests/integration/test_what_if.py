"""What another rule would have meant: judged again beside what is published, which stays as it is."""

import hashlib

import pytest

from conjoin.errors import SettingsError
from conjoin.settings import Settings
from conjoin.tools.what_if import what_if
from conjoin.warehouse.connection import reader

pytestmark = pytest.mark.slow


def _digest(settings: Settings) -> str:
    return hashlib.sha256(settings.warehouse.read_bytes()).hexdigest()


def test_a_longer_validity_spares_the_visits_that_only_age_stood_against(published: Settings) -> None:
    """With results that hold for three years, every visit is spared against which nothing but age stood so long."""
    before = _digest(published)
    with reader(published.warehouse) as con:
        schemes = [name for (name,) in con.execute("select distinct scheme from marts.audit_events").fetchall()]
        named = con.execute(
            "select count(distinct pairs.event_id_b) from marts.audit_pairs as pairs "
            "inner join marts.audit_events as later on pairs.event_id_b = later.event_id "
            "where pairs.reasons = ['outdated'] and pairs.is_other_commissioner and not later.is_avoidable"
        ).fetchall()[0][0]
    found = what_if(published, [*(f"{name}.validity_months=36" for name in schemes), "policies.max_age_months=none"])
    (total,) = found.by_scheme.query("earlier_scheme == 'all'").itertuples()
    assert 1 <= total.visits_spared == found.avoidable_then - found.avoidable_now <= named
    assert total.auditor_days_low <= total.auditor_days_central <= total.auditor_days_high
    assert total.visits_with_new_findings <= total.visits_spared
    assert _digest(published) == before


def test_what_is_so_already_changes_nothing(published: Settings) -> None:
    found = what_if(published, ["smeta.validity_months=12", "followup_months=12"])
    assert found.avoidable_then == found.avoidable_now > 0
    assert found.by_scheme.empty


def test_results_that_hold_for_no_time_make_nothing_avoidable(published: Settings) -> None:
    """Nothing but what delivered dates and certificates of their own still cover."""
    schemes = ["smeta", "slcp", "better_work", "brand_programme", "fla", "fair_wear", "bsci", "wrap", "sa8000"]
    found = what_if(published, [f"{scheme}.validity_months=0" for scheme in schemes])
    assert found.avoidable_then < found.avoidable_now / 2
    (total,) = found.by_scheme.query("earlier_scheme == 'all'").itertuples()
    assert total.visits_spared == found.avoidable_then - found.avoidable_now < 0
    assert total.topics_newly_found == 0


def test_a_parameter_of_the_rules_and_the_policies_can_be_set(published: Settings) -> None:
    assert what_if(published, ["coverage_share=0.3"]).avoidable_then > what_if(published, []).avoidable_then
    asked = what_if(published, ["policies.notice_required=unannounced", "policies.min_grade=A"])
    assert asked.avoidable_then < asked.avoidable_now


@pytest.mark.parametrize(
    ("assumption", "told"),
    [
        ("smeta.validity_months", "write NAME=VALUE"),
        ("smetta.validity_months=18", "there is no scheme or family smetta; there are .*smeta"),
        ("smeta.validity_months=1.5", "write a whole number of months"),
        ("smeta.validity_months=-1", "write a whole number of months"),
        ("policies.notice_required=sudden", "write one of announced, .*none"),
        ("policies.price=3", "there is no policies.price; what can be set is"),
        ("renewal_days=soon", "write a number from 0 on"),
        ("kinds_apart=3", "it is a list; change it in warehouse/rules/parameters.toml"),
        ("x" * 5000 + "=\x1b[31m", "there is no x"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(published: Settings, assumption: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        what_if(published, [assumption])
    assert "\x1b" not in str(caught.value)
