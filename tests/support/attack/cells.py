"""Damage to one cell, row or name of a file that is a grid: what must hold of all other rows is known."""

import random
from collections.abc import Callable

from support.attack.inputs import Attack, Cell, Grid, Seed
from support.attack.values import CONTROLS, QUOTES, WORDS, nasty


def one_cell(seed: Seed, chance: random.Random) -> Attack:
    """A cell says something that no exporter should write."""
    grid, write = _of(seed)
    row, place = chance.randrange(1, len(grid)), chance.randrange(len(grid[0]))
    text = nasty(chance)
    changed = _with(grid, row, place, text)
    return Attack(
        seed, "one_cell", write(changed), frozenset({seed.line(row)}), Cell(seed.line(row), grid[0][place], text)
    )


def one_row(seed: Seed, chance: random.Random) -> Attack:
    """Every cell of a row does."""
    grid, write = _of(seed)
    row = chance.randrange(1, len(grid))
    changed = [*grid[:row], [nasty(chance) for _ in grid[0]], *grid[row + 1 :]]
    return Attack(seed, "one_row", write(changed), frozenset({seed.line(row)}))


def other_header(seed: Seed, chance: random.Random) -> Attack:
    """A name of the header is doubled, padded, in other letters, or no name."""
    grid, write = _of(seed)
    place = chance.randrange(len(grid[0]))
    name = grid[0][place]
    names = [
        name.upper(),
        f" {name} ",
        f"{name}\u00a0",
        "\ufeff" + name,
        name + "\u202e",
        name + "\x1b[31m",
        "",
        "#row",
    ]
    names += [
        chance.choice(grid[0]),
        name.replace(" ", "\n"),
        f"{name}\r",
        chance.choice(CONTROLS),
        "#line",
        "x" * 9_000,
    ]
    names += [
        chance.choice(QUOTES),
        chance.choice(WORDS),
        '"' + name,
        name + "\0",
        f"{name}.1",
        "record_id",
        "raw:site_name",
    ]
    return Attack(seed, "other_header", write(_with(grid, 0, place, chance.choice(names))))


def other_rows(seed: Seed, chance: random.Random) -> Attack:
    """Rows are repeated, moved, blank, too long or too short."""
    grid, write = _of(seed)
    header, rows = grid[0], [list(row) for row in grid[1:]]
    kind = chance.choice(
        ("repeat", "shuffle", "blank", "long", "short", "header again", *["wide", "many"] * (chance.random() < 0.1))
    )
    place = chance.randrange(len(rows))
    if kind == "repeat":
        rows.insert(place, list(chance.choice(rows)))
    elif kind == "shuffle":
        chance.shuffle(rows)
    elif kind == "blank":
        rows.insert(place, [chance.choice(("", " ", "\u00a0", "\t"))] * len(header))
    elif kind == "long":
        rows[place] += [chance.choice(("", "x", " "))] * chance.choice((1, 2, 40))
    elif kind == "short":
        rows[place] = rows[place][: chance.randrange(len(header))]
    elif kind == "wide":
        rows[place] += ["x"] * 20_000
    elif kind == "header again":
        rows.insert(place, list(header))
    else:
        rows += [[f"{cell}{number}" for cell in rows[place]] for number in range(3_000)]
    untouched = frozenset[int]() if kind in ("blank", "shuffle", "repeat") else None
    if seed.reader in ("reference", "judgements") or (seed.reader == "link" and kind == "repeat"):
        untouched = None
    return Attack(seed, f"other_rows {kind}", write([header, *rows]), untouched)


def _of(seed: Seed) -> tuple[Grid, Callable[[Grid], bytes]]:
    assert seed.grid is not None
    assert seed.write is not None
    return seed.grid, seed.write


def _with(grid: Grid, row: int, place: int, text: str) -> Grid:
    changed = [list(line) for line in grid]
    changed[row][place] = text
    return changed


CELLS: dict[str, Callable[[Seed, random.Random], Attack]] = {
    "one_cell": one_cell,
    "one_row": one_row,
    "other_header": other_header,
    "other_rows": other_rows,
}
