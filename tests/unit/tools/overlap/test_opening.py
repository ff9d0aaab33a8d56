"""Candidates: each side's rows that may be common, and no others, for a clean team."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from conjoin.errors import MessageRefused, OverlapError, RunUsedUp
from conjoin.tools.overlap.agreement import write_agreement
from conjoin.tools.overlap.signing import make_identity, public_key_in
from support.parties import RUN, TODAY, Pair, Party, resigned

HEADER = "record_id,source,name,address,country,os_id"
OURS = [
    "1,ours,Zephyrine Garments Ltd,12 Harbour Road Chattogram,BD,",
    "2,ours,Quillon Fashions,Plot 7 Hill Street Dhaka,BD,",
    "3,ours,Tarvana Exports,4 Mill Lane Izmir,TR,",
    "4,ours,Brindle Knitwear,9 Quay Street Mersin,TR,",
    "5,ours,Ostrava Loom Works,1 Canal Street Izmir,TR,",
]
THEIRS = [
    "1,theirs,ZEPHYRINE GARMENTS LIMITED,House 12 Harbour Rd Chittagong,Bangladesh,",
    "2,theirs,Quillon Fashion (Pvt) Ltd,Plot # 7 Hill St. Dhaka,BD,",
    "3,theirs,Tarvana Export Co,Mill Ln. No 4 Izmir,Turkey,",
    "4,theirs,Marrowby Textiles,3 Dock Road Mersin,TR,",
    "5,theirs,Wexcombe Apparel,8 Field Way Dhaka,BD,",
    "6,theirs,Pellow Dyeing,2 River Road Izmir,TR,",
]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def made(folder: Path, ours: list[str], theirs: list[str], **changes: Any) -> Pair:
    """Two parties with real files and an agreement of mode candidates, up to the answer."""
    pair = Pair(Party(folder / "offering", "offering"), Party(folder / "answering", "answering"))
    keys = {}
    for party, rows in ((pair.offering, ours), (pair.answering, theirs)):
        party.folder.mkdir()
        keys[party.role] = public_key_in(str(make_identity(party.key)))
        party.list.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    wanted = {"run": RUN, "purpose": "Joint visits", "mode": "candidates", "largest_list": 50, "largest_share": 0.7}
    wanted |= {"expires": TODAY, "offering": {"name": "Fjord Wool", "key": keys["offering"]}}
    wanted |= {"answering": {"name": "Quay Outdoor", "key": keys["answering"]}}
    write_agreement(pair.offering.agreement, wanted | changes)
    pair.carry(pair.offering.agreement)
    return pair.to_answer()


def test_each_side_writes_its_common_rows_and_no_other(tmp_path: Path) -> None:
    pair = made(tmp_path, OURS, THEIRS)
    ours, theirs = pair.open()
    assert (ours.shown_count, ours.row_count, theirs.shown_count, theirs.row_count) == (3, 5, 3, 6)
    shown = read(pair.offering.folder / "clean.csv")
    assert [row["record_id"] for row in shown] == ["Fjord Wool:1", "Fjord Wool:2", "Fjord Wool:3"]
    assert {row["source"] for row in shown} == {"Fjord Wool: ours"}
    assert shown[2]["name"] == "Tarvana Exports"
    assert [row["record_id"] for row in read(pair.answering.folder / "clean.csv")] == [
        f"Quay Outdoor:{n}" for n in "123"
    ]
    for party in (pair.offering, pair.answering):
        assert (party.folder / "clean.csv").stat().st_mode & 0o777 == 0o600
        assert [path.name for path in party.private.iterdir()] == ["state.json"]


def test_neither_side_gets_a_row_of_the_other(tmp_path: Path) -> None:
    pair = made(tmp_path, OURS, THEIRS)
    pair.open()
    for party, words in (
        (pair.offering, ("Marrowby", "Pellow", "Quay Outdoor:")),
        (pair.answering, ("Brindle", "Loom")),
    ):
        for path in party.folder.rglob("*"):
            assert not path.is_file() or not any(word in path.read_text(encoding="utf-8") for word in words), path


def test_identifiers_meet_where_nothing_else_does(tmp_path: Path) -> None:
    os_id = "BD201908323K593"
    ours = [*OURS, f"6,ours,Harrow Stitching,1 North Road Dhaka,BD,{os_id}"]
    theirs = [*THEIRS, f"7,theirs,Blackmere Industries,Gazipur,BD,{os_id}"]
    pair = made(tmp_path, ours, theirs)
    assert [found.shown_count for found in pair.open()] == [4, 4]
    assert read(pair.answering.folder / "clean.csv")[3]["os_id"] == os_id


def test_few_common_rows_are_not_opened(tmp_path: Path) -> None:
    pair = made(tmp_path, OURS[1:], THEIRS)
    assert [found.shown_count for found in pair.open()] == [0, 0]
    assert json.loads(pair.answering.message("common").read_text(encoding="utf-8"))["points"] == []
    assert list(tmp_path.rglob("clean.csv")) == []
    assert pair.answering.state()["ended"] == "fewer than 3 rows in common, nothing was opened"


@pytest.mark.parametrize(("share", "opened"), [(0.59, []), (0.6, ["offering", "answering"])])
def test_no_larger_share_than_agreed_is_shown(tmp_path: Path, share: float, opened: list[str]) -> None:
    pair = made(tmp_path, OURS, THEIRS, largest_share=share)
    if opened:
        pair.open()
    else:
        with pytest.raises(OverlapError, match=r"3 of your 5 rows would go to the clean team, .* a share of 0\.59"):
            pair.open()
        assert "nothing was opened" in pair.offering.state()["ended"]
    assert sorted(path.parent.name for path in tmp_path.rglob("clean.csv")) == sorted(opened)


def test_a_side_that_claims_everything_is_common_runs_into_the_agreed_share(tmp_path: Path) -> None:
    pair = made(tmp_path, OURS, THEIRS)
    pair.open_one(pair.offering)
    everything = json.loads(pair.offering.message("answer").read_text(encoding="utf-8"))["points"]
    resigned(pair.answering.message("common"), pair.offering.key, points=everything)
    with pytest.raises(OverlapError, match="6 of your 6 rows would go to the clean team"):
        pair.open_one(pair.answering)
    assert not (pair.answering.folder / "clean.csv").exists()


def test_points_that_were_never_answered_are_refused(tmp_path: Path) -> None:
    pair = made(tmp_path, OURS, THEIRS)
    offered = json.loads(pair.offering.message("offer").read_text(encoding="utf-8"))["points"]
    pair.open_one(pair.offering)
    resigned(pair.answering.message("common"), pair.offering.key, points=offered[:3])
    with pytest.raises(MessageRefused, match="3 of its points are not of the answer sent from here"):
        pair.open_one(pair.answering)


def test_candidates_are_opened_once(tmp_path: Path) -> None:
    pair = made(tmp_path, OURS, THEIRS)
    pair.open()
    with pytest.raises(RunUsedUp, match="3 of 5 rows were written for the clean team"):
        pair.open()
