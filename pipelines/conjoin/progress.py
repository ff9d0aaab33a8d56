"""How far something long has come, for whoever listens: nobody, unless a listener is put in place.

A long piece of work opens a stage, says how far it is, and closes it; stages lie within stages. Nothing that is
concluded may hang on who listens. A listener hears the thread that put it in place, and what that thread starts with
its context; work in other threads reports nothing.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

_Item = TypeVar("_Item")


class Listener(Protocol):
    """Who is told of stages. The innermost open stage is the one that moves and ends."""

    def begun(self, stage: str, total: int | None) -> None:
        """A stage has begun, of so many parts if that is known."""

    def reached(self, done: int, now: str) -> None:
        """So many parts of the innermost stage are done; ``now`` is what it is at, if it says."""

    def ended(self) -> None:
        """The innermost stage has ended, well or not."""


_LISTENER: ContextVar[Listener | None] = ContextVar("progress_listener", default=None)


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Tell this listener of every stage within the block; None for nobody."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


class Stage:
    """An open stage."""

    def __init__(self, listener: Listener | None) -> None:
        """Of nobody, what it says is lost."""
        self._listener = listener
        self._begun = 0

    def reach(self, done: int, now: str = "") -> None:
        """Say that so many parts are done."""
        if self._listener:
            self._listener.reached(done, now)

    def now(self, what: str) -> None:
        """Say what the next part is; all that were named before are done."""
        self.reach(self._begun, what)
        self._begun += 1


@contextmanager
def stage(name: str, total: int | None = None) -> Iterator[Stage]:
    """A stage of some work, of so many parts if that is known."""
    listener = _LISTENER.get()
    if listener:
        listener.begun(name, total)
    try:
        yield Stage(listener)
    finally:
        if listener:
            listener.ended()


def counted(name: str, items: Collection[_Item]) -> Iterator[_Item]:
    """Items one after the other, as a stage: each is done once the next is asked for."""
    with stage(name, len(items)) as told:
        for done, item in enumerate(items):
            told.reach(done)
            yield item
