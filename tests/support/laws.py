"""How many examples a law is tried with: a few, always the same, by default; thousands, at random, in ``make soak``."""

import os
from typing import Any

from hypothesis import HealthCheck, settings

#: Set by ``make soak``.
EXAMPLES = int(os.environ.get("CONJOIN_EXAMPLES", "0"))


def law(examples: int, **more: Any) -> settings:
    """Settings of a law that the default run tries with so many examples."""
    return settings(
        max_examples=EXAMPLES or examples,
        derandomize=not EXAMPLES,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
        print_blob=True,
        **more,
    )
