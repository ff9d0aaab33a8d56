"""What a side, or somebody between the two, may send instead: each is refused, in words, and nothing is done with it.

``resigned`` is a party that altered its software: its signature holds, its message does not.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from conjoin.errors import MessageRefused
from conjoin.tools.overlap.group import fresh_scalar, hidden, point_of
from support.parties import Meet, Pair, resigned, site

OURS = [site(f"o{letter}", f"zephyr mill{letter}") for letter in "abcdefgh"]
THEIRS = [site(f"t{letter}", f"zephyr mill{letter}") for letter in "efghijkl"]
STRANGERS = sorted(hidden(fresh_scalar(), [point_of("x", "y", str(number))])[0].hex() for number in range(60))
NEUTRAL = "00" * 32
NO_POINT = "01" + "00" * 31


@pytest.fixture
def pair(meet: Meet) -> Pair:
    """Two parties, signed and offered."""
    made = meet(OURS, THEIRS).sign()
    made.offer()
    return made


def body(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def put(path: Path, **changes: Any) -> None:
    """Change a message without its sender's key."""
    path.write_text(json.dumps(body(path) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    "changes",
    [{"points": STRANGERS[:8]}, {"count": 5}, {"follows": "0" * 64}, {"signature": "00" * 64}, {"signature": "x"}],
)
def test_what_was_altered_on_its_way_is_refused(pair: Pair, changes: dict[str, Any]) -> None:
    put(pair.answering.message("offer"), **changes)
    with pytest.raises(MessageRefused, match="not signed by Fjord Wool, or altered after it was signed"):
        pair.answer()
    assert not (pair.answering.private / "secret").exists()
    assert not pair.answering.message("answer").exists()


def test_a_message_signed_by_another_key_is_refused(pair: Pair) -> None:
    resigned(pair.answering.message("offer"), pair.answering.key)
    with pytest.raises(MessageRefused, match="not signed by Fjord Wool"):
        pair.answer()


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (NEUTRAL, "value 1 of the offer is no point of the group"),
        (NO_POINT, "value 1 of the offer is no point of the group"),
        ("ff" * 32, "is no point of the group"),
        ("00" * 31, "is no point of the group"),
        ("zz" * 32, "something else than hexadecimal digits"),
    ],
)
def test_values_outside_the_group_are_refused(pair: Pair, bad: str, told: str) -> None:
    path = pair.answering.message("offer")
    resigned(path, pair.offering.key, points=[bad, *body(path)["points"][1:]])
    with pytest.raises(MessageRefused, match=told):
        pair.answer()
    assert not pair.answering.message("answer").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda points: [points[0], *points[:-1]], "holds a value twice"),
        (lambda points: points[::-1], "is not sorted"),
        (lambda points: points[:-1], "7 keys, but its sender signed a list of 8"),
        (lambda points: sorted([*points, STRANGERS[0]]), "9 keys, but its sender signed a list of 8"),
        (lambda points: STRANGERS[:51], "the offer has 51 keys, and the agreement allows 50"),
    ],
)
def test_a_list_that_is_not_as_it_must_be_is_refused(pair: Pair, change: Any, told: str) -> None:
    path = pair.answering.message("offer")
    resigned(path, pair.offering.key, points=change(body(path)["points"]))
    with pytest.raises(MessageRefused, match=told):
        pair.answer()


@pytest.mark.parametrize("name", ["points", "doubled"])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda points: [NO_POINT, *points[1:]], "no point of the group"),
        (lambda points: [points[0], *points[:-1]], "holds a value twice"),
        (lambda points: points[::-1], "is not sorted"),
        (lambda points: points[:-1], "7"),
        (lambda points: STRANGERS[:51], "51"),
    ],
)
def test_an_answer_is_checked_as_an_offer_is(pair: Pair, name: str, change: Any, told: str) -> None:
    pair.answer()
    path = pair.offering.message("answer")
    resigned(path, pair.answering.key, **{name: change(body(path)[name])})
    with pytest.raises(MessageRefused, match=told):
        pair.count()
    assert not pair.offering.message("result").exists()


def test_a_file_too_large_for_the_agreed_list_is_not_read(pair: Pair) -> None:
    with pair.answering.message("offer").open("ab") as file:
        file.truncate(10_000_000)
    with pytest.raises(MessageRefused, match=r"10,000,000 bytes; a list of 50 rows.* It was not read"):
        pair.answer()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kind": "offer"', "[" * 9000, "\udcff", '{"points": 3}'])
def test_what_is_no_message_is_refused(pair: Pair, text: str) -> None:
    pair.answering.message("offer").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(MessageRefused, match="no overlap message"):
        pair.answer()


def test_an_answer_from_another_run_is_refused(meet: Meet) -> None:
    other = meet(OURS, THEIRS, run="autumn-2025")
    kept = other.answering.sign().read_bytes()
    pair = meet(OURS, THEIRS).to_answer()
    pair.offering.message("answer").write_bytes(kept)
    with pytest.raises(MessageRefused, match=r"this is of run 'autumn-2025', not of 'spring-2026'"):
        pair.count()


def test_a_message_of_another_step_or_side_is_refused(pair: Pair) -> None:
    pair.answer()
    pair.offering.message("answer").write_bytes(pair.offering.message("offer").read_bytes())
    with pytest.raises(
        MessageRefused, match="this is the offer of the offering side; what is needed now is the answer"
    ):
        pair.count()


def test_an_answer_to_another_offer_of_the_run_is_refused(pair: Pair) -> None:
    pair.answer()
    path = pair.offering.message("answer")
    resigned(path, pair.answering.key, follows="0" * 64)
    with pytest.raises(MessageRefused, match="follows another file than the one that was sent from here"):
        pair.count()


def test_a_second_offer_of_a_run_is_not_answered(pair: Pair) -> None:
    """Its sender could ask about one list after the other, under one agreement."""
    path = pair.answering.message("offer")
    first = path.read_bytes()
    pair.answer()
    resigned(path, pair.offering.key, points=STRANGERS[:8])
    with pytest.raises(MessageRefused, match="another offer was acted upon in this run, and a run takes one only"):
        pair.answer()
    path.write_bytes(first)
    pair.answer()
    assert pair.count().count == 4


def test_a_signature_that_changes_after_it_was_seen_is_refused(pair: Pair) -> None:
    """Its sender could bind itself to another list after it saw an offer."""
    resigned(pair.offering.message("answering-signature"), pair.answering.key, commitment="0" * 64)
    with pytest.raises(MessageRefused, match="another signature was acted upon"):
        pair.offer()


def test_an_offer_made_before_the_other_side_was_bound_is_refused(pair: Pair) -> None:
    resigned(pair.answering.message("offer"), pair.offering.key, follows="")
    with pytest.raises(MessageRefused, match="follows another file"):
        pair.answer()


def test_a_run_cannot_be_replayed_on_either_side(pair: Pair) -> None:
    pair.answer()
    kept = {path: path.read_bytes() for path in pair.offering.folder.glob("*.json")}
    pair.count()
    pair.hear()
    for path, content in kept.items():
        path.write_bytes(content)
    for step in (pair.offer, pair.answer, pair.count, pair.hear, pair.offering.sign, pair.answering.sign):
        with pytest.raises(Exception, match="has ended: the count was 4"):
            step()
