"""Counting: what the two sides learn, and what happens to files and secrets."""

import json
from pathlib import Path
from typing import Any

import pytest

from conjoin.errors import AgreementRefused, MessageRefused, OverlapError, RunUsedUp
from conjoin.tools.overlap.exchange import count
from conjoin.tools.overlap.group import hidden, point_of
from conjoin.tools.overlap.keys import count_1
from support.parties import RUN, TODAY, Meet, Party, site

OURS = [site(f"o{letter}", f"zephyr mill{letter}") for letter in "abcdefgh"]
THEIRS = [site(f"t{letter}", f"zephyr mill{letter}") for letter in "efghijkl"]
COMMON = 4


def points(path: Path, name: str = "points") -> list[str]:
    found: list[str] = json.loads(path.read_text(encoding="utf-8"))[name]
    return found


def test_both_sides_learn_the_count_and_the_run_ends(meet: Meet) -> None:
    pair = meet(OURS, THEIRS).to_answer()
    assert pair.count().count == COMMON
    assert pair.hear().count == COMMON
    for party in (pair.offering, pair.answering):
        assert party.state()["ended"] == "the count was 4"
        assert [path.name for path in party.private.iterdir()] == ["state.json"]


@pytest.mark.parametrize(("common", "told"), [(0, None), (2, None), (3, 3)])
def test_a_small_result_says_fewer_than(meet: Meet, common: int, told: int | None) -> None:
    pair = meet(OURS[: 4 + common], THEIRS).to_answer()
    found = pair.count()
    assert found.count == told
    assert str(found) == ("fewer than 3" if told is None else "3")
    assert (told is None) == ('"count": null' in pair.answering.message("result").read_text(encoding="utf-8"))
    assert pair.hear().count == told
    assert pair.offering.state()["ended"] == f"the count was {found}"


def test_the_agreed_smallest_result_counts(meet: Meet) -> None:
    assert str(meet(OURS, THEIRS, smallest_result=5).to_answer().count()) == "fewer than 5"


def test_rows_of_one_key_count_once(meet: Meet) -> None:
    doubled = [*OURS, *(site(f"again {found.record_id}", " ".join(found.name)) for found in OURS)]
    assert meet(doubled, THEIRS).to_answer().count().count == COMMON


def test_no_message_tells_an_order(meet: Meet) -> None:
    """Rows are given in the order of their keys: what is sent is sorted, and not in the order of the rows."""
    pair = meet(OURS, THEIRS).to_answer()
    offered, answered = pair.offering.message("offer"), pair.offering.message("answer")
    for found in (points(offered), points(answered), points(answered, "doubled")):
        assert found == sorted(found)
    secret = bytes.fromhex((pair.offering.private / "secret").read_text(encoding="ascii"))
    keys = [key for found in OURS for key in count_1(found)]
    in_order = [value.hex() for value in hidden(secret, [point_of(RUN, "count-1", key) for key in keys])]
    assert sorted(in_order) == points(offered)
    assert in_order != points(offered)


