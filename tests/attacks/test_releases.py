"""What can be worked out from many releases of totals, by somebody who kept them all: nothing that was withheld.

The version before told every cell of the briefing but one matrix: 30 of 41 cells of audits per site and 29 of 48
classes of pairs stood on fewer than three sites. Each attack here succeeds against cells told without `choose_withheld`
(`test_the_attacker_is_no_fool`).
"""

import os
import random
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from conjoin.packs.release import make_release
from conjoin.packs.release_grid import Release
from conjoin.packs.totals import audiences
from conjoin.schemas.policy import policy
from conjoin.settings import Settings
from support.once import reckoned_once

#: How often totals are released; `make attacks` goes on for three years.
RELEASES = int(os.environ.get("CONJOIN_RELEASES", "9"))
DAYS = [date(2024 + number // 4, *((3, 31), (6, 30), (9, 30), (12, 31))[number % 4]) for number in range(RELEASES)]
#: Poolings that are attacked; `make attacks` tries more.
POOLINGS = int(os.environ.get("CONJOIN_POOLINGS", "1"))
CLASSES = ("first_known", "avoidable", "not_avoidable")
#: Who sees audits as rows: the audiences of the shipped policy, by name.
PUBLIC, MEMBERS = ["public"], ["public and consortium_site"]
KEYS = ["breakdown", "value", "audit_class"]


@dataclass(frozen=True)
class Told:
    """Releases, the audits behind each, and what their readers got."""

    releases: list[Release]
    audits: list[pd.DataFrame]
    frames: list[pd.DataFrame]


def grown(rng: random.Random, audits: list[tuple[object, ...]], year: int) -> list[tuple[object, ...]]:
    """The audits of the next release: new ones, a few withdrawn, a few of another class now."""
    parties = [f"party {number}" for number in range(9)]
    kept = [audit for audit in audits if rng.random() > 0.01]
    kept = [(*audit[:5], rng.choice(CLASSES), *audit[6:]) if rng.random() < 0.02 else audit for audit in kept]
    for _ in range(rng.randrange(10, 45)):
        country = rng.choice(["TR", "TR", "TR", "BD", "BD", "VN", "PK", "LK"])
        site = f"{country} {rng.randrange({'TR': 20, 'BD': 12}.get(country, 4))}"
        knowers = sorted(rng.sample(parties, rng.choice([1, 1, 2, 3])))
        scheme = rng.choice(["bsci", "bsci", "smeta_4pillar", "fla"])
        told_year = str(year - rng.choice([0, 0, 1]))
        seen_by = sorted(rng.choices([[], MEMBERS, MEMBERS + PUBLIC], [2, 2, 1])[0])
        audit = (f"event {rng.randrange(10**12)}", site, country, told_year, scheme, rng.choice(CLASSES))
        kept.append((*audit, knowers, seen_by))
    return kept


def release_all(settings: Settings, seed: int) -> Told:
    """Releases over a pooling that grows."""
    rng = random.Random(seed)  # noqa: S311 - a world, no secret
    audits: list[tuple[object, ...]] = []
    told = Told([], [], [])
    for day in DAYS:
        audits = grown(rng, audits, day.year)
        with duckdb.connect() as con:
            con.execute(
                "create table audits (event_id varchar, site_id varchar, country_code varchar, visit_year varchar, "
                "scheme varchar, audit_class varchar, knowers varchar[], seen_by varchar[])"
            )
            con.execute(
                "create table plans (event_id varchar, site_id varchar, planned_month varchar, knowers varchar[], "
                "seen_by varchar[])"
            )
            con.executemany("insert into audits values (?, ?, ?, ?, ?, ?, ?, ?)", audits)
            told.releases.append(make_release(con, settings, day))
            told.audits.append(con.execute("from audits").df())
        told.frames.append(every_cell(told.releases[-1]))
    return told


def every_cell(release: Release) -> pd.DataFrame:
    """What a release tells and the names of all cells: more than readers get, who see none of which nothing is told."""
    rows = [(*vars(one.cell).values(), one.shown, one.as_of, one.is_current) for one in release.cells]
    frame = pd.DataFrame(rows, columns=[*KEYS, "audit_count", "as_of_release", "is_current"])
    return frame.astype({"audit_count": "Int64"})


@pytest.fixture(scope="module", params=range(3, 3 + POOLINGS))
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Releases of one pooling, made once for all processes."""

    def reckon(folder: Path) -> Told:
        return release_all(Settings(data=folder / "data"), request.param)

    return reckoned_once(tmp_path_factory, f"releases-{request.param}", reckon)


class Attacker:
    """Knows the published tables and nothing else; solves for what they leave out.

    A cell that a release tells as of itself, or again as it was told, is known. Everything else he bounds: counts are
    whole, not negative, add up, and (audits are only added) do not shrink.
    """

    def __init__(self, frames: list[pd.DataFrame]) -> None:
        self.place: dict[tuple[object, ...], int] = {}
        for number, frame in enumerate(frames, start=1):
            for row in frame.itertuples(index=False):
                self.place[number, row.breakdown, row.value, row.audit_class] = len(self.place)
        count = len(self.place)
        self.low, self.high = np.zeros(count), np.full(count, 10_000.0)
        self.frames = frames
        for number, frame in enumerate(frames, start=1):
            for row in frame.itertuples(index=False):
                at = self.place[number, row.breakdown, row.value, row.audit_class]
                if row.is_current:
                    self.low[at] = self.high[at] = row.audit_count
        self.rows: list[tuple[dict[int, float], float, float]] = []
        for number, frame in enumerate(frames, start=1):
            self._sums(number, frame)

    def _sums(self, number: int, frame: pd.DataFrame) -> None:
        classes = sorted(set(frame["audit_class"]) - {""})
        for breakdown in sorted(set(frame["breakdown"]) - {""}):
            values = sorted(set(frame.loc[frame["breakdown"] == breakdown, "value"]))
            for name in [*classes, ""]:
                parts = {self.place[number, breakdown, value, name]: 1.0 for value in values}
                self.rows.append((parts | {self.place[number, "", "", name]: -1.0}, 0.0, 0.0))
        for breakdown, value in sorted(set(zip(frame["breakdown"], frame["value"], strict=True))):
            parts = {self.place[number, breakdown, value, name]: 1.0 for name in classes}
            self.rows.append((parts | {self.place[number, breakdown, value, ""]: -1.0}, 0.0, 0.0))

    def assume_growth(self, truth: dict[tuple[object, ...], int]) -> None:
        """Take it that no cell shrinks, where that is true: the strongest that he could guess right."""
        for (number, *cell), at in self.place.items():
            later = self.place.get((number + 1, *cell))
            if later is not None and truth[number, *cell] <= truth[number + 1, *cell]:
                self.rows.append(({at: 1.0, later: -1.0}, -np.inf, 0.0))

    def look_at_rows(self, told: "Told") -> None:
        """Count the audits that members see as rows: a cell holds no fewer."""
        for (number, *cell), at in self.place.items():
            behind = audits_behind(told.audits[int(str(number)) - 1], *map(str, cell))
            self.low[at] = max(self.low[at], sum(len(seen_by) > 0 for seen_by in behind["seen_by"]))

    def interval(self, cell: tuple[object, ...]) -> tuple[float, float]:
        matrix = np.zeros((len(self.rows), len(self.place)))
        for number, (parts, _, _) in enumerate(self.rows):
            matrix[number, list(parts)] = list(parts.values())
        constraint = LinearConstraint(matrix, [row[1] for row in self.rows], [row[2] for row in self.rows])
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(len(self.place))
            aim[self.place[cell]] = sign
            found = milp(
                aim,
                bounds=Bounds(self.low, self.high),
                constraints=constraint,
                integrality=np.ones(len(aim), dtype=int),
            )
            ends.append(sign * found.fun)
        return ends[0], ends[1]


def truth_of(told: Told) -> dict[tuple[object, ...], int]:
    return {
        (release.number, one.cell.breakdown, one.cell.value, one.cell.audit_class): one.count
        for release in told.releases
        for one in release.cells
    }


@pytest.mark.slow
def test_no_withheld_cell_is_pinned(told: Told) -> None:
    rule, truth = policy().release, truth_of(told)
    attacker = Attacker(told.frames)
    attacker.assume_growth(truth)
    attacker.look_at_rows(told)
    hidden = [cell for cell, at in attacker.place.items() if attacker.low[at] != attacker.high[at]]
    assert len(hidden) > 100, "nothing is withheld: the attack tries nothing"
    rng = random.Random(3)  # noqa: S311 - which cells are tried
    before = {}
    for frame_number, frame in enumerate(told.frames, start=1):
        for row in frame.itertuples(index=False):
            before[frame_number, row.breakdown, row.value, row.audit_class] = row.audit_count
    for cell in rng.sample(hidden, 60):
        low, high = attacker.interval(cell)
        assert low <= truth[cell] <= high, f"{cell}: the attacker errs"
        stale = before[cell]
        unknown = truth[cell] if pd.isna(stale) else abs(truth[cell] - stale)
        assert high - low >= max(rule.least_width, rule.least_share * unknown), f"{cell} is pinned to {low}..{high}"


def test_what_is_told_rests_on_enough_without_any_two_readers(told: Told) -> None:
    """Total minus own parts: whatever two readers take out of a cell, three sites and three parties are left."""
    rule = policy().release
    for release, audits in zip(told.releases, told.audits, strict=True):
        for one in release.cells:
            if one.shown is None or one.as_of != release.number or one.count == 0:
                continue
            behind = audits_behind(audits, one.cell.breakdown, one.cell.value, one.cell.audit_class)
            assert len(behind) == one.shown
            assert rests_on_enough(behind, rule.least_sites, rule.least_parties), f"{one} of release {release.number}"


def test_the_shipped_policy_has_these_audiences() -> None:
    assert sorted(audiences()) == sorted([*PUBLIC, *MEMBERS])


def test_total_minus_what_one_sees_rests_on_enough(told: Told) -> None:
    """Every reader sees rows too: what he cannot see of a told cell is nothing, or rests on enough."""
    rule, tried = policy().release, 0
    for release, audits in zip(told.releases, told.audits, strict=True):
        for one in release.cells:
            if one.shown is None or one.as_of != release.number:
                continue
            behind = audits_behind(audits, one.cell.breakdown, one.cell.value, one.cell.audit_class)
            for audience in audiences():
                left = behind[[audience not in seen_by for seen_by in behind["seen_by"]]]
                tried += len(left) > 0
                assert left.empty or rests_on_enough(left, rule.least_sites, rule.least_parties), f"{one}, {audience}"
    assert tried > 50


def test_what_changed_between_two_releases_rests_on_enough(told: Told) -> None:
    """Difference between two nights: a cell that is told anew changed by enough sites and parties, or not at all."""
    rule, changed = policy().release, 0
    last: dict[object, tuple[int, pd.DataFrame]] = {}
    for release, audits in zip(told.releases, told.audits, strict=True):
        for one in release.cells:
            if one.shown is None or one.as_of != release.number:
                continue
            behind = audits_behind(audits, one.cell.breakdown, one.cell.value, one.cell.audit_class)
            if one.cell in last and last[one.cell][0] != one.shown:
                then = last[one.cell][1]
                difference = pd.concat([behind, then]).drop_duplicates("event_id", keep=False)
                assert rests_on_enough(difference, rule.least_sites, rule.least_parties), f"{one} changed by too little"
                changed += 1
            last[one.cell] = (one.shown, behind)
    assert changed > 20, "no cell was ever told anew: the attack tries nothing"


def test_something_is_told(told: Told) -> None:
    """A table of blanks would be safe as well."""
    last = told.frames[-1]
    assert last["audit_count"].notna().mean() > 0.4
    assert last.loc[(last["breakdown"] == "") & (last["audit_class"] == ""), "audit_count"].notna().all()


@pytest.mark.slow
def test_the_attacker_is_no_fool(told: Told) -> None:
    """Without the second suppression he finds cells: sums tell what a single blank in a row withholds."""
    frame, release = told.frames[0].copy(), told.releases[0]
    counts = {(one.cell.breakdown, one.cell.value, one.cell.audit_class): one.count for one in release.cells}
    frame["audit_count"] = [counts[key] for key in frame[KEYS].itertuples(index=False, name=None)]
    frame["is_current"] = True
    smallest = frame[(frame["breakdown"] == "country_code") & (frame["audit_class"] != "")]["audit_count"].idxmin()
    frame.loc[smallest, "is_current"] = False
    row = frame.loc[smallest]
    low, high = Attacker([frame]).interval((1, row["breakdown"], row["value"], row["audit_class"]))
    assert low == high == row["audit_count"]


def audits_behind(audits: pd.DataFrame, breakdown: str, value: str, audit_class: str) -> pd.DataFrame:
    chosen = audits if breakdown == "" else audits[audits[breakdown] == value]
    return chosen if audit_class == "" else chosen[chosen["audit_class"] == audit_class]


def rests_on_enough(audits: pd.DataFrame, sites: int, parties: int) -> bool:
    everybody = sorted({name for knowers in audits["knowers"] for name in knowers})
    for pair in combinations([*everybody, "nobody"], 2):
        left = audits[[not set(pair) & set(knowers) for knowers in audits["knowers"]]]
        others = {name for knowers in left["knowers"] for name in knowers}
        if left["site_id"].nunique() < sites or len(others) < parties:
            return False
    return bool(everybody)
