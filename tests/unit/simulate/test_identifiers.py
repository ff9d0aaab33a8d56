import numpy as np
import pytest

from conjoin.simulate.industry.identifiers import identifiers, os_ids

_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_os_ids_carry_their_check_character():
    countries = np.array(["TR", "BD", "PT"])

    for text, country in zip(os_ids(np.array([0, 77, 39_999]), countries), countries, strict=True):
        total = sum(map(ord, country)) + sum(_SYMBOLS.index(symbol) for symbol in text[2:14])
        assert len(text) == 15
        assert text.startswith(country)
        assert text[14] == _SYMBOLS[total % 32]


@pytest.mark.parametrize(
    "scheme", ["os_id", "sedex_site", "amfori_site", "slcp_facility", "tax_number", "lei", "gln", "quill"]
)
def test_identifiers_never_repeat(scheme):
    numbers = np.arange(40_000)

    assert identifiers(scheme, numbers, np.full(len(numbers), "TR")).is_unique


def test_lei_has_its_check_digits():
    lei = identifiers("lei", np.array([5]), np.array(["TR"])).iloc[0]

    assert len(lei) == 20
    assert int(lei) % 97 == 1
