"""What is not in order today: sources refused, damaged, late or shrunk, pages that could not be made."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from conjoin.keeping.archive import Archive
from conjoin.keeping.landing import Load, in_force
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sources.conversions import end_of_period
from conjoin.sources.envelopes import DEFAULT_SHARE_OF_LAST
from conjoin.steps.deliveries import sources_in_use, standing_refusals
from conjoin.steps.erase import Due, due_deliveries
from conjoin.steps.landed import LandedState
from conjoin.steps.lateness import FeedState, feed_states
from conjoin.steps.pages.kept import kept_pages

Kind = Literal["damaged", "refused", "broken", "failed", "shrunk", "late", "due"]
#: The worst first.
KINDS: tuple[Kind, ...] = ("damaged", "refused", "broken", "failed", "shrunk", "late", "due")


@dataclass(frozen=True)
class Trouble:
    """One thing that is not in order.

    Attributes:
        kind: ``damaged`` an original in the archive, ``refused`` a delivery, ``broken`` a declaration, ``failed``
            a page or answer that could not be made, ``shrunk`` a delivery with far fewer rows than the period before,
            ``late`` a delivery that was expected, ``due`` what is kept longer than its declaration allows.
        source_name: Of which source; of a page its file.
        since: The day since when.
        what: In words, with file and advice.
    """

    kind: Kind
    source_name: str
    since: date
    what: str

    @property
    def stops_green(self) -> bool:
        """Whether a run must not end green over it: something does not count that was delivered, or a page failed."""
        return self.kind in ("damaged", "refused", "broken", "failed")


def find_troubles(settings: Settings, state: LandedState, day: date) -> list[Trouble]:
    """Everything that is not in order as of ``day``, the worst first, then by source."""
    found = [*_damaged(settings), *_refused(state), *_broken(day), *_shrunk(state), *_late(settings, state, day)]
    found += [*_failed(settings), *_due(settings, day)]
    return sorted(found, key=lambda trouble: (KINDS.index(trouble.kind), trouble.source_name, trouble.since))


def _damaged(settings: Settings) -> Iterator[Trouble]:
    archive = Archive(settings.archive)
    entries = archive.entries()
    for name in sorted({entry.source_name for entry in entries}):
        for entry in in_force(entries, name):
            if not archive.looks_whole(entry):
                told = (
                    f"{entry.file_name}: its original in the archive is damaged or missing; `conjoin doctor` says more"
                )
                yield Trouble("damaged", name, entry.recorded_at.date(), told)


def _refused(state: LandedState) -> Iterator[Trouble]:
    for load in standing_refusals(state.loads):
        yield Trouble("refused", load.source_name, load.delivered_at.date(), load.refusal)


def _broken(day: date) -> Iterator[Trouble]:
    for name, told in registry.broken_sources().items():
        yield Trouble("broken", name, day, told)


def _failed(settings: Settings) -> Iterator[Trouble]:
    """Pages and answers that could not be made since they were last good."""
    for page in kept_pages(settings):
        if page.failure and page.failed_on:
            stays = f"the one of {page.day} stays" if page.day else "there is none yet"
            yield Trouble("failed", page.file_name, page.failed_on, f"it could not be made; {stays}: {page.failure}")


def _shrunk(state: LandedState) -> Iterator[Trouble]:
    """Feeds whose newest period has far fewer rows than the one before; what replaces a file is refused then."""
    feeds: dict[tuple[str, str], list[Load]] = {}
    for load in state.current:
        if load.period:
            feeds.setdefault((load.source_name, load.feed), []).append(load)
    for (source_name, feed), loads in sorted(feeds.items()):
        *_, before, newest = [None, *sorted(loads, key=lambda load: (end_of_period(load.period), load.ledger_line))]
        if (
            before is not None
            and newest is not None
            and newest.rows_read < _least(source_name, feed) * before.rows_read
        ):
            told = (
                f"{newest.file_name}: {newest.rows_read} rows, {before.file_name} had {before.rows_read}; is it "
                "complete? If it is, lower expect.min.share_of_last in the declaration"
            )
            yield Trouble("shrunk", source_name, newest.delivered_at.date(), told)


def _least(source_name: str, feed: str) -> float:
    source = registry.sources().get(source_name)
    declared = source.feed[feed].expect.min.share_of_last if source and feed in source.feed else None
    return declared or DEFAULT_SHARE_OF_LAST


def _late(settings: Settings, state: LandedState, day: date) -> Iterator[Trouble]:
    """One trouble per source, however many of its feeds are late."""
    for name, source in sources_in_use(settings).items():
        loads = [found for found in state.loads if found[0].source_name == name]
        late = [feed for feed in feed_states(source, loads, day) if feed.is_late]
        if late:
            told = "; ".join(_overdue(feed) for feed in late)
            yield Trouble("late", name, min(feed.due_date for feed in late), f"{told}. Ask its owner, {source.owner}")


def _due(settings: Settings, day: date) -> Iterator[Trouble]:
    """One trouble per source, however many of its files are kept too long."""
    found: dict[str, list[Due]] = {}
    for due in due_deliveries(settings, day):
        found.setdefault(due.entry.source_name, []).append(due)
    for name, kept in found.items():
        told = (
            f"{len(kept)} files are kept longer than retention_months = {kept[0].months} allows, the oldest "
            f"{kept[0].entry.file_name}; `conjoin retention` lists them, `conjoin retention --erase` removes them"
        )
        yield Trouble("due", name, kept[0].due_since, told)


def _overdue(feed: FeedState) -> str:
    if feed.expected_period and feed.newest_period < feed.expected_period:
        return f"{feed.feed}: {feed.expected_period} was due by {feed.due_date}, the newest is {feed.newest_period}"
    return f"{feed.feed}: a delivery was due by {feed.due_date}"


def sources_in_trouble(troubles: Iterable[Trouble]) -> dict[str, list[Trouble]]:
    """The troubles of each source."""
    found: dict[str, list[Trouble]] = {}
    for trouble in troubles:
        found.setdefault(trouble.source_name, []).append(trouble)
    return found
