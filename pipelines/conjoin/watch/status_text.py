"""How things stand, in Markdown: for the terminal, for Prefect's artifact, and for a notification."""

import textwrap
from collections.abc import Iterator
from datetime import datetime

from conjoin.plain import visible
from conjoin.watch.status import Change, SourceStatus, Status
from conjoin.watch.troubles import KINDS, Trouble, sources_in_trouble

_SHOUTED = ("damaged", "refused", "broken", "failed")
_NAMES = {kind: kind.upper() if kind in _SHOUTED else kind for kind in KINDS}
_DAY = "%Y-%m-%d"
_MOMENT = "%Y-%m-%d %H:%M UTC"
_RUNS_SHOWN = 4
_TROUBLES_SHOWN = 8
_TROUBLE_LETTERS = 220
_REFUSALS_SHOWN = 4
_NEXT_SHOWN = 30


def status_text(status: Status) -> str:
    """The whole of it, what is wrong first."""
    parts = [
        _troubles(status),
        _sources(status),
        _runs(status),
        _published(status),
        _next_runs(status),
        _machine(status),
    ]
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part))) + "\n"


def trouble_lines(troubles: list[Trouble], letters: int = 10_000) -> list[str]:
    """One line per trouble, the worst first, each told in so many letters at most."""
    return [
        f"- **{_NAMES[trouble.kind]}** {trouble.source_name}, since {trouble.since:{_DAY}}: "
        + escaped(textwrap.shorten(trouble.what, letters, placeholder=" ..."))
        for trouble in troubles
    ]


def escaped(text: str) -> str:
    """Text of a file or a person as it may stand in a Markdown table or list: on one line, nothing of it markup."""
    return "".join(
        f"\\{letter}" if letter in "\\`*_{}[]<>#|" else letter for letter in visible(text.replace("\n", " "))
    )


def _troubles(status: Status) -> Iterator[str]:
    if status.troubles:
        yield f"### Not in order: {len(status.troubles)}"
        yield ""
        yield from trouble_lines(status.troubles[:_TROUBLES_SHOWN], _TROUBLE_LETTERS)
        if len(status.troubles) > _TROUBLES_SHOWN:
            yield f"- and {len(status.troubles) - _TROUBLES_SHOWN} more: `conjoin sql 'from marts.source_freshness'`"
    elif not status.notes:
        yield "### Everything that was delivered counts, and nothing is late"
    yield from (f"- **{escaped(note)}**" for note in status.notes)


def _sources(status: Status) -> Iterator[str]:
    if not status.sources:
        yield "No source is declared yet: begin one with `conjoin new-source`."
        return
    yield "| Source | State | Last delivered | On | Rows | Refused rows |"
    yield "| --- | --- | --- | --- | ---: | ---: |"
    wrong = sources_in_trouble(status.troubles)
    for source in sorted(status.sources, key=lambda source: (source.name not in wrong, source.name)):
        cells = (
            source.name,
            _state(source, wrong.get(source.name, [])),
            escaped(source.last_file),
            f"{source.delivered_at:{_DAY}}" if source.delivered_at else "",
            f"{source.row_count:,}",
            f"{source.refused_row_count:,}",
        )
        yield f"| {' | '.join(cells)} |"


def _state(source: SourceStatus, troubles: list[Trouble]) -> str:
    if troubles:
        return ", ".join(dict.fromkeys(_NAMES[trouble.kind] for trouble in troubles))
    return "ok" if source.last_file else "nothing delivered"


def _runs(status: Status) -> Iterator[str]:
    yield "### Last runs"
    yield ""
    for record in status.runs[:_RUNS_SHOWN]:
        told = f": {escaped(record.message)}" if record.message else ""
        yield f"- {record.purpose}, {_moment(record.started_at)}: **{record.outcome}** in {record.seconds:.0f} s{told}"
    if not status.runs:
        yield "- none yet: `conjoin run`"
    if status.running:
        yield f"- at work now: {status.running}"


def _published(status: Status) -> Iterator[str]:
    if status.published is None:
        yield "### Nothing is published yet"
        return
    yield f"### Published: version {status.published.number}, {_moment(status.published.published_at)}"
    yield ""
    yield from (f"- {_figure(change)}" for change in status.changes)
    if status.site_changes:
        told = ", ".join(f"{count:,} {event}" for event, count in status.site_changes.items())
        yield f"- sites since the version before: {told}"
    if status.new_refusals:
        more = len(status.new_refusals) - _REFUSALS_SHOWN
        told = "; ".join(escaped(text) for text in status.new_refusals[:_REFUSALS_SHOWN])
        yield f"- refused since the version before: {told}" + (f"; and of {more} more files" if more > 0 else "")
    yield f"- {status.previous_count} earlier versions are kept; `conjoin publish --previous` goes back"


def _figure(change: Change) -> str:
    difference = (
        "" if change.difference is None else f" ({change.difference:+,})" if change.difference else " (as before)"
    )
    return f"{change.name}: {change.value:,}{difference}"


def _next_runs(status: Status) -> Iterator[str]:
    yield "### Next runs"
    yield ""
    if status.served_by is None:
        yield "- none: `conjoin serve` is not running here, so nothing starts by itself"
    elif status.server_silence:
        yield f"- unknown: {escaped(status.server_silence)}"
    else:
        for run in status.next_runs[:_NEXT_SHOWN]:
            yield f"- {_moment(run.starts_at) if run.starts_at else 'never planned'}: {escaped(run.title)}"
        yield f"- served by process {status.served_by.process} on {status.served_by.url}"


def _machine(status: Status) -> Iterator[str]:
    yield f"Free disk: {status.free_bytes / 1e9:.1f} GB. As of {_moment(status.taken_at)}."


def _moment(at: datetime) -> str:
    return f"{at:{_MOMENT}}"
