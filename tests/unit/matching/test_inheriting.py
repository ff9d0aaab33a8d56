from dataclasses import dataclass, field

import duckdb
import pandas as pd

from conjoin.matching.inputs import load_input
from conjoin.matching.run import MatchOptions, match_records
from conjoin.matching.sites.site_ids import mint_site_id

Row = dict[str, object]


def _row(record_id: str, name: str, day: str = "2026-01-01") -> Row:
    return {
        "record_id": record_id,
        "source_name": record_id.split(":")[0],
        "site_name": name,
        "site_address": "No. 12 Harbour Road, Seaview Industrial Area",
        "country_code": "BD",
        "first_delivered_at": f"{day} 08:00:00",
    }


def _judged(left: str, right: str, verdict: str = "NEGATIVE") -> Row:
    return {"record_id_left": left, "record_id_right": right, "judgement": verdict, "decided_at": "2026-01-01"}


@dataclass
class Days:
    """Runs on successive days, each with the journal of those before."""

    journal: list[tuple[object, ...]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    aliases: dict[str, str | None] = field(default_factory=dict)
    day: int = 0

    def run(self, records: list[Row], judgements: list[Row] | None = None, unread: str = "") -> dict[str, str]:
        self.day += 1
        with duckdb.connect() as con:
            history = pd.DataFrame(self.journal, columns=self.columns) if self.journal else None
            judged = pd.DataFrame(judgements) if judgements else None
            load_input(con, pd.DataFrame(records), judgements=judged, site_history=history)
            when = pd.Timestamp("2026-02-01") + pd.Timedelta(days=self.day)
            match_records(con, MatchOptions(recorded_at=when.to_pydatetime(), unread_sources=frozenset({unread})))
            changes = con.execute("from matching.site_changes").df()
            self.columns = list(changes.columns)
            self.journal += changes.itertuples(index=False, name=None)
            self.aliases = dict(con.execute("select alias_site_id, site_id from matching.site_aliases").fetchall())
            return dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())

    def events(self) -> list[str]:
        """What the last run wrote into the journal."""
        when = pd.Timestamp("2026-02-01") + pd.Timedelta(days=self.day)
        return sorted({str(row[1]) for row in self.journal if row[0] == when})


ZEPHYRINE = "Zephyrine Garments Ltd"


def test_a_site_that_grows_keeps_its_id_even_if_the_newcomer_comes_first_in_order() -> None:
    days = Days()
    before = days.run([_row("m:1", ZEPHYRINE)])
    after = days.run([_row("m:1", ZEPHYRINE), _row("a:1", "Zephyrine Garments")])
    assert before["m:1"] == mint_site_id("m:1") == after["m:1"] == after["a:1"]
    assert days.events() == ["joined"]


def test_the_same_again_changes_nothing() -> None:
    days = Days()
    records = [_row("m:1", ZEPHYRINE), _row("a:1", "Zephyrine Garments"), _row("c:1", "Quillon Fashions")]
    assert days.run(records) == days.run(list(reversed(records)))
    assert days.events() == []


def test_the_founder_was_delivered_first_whatever_its_name() -> None:
    sites = Days().run([_row("a:1", ZEPHYRINE, "2026-01-02"), _row("z:1", ZEPHYRINE, "2026-01-01")])
    assert set(sites.values()) == {mint_site_id("z:1")}


def test_a_merge_keeps_the_older_id_and_leaves_an_alias() -> None:
    days = Days()
    records = [_row("a:1", ZEPHYRINE, "2026-01-02"), _row("b:1", "Quillon Fashions", "2026-01-01")]
    before = days.run(records)
    after = days.run(records, [_judged("a:1", "b:1", "POSITIVE")])
    assert set(after.values()) == {before["b:1"]}
    assert days.aliases == {before["a:1"]: before["b:1"]}
    assert days.events() == ["joined", "merged"]


def test_a_split_gives_back_the_former_id_and_closes_the_alias() -> None:
    days = Days()
    records = [_row("a:1", ZEPHYRINE), _row("b:1", "Quillon Fashions")]
    before = days.run(records)
    days.run(records, [_judged("a:1", "b:1", "POSITIVE")])
    assert days.run(records) == before
    assert days.aliases == {}
    assert days.events() == ["joined", "revived", "split"]


def test_a_split_keeps_the_id_with_the_part_that_people_judged() -> None:
    days = Days()
    records = [_row(f"{source}:1", ZEPHYRINE) for source in "abcd"]
    before = days.run(records)
    assert len(set(before.values())) == 1
    judged = [_judged("a:1", "b:1"), _judged("b:1", "c:1", "POSITIVE"), _judged("c:1", "d:1", "POSITIVE")]
    after = days.run(records, judged)
    assert after["b:1"] == after["c:1"] == after["d:1"] == before["a:1"]
    assert after["a:1"] == mint_site_id("a:1", generation=1)


def test_a_split_keeps_the_id_with_the_judged_part_even_if_the_other_is_larger() -> None:
    days = Days()
    judged = [_judged("d:1", "e:1", "POSITIVE")]
    before = days.run([_row(f"{source}:1", ZEPHYRINE) for source in "abcde"], judged)
    assert len(set(before.values())) == 1
    names = dict.fromkeys("abc", "Quillon Fashions") | dict.fromkeys("de", ZEPHYRINE)
    after = days.run([_row(f"{source}:1", name) for source, name in names.items()], judged)
    assert after["d:1"] == after["e:1"] == before["d:1"]
    assert after["a:1"] == after["b:1"] == after["c:1"] != before["a:1"]


def test_aliases_of_aliases_lead_to_the_site_of_today() -> None:
    days = Days()
    records = [_row(f"{s}:1", name, f"2026-01-0{n}") for n, (s, name) in enumerate(zip("abc", "QXZ", strict=True), 1)]
    first = days.run(records)
    days.run(records, [_judged("b:1", "c:1", "POSITIVE")])
    assert days.aliases == {first["c:1"]: first["b:1"]}
    days.run(records, [_judged("b:1", "c:1", "POSITIVE"), _judged("a:1", "b:1", "POSITIVE")])
    assert days.aliases == {first["c:1"]: first["a:1"], first["b:1"]: first["a:1"]}


def test_withdrawn_records_leave_a_tombstone_and_come_back_under_the_same_id() -> None:
    days = Days()
    both = [_row("a:1", ZEPHYRINE), _row("b:1", "Quillon Fashions")]
    first = days.run(both)
    days.run(both[1:])
    assert days.aliases == {first["a:1"]: None}
    assert days.run(both) == first
    assert days.events() == ["joined", "revived"]


def test_records_that_could_not_be_read_are_not_withdrawn() -> None:
    days = Days()
    both = [_row("a:1", ZEPHYRINE), _row("b:1", "Quillon Fashions")]
    first = days.run(both)
    days.run(both[1:], unread="a")
    assert days.events() == []
    assert days.run(both) == first
    assert days.events() == []
