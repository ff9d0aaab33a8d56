"""A tombstone says what must be nowhere; it stands until the same content is let in again."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.keeping import erasure
from conjoin.keeping.archive import Archive, LedgerEntry, now
from conjoin.keeping.erasure import erased_deliveries, erased_hashes, tombstones, unsettled_tombstone
from conjoin.keeping.landing import Landing, Load, in_force
from conjoin.keeping.run_lock import run_lock
from conjoin.settings import Settings
from conjoin.steps.erase import kept_deliveries, months_after
from support.laws import law

EVENTS = st.sampled_from(["delivered", "delivered", "withdrawn", "erased", "readmitted"])


def entry(event: str, source: str, name: str, content: str, place: int = 0) -> LedgerEntry:
    """An event; content names the hash."""
    return LedgerEntry.model_validate(
        {
            "event": event,
            "source_name": source,
            "file_name": name,
            "content_hash": content,
            "recorded_at": datetime(2026, 5, 1, tzinfo=UTC),
            "place": place,
        }
    )


LEDGERS = st.lists(
    st.builds(entry, EVENTS, st.sampled_from("xy"), st.sampled_from(["a", "b"]), st.sampled_from("123")), max_size=12
)


def _force(ledger: list[LedgerEntry]) -> set[tuple[str, str, str]]:
    return {(e.source_name, e.file_name, e.content_hash) for name in "xy" for e in in_force(ledger, name)}


@law(300)
@given(LEDGERS)
def test_what_is_erased_is_not_in_force_and_what_is_in_force_is_kept(ledger: list[LedgerEntry]) -> None:
    alive = {content for _, _, content in _force(ledger)}
    assert erased_hashes(ledger).isdisjoint(alive)
    assert erased_hashes(ledger) <= tombstones(ledger).keys()
    kept = {(e.source_name, e.file_name, e.content_hash) for e in kept_deliveries(ledger)}
    assert _force(ledger) <= kept
    assert kept.isdisjoint((e.source_name, e.file_name, e.content_hash) for e in erased_deliveries(ledger))


@law(300)
@given(LEDGERS, st.permutations([("x", "a", "1"), ("x", "b", "1"), ("y", "a", "2"), ("x", "a", "3")]))
def test_the_order_of_erasures_does_not_matter(ledger: list[LedgerEntry], stones: list[tuple[str, str, str]]) -> None:
    first = [*ledger, *(entry("erased", *stone) for stone in stones)]
    second = [*ledger, *(entry("erased", *stone) for stone in sorted(stones))]
    assert _force(first) == _force(second) == _force(ledger) - set(stones)
    assert erased_hashes(first) == erased_hashes(second)


def test_a_tombstone_stands_until_its_content_is_let_in_again() -> None:
    ledger = [entry("delivered", "x", "a", "1"), entry("erased", "x", "a", "1")]
    assert unsettled_tombstone(entry("delivered", "x", "a", "1"), ledger) == ledger[1]
    assert unsettled_tombstone(entry("delivered", "y", "other", "1"), ledger) == ledger[1]
    assert unsettled_tombstone(entry("delivered", "x", "a", "2"), ledger) is None
    ledger += erasure.readmitted(entry("delivered", "x", "a", "1", place=3), "a new agreement")
    assert [(e.event, e.note, e.place) for e in ledger[2:]] == [
        ("readmitted", "a new agreement", 3),
        ("delivered", "", 4),
    ]
    assert unsettled_tombstone(entry("delivered", "x", "a", "1"), ledger) is None
    assert erased_deliveries(ledger) == []
    assert erased_hashes([*ledger, entry("withdrawn", "x", "a", "1")]) == set()  # a withdrawal alone keeps it


def test_a_file_in_force_is_not_told_of_the_tombstone_of_another_with_the_same_bytes() -> None:
    ledger = [entry("delivered", "x", "a", "1"), entry("delivered", "x", "b", "1"), entry("erased", "x", "a", "1")]
    assert unsettled_tombstone(entry("delivered", "x", "b", "1"), ledger) is None
    assert unsettled_tombstone(entry("delivered", "x", "a", "1"), ledger) == ledger[2]


def stored(settings: Settings, source: str, name: str, data: bytes) -> LedgerEntry:
    """Deliver a file and land it, as a run does."""
    archive = Archive(settings.archive)
    content_hash, count = archive.store(io.BytesIO(data))
    delivered = LedgerEntry(
        event="delivered",
        source_name=source,
        file_name=name,
        content_hash=content_hash,
        byte_count=count,
        recorded_at=now(),
    )
    archive.record([delivered])
    load: dict[str, Any] = {
        "load_id": f"{source}-{name}-{content_hash[:6]}",
        "source_name": source,
        "feed": "log",
        "file_name": name,
        "content_hash": content_hash,
        "byte_count": count,
        "delivered_at": now(),
        "load_status": "landed",
    }
    Landing(settings.landing).finish(Load.model_validate(load))
    return delivered


def stone(delivered: LedgerEntry) -> LedgerEntry:
    """Its erasure."""
    return delivered.model_copy(update={"event": "erased", "note": "asked"})


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_bytes_that_another_delivery_has_stay_until_that_goes_too(settings: Settings, order: tuple[int, int]) -> None:
    both = [stored(settings, "x", "a", b"same"), stored(settings, "y", "b", b"same")]
    other = stored(settings, "x", "c", b"other")
    archive = Archive(settings.archive)
    erasure.erase(settings, [stone(both[order[0]])])
    assert archive.original(both[0].content_hash).read_bytes() == b"same"
    assert {load.file_name for name in "xy" for load in Landing(settings.landing).loads(name)} == {
        both[order[1]].file_name,
        "c",
    }
    erasure.erase(settings, [stone(both[order[1]])])
    assert not archive.holds(both[0].content_hash)
    assert archive.holds(other.content_hash)
    assert [load.file_name for load in Landing(settings.landing).loads("x")] == ["c"]
    assert Landing(settings.landing).loads("y") == []


def test_whoever_holds_the_lock_next_finishes_an_erasure_that_was_killed(settings: Settings) -> None:
    delivered = stored(settings, "x", "a", b"secret")
    archive = Archive(settings.archive)
    archive.record([stone(delivered)])
    settings.matching.mkdir()
    with run_lock(settings, "a run"):
        assert archive.holds(delivered.content_hash)  # nobody said that an erasure is under way
        assert settings.matching.exists()
    (settings.archive / ".erasing").touch()
    with run_lock(settings, "a run"):
        assert not archive.holds(delivered.content_hash)
        assert not settings.matching.exists()
    assert not (settings.archive / ".erasing").exists()


def test_what_runs_said_of_an_erased_file_is_forgotten_and_the_rest_is_not(settings: Settings) -> None:
    delivered = stored(settings, "x", "visits.csv", b"secret")
    settings.run_journal.write_text(
        '{"purpose": "nightly run", "message": "x: visits.csv, line 3: \'Quokka\'"}\ntorn\n{"message": "all well"}\n',
        encoding="utf-8",
    )
    settings.told.write_text('["refused x visits.csv: Quokka"]', encoding="utf-8")
    erasure.erase(settings, [stone(delivered)])
    assert settings.run_journal.read_text(encoding="utf-8").splitlines() == [
        '{"purpose": "nightly run", "message": "(said of a file that was erased since)"}',
        "",
        '{"message": "all well"}',
    ]
    assert not settings.told.exists()


MONTHS = [
    ("2026-01-31", 1, "2026-02-28"),
    ("2024-01-31", 1, "2024-02-29"),
    ("2026-11-30", 1, "2026-12-30"),
    ("2026-11-30", 2, "2027-01-30"),
    ("2026-05-05", 24, "2028-05-05"),
    ("2024-02-29", 12, "2025-02-28"),
]


@pytest.mark.parametrize(("day", "months", "later"), MONTHS)
def test_months_after_a_day(day: str, months: int, later: str) -> None:
    assert months_after(datetime.fromisoformat(day).date(), months).isoformat() == later


def test_a_load_that_nobody_can_read_goes_with_an_erasure(settings: Settings, tmp_path: Path) -> None:
    delivered = stored(settings, "x", "a", b"secret")
    (settings.landing / "x" / "x-damaged").mkdir()
    (settings.landing / "x" / "x-damaged" / "site_records.parquet").write_bytes(b"who knows")
    erasure.erase(settings, [stone(delivered)])
    assert list((settings.landing / "x").iterdir()) == []
