"""Numbers and reasons as people read them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from conjoin.briefings.words import REASONS, counted, difference_in_words, money, number, reason_in_words, share, span
from conjoin.warehouse.rules import reasons as declared_reasons


@pytest.mark.parametrize(
    ("value", "told"),
    [(65.0, "65"), (1168, "1,168"), (1168.4, "1,168"), (3.72, "3.7"), (0, "0"), (None, "–"), (float("nan"), "–")],
)
def test_a_number_has_separators_and_no_empty_decimal(value: Any, told: str) -> None:
    assert number(value) == told
    assert number(np.float64(np.nan if value is None else value)) == told


def test_ranges_money_shares_and_counts() -> None:
    assert span(96.0, 112.5) == "96 to 112"
    assert span(5.0, 5.0) == "5"
    assert money(24_600, 118_400) == "USD 25,000 to 120,000"
    assert (share(1, 1000), share(30, 228), share(0, 5), share(1, 0)) == ("under 1 %", "13 %", "0 %", "–")
    assert (counted(1, "delivery", "deliveries"), counted(2, "delivery", "deliveries")) == (
        "1 delivery",
        "2 deliveries",
    )


def test_every_reason_of_the_rules_has_words_and_a_way_out() -> None:
    declared = {reason.reason for reason in declared_reasons()}
    assert declared == set(REASONS)
    for reason in declared:
        told = difference_in_words(SimpleNamespace(reason=reason, days_missing_median=None, topics_missing_most=None))
        assert len(told) > 20


def test_what_was_missing_is_named() -> None:
    row = SimpleNamespace(
        reason="scope_missing", days_missing_median=None, topics_missing_most=np.array(["osh", "wages"])
    )
    assert difference_in_words(row).endswith("most often missing: health and safety and wages")
    row = SimpleNamespace(reason="outdated", days_missing_median=183.0, topics_missing_most=None)
    assert "183 days longer" in difference_in_words(row)


def test_a_reason_of_a_projects_own_rules_stays_readable_and_harmless() -> None:
    assert reason_in_words("not_our_country\u202e") == "Not our country\\u202e"
