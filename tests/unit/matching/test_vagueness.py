"""How much a row says of who it names and where."""

import numpy as np
import pyarrow as pa
import pytest

from conjoin.matching.text.tokens import Tokens, cut
from conjoin.matching.text.vagueness import NAMED, NO_PLACE, NOBODY, STREET, TOWN, TRADE_ONLY, name_kinds, place_kinds


def _cut(text: str) -> Tokens:
    return cut(pa.array([text], pa.large_string()))


@pytest.mark.parametrize(
    ("name", "town", "kind"),
    [
        ("Confidential", "", NOBODY),
        ("-", "", NOBODY),
        ("XXXXXX", "", NOBODY),
        ("Supplier 3", "", NOBODY),
        ("Pvt. Ltd.", "", NOBODY),
        ("Bangladesh", "", NOBODY),
        ("Dhaka Factory", "Dhaka", NOBODY),
        ("供应商", "", NOBODY),
        ("Không tiết lộ", "", NOBODY),
        ("Garments Ltd", "", TRADE_ONLY),
        ("Dhaka Garments Ltd", "Dhaka", TRADE_ONLY),
        ("Confidential Knitwear Orvelang", "", NAMED),
        ("Tarvana Exports Pvt Ltd", "", NAMED),
        ("T a r v a n a L t d", "", NAMED),
        ("Dhaka Dyeing Orvelang", "Dhaka", NAMED),
    ],
)
def test_what_a_name_says(name: str, town: str, kind: int) -> None:
    assert name_kinds(_cut(name), _cut(town)).tolist() == [kind]


@pytest.mark.parametrize(
    ("address", "town", "postcode", "kind"),
    [
        ("", "", "", NO_PLACE),
        ("Not disclosed", "", "", NO_PLACE),
        ("Bangladesh", "", "", NO_PLACE),
        ("", "Dhaka", "", TOWN),
        ("", "", "1216", TOWN),
        ("Dhaka 1216", "Dhaka", "1216", TOWN),
        ("Zirabo Bazar Road", "", "", TOWN),
        ("12 Mill Road", "", "", STREET),
        ("Plot 5", "Dhaka", "", STREET),
    ],
)
def test_what_a_row_says_of_its_place(address: str, town: str, postcode: str, kind: int) -> None:
    nowhere = np.zeros(1, dtype=np.bool_)
    assert place_kinds(_cut(address), _cut(town), _cut(postcode), nowhere).tolist() == [kind]
    assert place_kinds(_cut(address), _cut(town), _cut(postcode), ~nowhere).tolist() == [max(kind, TOWN)]
