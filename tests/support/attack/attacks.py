"""Damaged files without end, made by chance from the valid ones."""

import random
from collections.abc import Iterator, Sequence

from support.attack.cells import CELLS
from support.attack.damage import DAMAGES
from support.attack.inputs import Attack, Seed
from support.attack.trees import TREES
from support.attack.workbooks import WORKBOOKS


def attacks(known: Sequence[Seed], chance: random.Random) -> Iterator[Attack]:
    """A seed is taken as often as any other; damage that knows the format comes more often than blind damage."""
    while True:
        seed = chance.choice(known)
        ways = list(DAMAGES)
        ways += [*CELLS] * 4 if seed.grid is not None else []
        ways += [name for name in WORKBOOKS if WORKBOOKS[name].suits(seed)] * 2
        ways += [*TREES] * 4 if "json" in seed.ending else []
        try:
            yield _attack(seed, chance.choice(ways), chance)
        except UnicodeError:
            continue  # the text cannot be written in the seed's encoding


def _attack(seed: Seed, way: str, chance: random.Random) -> Attack:
    if way in CELLS:
        return CELLS[way](seed, chance)
    if way in WORKBOOKS:
        return WORKBOOKS[way].make(seed, chance)
    if way in TREES:
        return TREES[way](seed, chance)
    return Attack(seed, way, DAMAGES[way](seed.content, chance))
