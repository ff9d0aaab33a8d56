"""Hears how far a step says it is, and that every stage that begins also ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from conjoin.progress import listening


class Recorder:
    """What a listener hears, checked as it comes."""

    def __init__(self) -> None:
        self.open: list[tuple[str, int | None]] = []
        self.heard: set[str] = set()

    def begun(self, stage: str, total: int | None) -> None:
        self.open.append((stage, total))
        self.heard.add(stage)

    def reached(self, done: int, now: str) -> None:
        name, total = self.open[-1]
        assert 0 <= done <= (total or done), (name, done, total)

    def ended(self) -> None:
        self.open.pop()


@contextmanager
def recorded(*stages: str) -> Iterator[None]:
    """Within the block these stages are heard, and all that are begun end."""
    recorder = Recorder()
    with listening(recorder):
        yield
    assert recorder.open == []
    assert set(stages) <= recorder.heard
