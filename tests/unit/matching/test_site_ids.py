import pytest

from conjoin.matching.pairs.identifiers import clean_identifier, is_gln, is_lei, is_os_id
from conjoin.matching.sites.site_ids import SYMBOLS, is_site_id, mint_site_id, mint_site_ids, mint_untaken


def test_an_id_is_minted_once_and_for_all() -> None:
    assert mint_site_id("northwind:1") == mint_site_id("northwind:1")
    assert mint_site_id("northwind:1") != mint_site_id("northwind:2")
    assert is_site_id(mint_site_id("northwind:1"))


def test_every_wrong_character_and_every_swap_shows() -> None:
    site_id = mint_site_id("northwind:1")
    for place in range(2, len(site_id)):
        for symbol in SYMBOLS:
            if symbol != site_id[place]:
                assert not is_site_id(site_id[:place] + symbol + site_id[place + 1 :])
    for place in range(2, len(site_id) - 2):
        a, b = site_id[place], site_id[place + 1]
        if a != b:
            assert not is_site_id(site_id[:place] + b + a + site_id[place + 2 :])


def test_many_are_minted_as_one() -> None:
    founders = [f"northwind:{number}" for number in range(200)]
    assert mint_site_ids(founders) == [mint_site_id(founder) for founder in founders]
    assert all(is_site_id(site_id) for site_id in mint_site_ids(founders))


def test_a_taken_id_moves_to_the_next_generation() -> None:
    assert mint_untaken(["b", "a"], lambda _: []) == {"a": mint_site_id("a"), "b": mint_site_id("b")}
    assert mint_untaken(["a"], lambda _: [mint_site_id("a")]) == {"a": mint_site_id("a", generation=1)}


@pytest.mark.parametrize("value", ["", "CJ", "XX0000000000", "CJ000000000!0", "cj00000000000"])
def test_what_is_no_site_id(value: str) -> None:
    assert not is_site_id(value)


@pytest.mark.parametrize("value", ["VN2019085E83MZ9", "KH2021189EW6Y80"])
def test_os_ids_pass(value: str) -> None:
    assert is_os_id(value)


@pytest.mark.parametrize("value", ["TR2019083KIPAST", "IN2019083ORCRAFT", "", "VN2019085E83MZ8"])
def test_wrong_os_ids_do_not_count(value: str) -> None:
    assert clean_identifier("os_id", value) is None


def test_check_digits() -> None:
    assert is_gln("4000001000005")
    assert not is_gln("4000001000006")
    assert is_lei("5493001KJTIIGC8Y1R12")
    assert not is_lei("5493001KJTIIGC8Y1R13")
    assert clean_identifier("sedex_site", "zs-123 456") == "ZS123456"
    assert clean_identifier("no_such_scheme", "123") is None
