"""Which feed a file belongs to is decided by its name alone."""

import pytest

from conjoin.sources.patterns import match_feed
from support import quillhaven


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("visits_2026-04.csv", ("log", "2026-04")),
        ("VISITS_2026-04.CSV", ("log", "2026-04")),
        ("visits_2026.csv", ("log", "2026")),
        ("visits_2026-Q2.csv", ("log", "2026-Q2")),
        ("visits_2026-04-30.xlsm", ("book", "2026-04-30")),
        ("visits_2026-04.csv.bak", None),
        ("visits_april.csv", None),
        ("my visits_2026-04.csv", None),
        ("visits_2026-4.csv", None),
    ],
)
def test_names(name: str, found: tuple[str, str] | None) -> None:
    assert match_feed(quillhaven.source(), name) == found


def test_of_several_patterns_the_longest_counts() -> None:
    source = quillhaven.source("stream", pattern="visits*.csv")
    assert match_feed(source, "visits_2026-04.csv") == ("log", "2026-04")
    assert match_feed(source, "visits_draft.csv") == ("stream", None)
