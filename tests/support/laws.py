"""How many examples a law is tried with: a few, always the same, by default; thousands, at random, in ``make soak``.

A run of matching costs the same quarter of a second for ten records as for a thousand, so thousands of small worlds
are tried in crowds: each settles in countries of its own, and one run matches them all.
"""

import os
import secrets
from collections.abc import Callable
from string import ascii_uppercase
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

#: Set by ``make soak``.
EXAMPLES = int(os.environ.get("CONJOIN_EXAMPLES", "0"))
#: Without it, of laws that are tried in crowds: always the same, and as quick as four or five examples one by one.
_CROWDS = 2
Example = TypeVar("Example")
_ANY_SIZE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def law(examples: int, **more: Any) -> settings:
    """Settings of a law that the default run tries with so many examples."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        deadline=None,
        suppress_health_check=_ANY_SIZE,
        print_blob=True,
        **more,
    )


def crowd_law(
    strategy: SearchStrategy[Example], crowd: int, *known: Example
) -> Callable[[Callable[[list[Example]], None]], Callable[[], None]]:
    """Make a test of a law over crowds of so many examples; ``known`` are examples that every run tries."""

    def test_of(check: Callable[[list[Example]], None]) -> Callable[[], None]:
        def crowds() -> None:
            number = int(os.environ.get("CONJOIN_LAWS_SEED") or (secrets.randbelow(1_000_000) if EXAMPLES else 0))
            drawn = [*known, *drawn_from(strategy, EXAMPLES or _CROWDS * crowd - len(known), number)]
            for start in range(0, len(drawn), crowd):
                _hold(check, drawn[start : start + crowd], f"CONJOIN_LAWS_SEED={number}, examples from {start}")

        return _named(crowds, check)

    return test_of


def country_of(code: str, world: int) -> str:
    """The country of a record in that world of a crowd, where the first has the countries as they are written."""
    return code and code[0] + ascii_uppercase[(ascii_uppercase.index(code[1]) + world) % 26]


def _named(test: Any, check: Any) -> Any:
    test.__name__, test.__qualname__, test.__module__ = check.__name__, check.__qualname__, check.__module__
    test.__doc__ = check.__doc__
    return test


def drawn_from(strategy: SearchStrategy[Any], count: int, number: int) -> list[Any]:
    """So many examples, as Hypothesis makes them from that random number."""
    found: list[Any] = []

    @seed(number)
    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None, suppress_health_check=_ANY_SIZE
    )
    @given(strategy)
    def collect(case: Any) -> None:
        found.append(case)

    collect()
    return found


def _hold(check: Callable[[list[Any]], None], crowd: list[Any], where: str) -> None:
    """Try a crowd; if the law breaks, tell the first example that breaks it alone, or that only the crowd does."""
    try:
        check(crowd)
    except Exception as broken:
        for case in crowd:
            try:
                check([case])
            except Exception as alone:
                raise AssertionError(f"{where}: {case!r}") from alone
        raise AssertionError(f"{where}: only all of {len(crowd)} together break it") from broken
