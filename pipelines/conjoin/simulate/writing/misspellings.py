"""How organisations and audit firms are written down by hand: another case, a legal form, a mark, at times an error."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from anyascii import anyascii

#: Of the names in a hand-kept list, so many are written in another way; of these, so few with a typing error.
SHARE = 0.06
_ERROR_SHARE = 0.1
_WAYS: tuple[Callable[[str], str], ...] = (
    str.upper,
    lambda name: f"{name} Ltd.",
    lambda name: f"{name} GmbH",
    lambda name: name.replace("&", "and"),
    anyascii,
    lambda name: name.replace(" ", "-", 1),
    lambda name: f" {name}.",
)


def misspelt(names: pd.Series, rng: np.random.Generator, parting: str) -> pd.Series:
    """The names with some written in another way.

    Args:
        names: As they truly are; null where nobody is named.
        rng: Source of all chance.
        parting: What stands between several names; such cells stay as they are.
    """
    plain = names.notna() & ~names.fillna("").str.contains(parting, regex=False)
    rows = np.flatnonzero(plain & (rng.random(len(names)) < SHARE))
    ways = rng.integers(0, len(_WAYS), len(rows))
    has_error = rng.random(len(rows)) < _ERROR_SHARE
    told = names.to_numpy(dtype=object).copy()
    for row, way, is_wrong in zip(rows, ways, has_error, strict=True):
        name = str(told[row])
        cut = int(rng.integers(1, max(len(name) - 1, 2)))
        told[row] = name[:cut] + name[cut + 1 :] if is_wrong else _WAYS[way](name)
    return pd.Series(told, index=names.index, dtype=object)
