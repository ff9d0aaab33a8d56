import re

import pytest

from conjoin.simulate.writing.templates import filled, sample

_CONTRIBUTOR = (
    r"^(?:(?P<brand>.+?)(?: \[Public List\])? \(.*\b(?P<month>(?:June|July) [0-9]{4}) (?:Facility|Supplier) List\)|.*)$"
)


@pytest.mark.parametrize(
    ("pattern", "values", "expected"),
    [
        (r"^Fabrikliste (?P<month>\d{2}/\d{4})$", {"month": "06/2026"}, "Fabrikliste 06/2026"),
        (r"^(?P<lng>[^|]+)\|(?P<lat>[^|]+)$", {"lng": "90.3", "lat": "23.9"}, "90.3|23.9"),
        (_CONTRIBUTOR, {"brand": "Ash & Co", "month": "June 2026"}, "Ash & Co (June 2026 Facility List)"),
        (r"^(?:N/A - (?P<relay>Data .+)|(?P<host>.+))$", {"host": "Acme"}, "Acme"),
        (r"^(?P<month>\d{4}-\d{2})(?:-\d{2})?$", {"month": "2026-09"}, "2026-09"),
    ],
)
def test_filled_text_reads_as_wanted(pattern, values, expected):
    text = filled(pattern, values)

    assert text == expected
    assert {name: re.search(pattern, text)[name] for name in values} == values


def test_value_that_the_pattern_cannot_hold_gives_nothing():
    assert filled(r"^Fabrikliste (?P<month>\d{2}/\d{4})$", {"month": "June"}) is None


def test_sample_fills_the_group_that_is_asked_for():
    pattern = r"^(?:N/A - (?P<relay>Data shared by .+)|(?P<host>.+))$"

    assert re.search(pattern, sample(pattern, "relay"))["relay"].startswith("Data shared by ")
