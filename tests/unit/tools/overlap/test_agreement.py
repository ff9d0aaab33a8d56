"""Agreements: what can be meant, what is signed, and what is refused."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conjoin.errors import AgreementRefused, MessageRefused, OverlapError, RunUsedUp
from conjoin.tools.overlap import agreement as agreements
from conjoin.tools.overlap.agreement import read_agreement, write_agreement
from conjoin.tools.overlap.exchange import give_up, offer
from conjoin.tools.overlap.signing import make_identity, public_key_in
from conjoin.tools.overlap.taking_part import commitment
from support.parties import RUN, TODAY, Meet, Party, resigned, site

SITES = [site(str(number), f"zephyr mill{letter}") for number, letter in enumerate("abcde")]


def altered(party: Party, old: str, new: str) -> None:
    text = party.agreement.read_text(encoding="utf-8")
    assert old in text
    party.agreement.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"mode": "all"}, "mode: Input should be 'count' or 'candidates'"),
        ({"recipe": "candidates-1"}, "'candidates-1' is none of mode 'count': count-1"),
        ({"recipe": "count-2"}, "'count-2' is none of mode 'count'"),
        ({"smallest_result": 2}, "smallest_result: Input should be greater than or equal to 3"),
        ({"largest_list": 0}, "largest_list: Input should be greater than or equal to 1"),
        ({"largest_share": 1.5}, "largest_share"),
        ({"run": "../other"}, "run: a run id has 4 to 40 small letters"),
        ({"purpose": "seen\x1b[2J"}, "purpose: write plain words on one line"),
        ({"purpose": " "}, "purpose"),
        ({"surprise": 1}, "surprise: Extra inputs are not permitted"),
        ({"offering": {"name": "Fjord Wool", "key": "12"}}, "offering.key"),
    ],
)
def test_what_cannot_be_meant_is_told_and_not_written(
    meet: Meet, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(AgreementRefused, match=r"agreement\.toml") as caught:
        meet(SITES, SITES, **changes)
    assert told in str(caught.value)
    assert list(tmp_path.rglob("agreement.toml")) == []


def test_one_key_or_one_name_is_not_two_parties(meet: Meet) -> None:
    party = meet(SITES, SITES).agreed().offering
    other = party.model_copy(update={"name": "Other"})
    for twice, told in (
        ((party, other), "one key"),
        ((party, party.model_copy(update={"key": "ab" * 32})), "one name"),
    ):
        with pytest.raises(AgreementRefused, match=told):
            meet(SITES, SITES, **dict(zip(("offering", "answering"), map(dict, twice), strict=True)))


def test_it_is_read_as_it_was_written_and_remarks_do_not_matter(meet: Meet) -> None:
    pair = meet(SITES, SITES, purpose='Both "visit" – Çorlu \\ İzmir')
    before = pair.agreed()
    altered(pair.offering, "\nrun =", "\n# read on Monday\nrun   =")
    assert read_agreement(pair.offering.agreement, TODAY).digest == before.digest
    altered(pair.offering, 'Monday\nrun   = "spring', 'Monday\nrun   = "winter')
    assert read_agreement(pair.offering.agreement, TODAY).digest != before.digest


def test_it_can_be_used_on_its_last_day_and_not_after(meet: Meet) -> None:
    pair = meet(SITES, SITES).sign()
    last = TODAY + timedelta(days=30)
    offer(pair.offering.settings, pair.offering.agreement, last)
    with pytest.raises(AgreementRefused, match=f"the agreement ended on {last}; make a new one"):
        offer(pair.offering.settings, pair.offering.agreement, last + timedelta(days=1))


def test_other_word_lists_are_refused(meet: Meet, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = meet(SITES, SITES)
    monkeypatch.setattr(agreements, "words_in_use", lambda: "0" * 16)
    with pytest.raises(AgreementRefused, match="both sides need the same version of Conjoin"):
        pair.offering.sign()


def test_a_stranger_cannot_sign(meet: Meet, tmp_path: Path) -> None:
    pair = meet(SITES, SITES)
    pair.offering.key.unlink()
    pair.offering.key.with_suffix(".pub").unlink()
    make_identity(pair.offering.key)
    with pytest.raises(AgreementRefused, match="use the key whose public half stands in the agreement"):
        pair.offering.sign()


@pytest.mark.parametrize("missing", ["offering", "answering"])
def test_an_unsigned_agreement_is_refused(meet: Meet, missing: str) -> None:
    pair = meet(SITES, SITES).sign()
    pair.offering.message(f"{missing}-signature").unlink()
    with pytest.raises(MessageRefused, match=r"the signature of .* is not there"):
        pair.offer()


@pytest.mark.parametrize(
    ("old", "new"), [("largest_list = 50", "largest_list = 500"), ("Joint", "All"), ("count-1", "count-1 ")]
)
def test_an_agreement_altered_by_one_side_is_refused(meet: Meet, old: str, new: str) -> None:
    pair = meet(SITES, SITES).sign()
    altered(pair.offering, old, new)
    with pytest.raises((AgreementRefused, RunUsedUp)):
        pair.offer()


def test_an_agreement_that_was_altered_before_the_other_signed_is_told(meet: Meet) -> None:
    pair = meet(SITES, SITES)
    altered(pair.answering, "largest_list = 50", "largest_list = 500")
    pair.sign()
    with pytest.raises(MessageRefused, match=r"Quay Outdoor has another agreement .*: one of the two was altered"):
        pair.offer()


def test_a_run_id_serves_one_agreement(meet: Meet) -> None:
    pair = meet(SITES, SITES).sign()
    altered(pair.offering, "Joint visits", "Another purpose")
    with pytest.raises(RunUsedUp, match=f"run {RUN} was used here before, under another agreement"):
        pair.offering.sign()


def test_no_second_signature_with_another_list(meet: Meet, lists: dict[Path, Any]) -> None:
    pair = meet(SITES, SITES)
    first = pair.offering.sign().read_bytes()
    assert pair.offering.sign().read_bytes() == first
    lists[pair.offering.list.resolve()] = SITES[1:]
    with pytest.raises(OverlapError, match="a commitment cannot be changed"):
        pair.offering.sign()


def test_a_list_is_refused_that_is_too_large_or_says_nothing(meet: Meet) -> None:
    with pytest.raises(OverlapError, match="your list has 5 rows, and the agreement allows 4"):
        meet(SITES, SITES, largest_list=4).offering.sign()
    with pytest.raises(OverlapError, match="no row says a country and a name"):
        meet([site("a", "", country="")], SITES).offering.sign()


def test_a_run_can_be_given_up_and_its_secret_goes(meet: Meet) -> None:
    pair = meet(SITES, SITES).sign()
    pair.offer()
    secret = pair.offering.private / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert pair.offering.private.stat().st_mode & 0o777 == 0o700
    assert give_up(pair.offering.settings, pair.offering.agreement) == RUN
    assert not secret.exists()
    with pytest.raises(RunUsedUp, match="it was given up"):
        pair.offer()


def test_keys_are_private_and_never_written_over(tmp_path: Path) -> None:
    public = make_identity(tmp_path / "ours.key")
    assert (tmp_path / "ours.key").stat().st_mode & 0o777 == 0o600
    assert public_key_in(str(public)) == public_key_in(public.read_text(encoding="utf-8"))
    with pytest.raises(OverlapError, match="there is a file of that name"):
        make_identity(tmp_path / "ours.key")
    with pytest.raises(OverlapError, match="give the private half another"):
        make_identity(tmp_path / "ours.pub")
    with pytest.raises(OverlapError, match="neither a public key"):
        public_key_in(str(tmp_path / "ours.key"))


def test_a_key_that_others_can_read_is_refused(meet: Meet) -> None:
    pair = meet(SITES, SITES)
    pair.offering.key.chmod(0o644)
    with pytest.raises(OverlapError, match="chmod 600"):
        pair.offering.sign()
    pair.offering.key.chmod(0o600)
    pair.offering.key.write_text("no key", encoding="utf-8")
    with pytest.raises(OverlapError, match="no private key of"):
        pair.offering.sign()


def test_an_agreement_is_never_written_over(meet: Meet) -> None:
    pair = meet(SITES, SITES)
    before = pair.offering.agreement.read_bytes()
    with pytest.raises(AgreementRefused, match="there is a file of that name, perhaps signed already"):
        write_agreement(pair.offering.agreement, pair.agreed().model_dump(exclude={"recipe", "words"}))
    assert pair.offering.agreement.read_bytes() == before


def test_a_commitment_holds_for_one_list_side_and_run_and_tells_nothing_without_its_nonce(meet: Meet) -> None:
    agreement, keys = meet(SITES, SITES).agreed(), ["a", "bc"]
    made = {
        commitment(agreement, "offering", b"1" * 32, keys),
        commitment(agreement, "offering", b"2" * 32, keys),
        commitment(agreement, "answering", b"1" * 32, keys),
        commitment(agreement, "offering", b"1" * 32, ["ab", "c"]),
        commitment(agreement, "offering", b"1" * 32, ["a"]),
        commitment(agreement.model_copy(update={"run": "another-run"}), "offering", b"1" * 32, keys),
    }
    assert len(made) == 6
    assert commitment(agreement, "offering", b"1" * 32, keys) in made


def test_a_signature_of_ones_own_that_was_not_made_here_is_told(meet: Meet) -> None:
    pair = meet(SITES, SITES).sign()
    resigned(pair.offering.message("offering-signature"), pair.offering.key, commitment="0" * 64)
    with pytest.raises(AgreementRefused, match="is not the one made here; sign again"):
        pair.offer()
    pair.offering.sign()
    pair.offer()