def test_the_doubly_hidden_values_do_not_follow_the_offered_ones(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order offered they would tell the offering side which of its sites the other has."""
    pair = meet(OURS, THEIRS).sign()
    pair.offer()
    kept: list[bytes] = []
    destroyed = "conjoin.tools.overlap.private_run.PrivateRun.forget"
    monkeypatch.setattr(destroyed, lambda run: kept.append(run.secret()))
    pair.answer()
    followed = [value.hex() for value in hidden(kept[0], map(bytes.fromhex, points(pair.offering.message("offer"))))]
    found = points(pair.offering.message("answer"), "doubled")
    assert set(found) == set(followed)
    assert found != followed


def test_nothing_in_a_message_or_a_private_file_shows_a_row(meet: Meet) -> None:
    pair = meet(OURS, THEIRS).to_answer()
    written = [path for path in pair.offering.folder.parent.rglob("*") if path.is_file() and path.suffix != ".toml"]
    assert len(written) > 8
    for path in written:
        text = path.read_text(encoding="utf-8").lower()
        assert "zephyr" not in text, path
        assert "milla" not in text, path


def test_secrets_are_fresh_and_private_and_the_answering_side_drops_its_own_with_the_answer(meet: Meet) -> None:
    seen = set()
    for _ in range(2):
        pair = meet(OURS, THEIRS).to_answer()
        secret = pair.offering.private / "secret"
        assert secret.stat().st_mode & 0o777 == 0o600
        seen.add(secret.read_text(encoding="ascii"))
        assert not (pair.answering.private / "secret").exists()
    assert len(seen) == 2


def test_the_secret_is_written_over_before_it_is_deleted(meet: Meet) -> None:
    pair = meet(OURS, THEIRS).to_answer()
    secret, seen = pair.offering.private / "secret", pair.offering.folder / "seen"
    before = secret.read_bytes()
    seen.hardlink_to(secret)  # what another name of the same bytes still shows
    pair.count()
    assert not secret.exists()
    assert len(seen.read_bytes()) == len(before)
    assert before not in seen.read_bytes()


def test_a_run_counts_once(meet: Meet) -> None:
    pair = meet(OURS, THEIRS).to_answer()
    pair.count()
    for step in (pair.count, pair.offer, pair.offering.sign):
        with pytest.raises(RunUsedUp, match=f"run {RUN} has ended: the count was 4"):
            step()
    pair.hear()
    with pytest.raises(RunUsedUp):
        pair.answer()


def test_each_step_can_be_done_again_until_the_run_ends_and_says_the_same(meet: Meet) -> None:
    pair = meet(OURS, THEIRS).sign()
    first = pair.offer().read_bytes()
    assert pair.offer().read_bytes() == first
    first = pair.answer().read_bytes()
    assert pair.answer().read_bytes() == first
    assert pair.count().count == COMMON


def test_whoever_lost_the_secret_is_told_and_counts_nothing_wrong(meet: Meet) -> None:
    pair = meet(OURS, THEIRS).to_answer()
    (pair.offering.private / "secret").unlink()
    for step in (pair.count, pair.offer):
        with pytest.raises(RunUsedUp, match="its secret is gone"):
            step()


def test_a_list_that_changed_after_the_signature_is_refused(meet: Meet, lists: dict[Path, Any]) -> None:
    pair = meet(OURS, THEIRS).sign()
    before = lists[pair.answering.list.resolve()]
    pair.offer()
    lists[pair.answering.list.resolve()] = [*before[1:], site("tz", "zephyr millz")]
    with pytest.raises(OverlapError, match="changed since the agreement was signed"):
        pair.answer()
    lists[pair.answering.list.resolve()] = before
    pair.answer()
    assert pair.count().count == COMMON


def test_each_side_does_its_own_steps(meet: Meet) -> None:
    pair = meet(OURS, THEIRS)
    with pytest.raises(RunUsedUp, match="has not begun here: sign its agreement first"):
        pair.offer()
    pair.sign()
    pair.offer()
    swapped = Party(pair.answering.folder, "offering")
    with pytest.raises(AgreementRefused, match="this is for Fjord Wool, the offering side; you are Quay Outdoor"):
        type(pair)(swapped, pair.answering).offer()
    with pytest.raises(MessageRefused, match=r"of mode 'count'; that goes on with `conjoin overlap count`"):
        pair.open()


def test_a_missing_file_is_told_by_its_sender(meet: Meet) -> None:
    pair = meet(OURS, THEIRS).sign()
    with pytest.raises(MessageRefused, match="the offer of Fjord Wool is not there; ask for it"):
        pair.answer()
    pair.offer()
    with pytest.raises(MessageRefused, match="the answer of Quay Outdoor is not there"):
        count(pair.offering.settings, pair.offering.agreement, pair.offering.message("answer"), TODAY)
