"""The group: the published test values of ristretto255, and what a run, a recipe and a key make of a point."""

from hashlib import sha512

import pytest

from conjoin.tools.overlap import group

BASE = "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"
#: RFC 9496, A.2: values that are no encoding of a point.
BAD = [
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
]
NEUTRAL = "00" * 32


def test_a_digest_becomes_the_point_that_the_standard_says() -> None:
    digest = sha512(b"Ristretto is traditionally a short shot of espresso coffee").digest()
    wanted = "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"  # RFC 9496, A.3
    assert group._from_hash(digest).hex() == wanted


def test_a_point_is_a_point() -> None:
    assert group.is_point(bytes.fromhex(BASE))
    assert group.is_point(group.point_of("run", "count-1", "key"))


@pytest.mark.parametrize("value", [*BAD, NEUTRAL, "", BASE[:-2], BASE + "00"])
def test_what_is_no_point_is_told(value: str) -> None:
    assert not group.is_point(bytes.fromhex(value))
    assert group.first_bad_point([bytes.fromhex(BASE), bytes.fromhex(value)]) == 1


def test_two_secrets_in_either_order_give_one_point_and_one_alone_gives_another() -> None:
    ours, theirs, point = group.fresh_scalar(), group.fresh_scalar(), group.point_of("run", "count-1", "key")
    assert ours != theirs
    assert group.hidden(ours, group.hidden(theirs, [point])) == group.hidden(theirs, group.hidden(ours, [point]))
    assert len({point, *group.hidden(ours, [point]), *group.hidden(theirs, [point])}) == 3


def test_a_key_is_another_point_under_another_run_or_recipe_and_its_parts_do_not_run_together() -> None:
    points = [
        group.point_of(*parts)
        for parts in (
            ("run", "count-1", "a"),
            ("run2", "count-1", "a"),
            ("run", "count-2", "a"),
            ("runc", "ount-1", "a"),
        )
    ]
    assert len(set(points)) == 4
