"""Law of the marts over the samples and a simulated world: no row is more open than what it rests on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from support import taint
from support.published import all_samples, simulated_world, warehouse_of
from support.tainted_worlds import mix_visibilities

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("fill", "number"),
    [(all_samples, None), (all_samples, 2), (simulated_world, 2)],  # a world as it is delivered is the least telling
    ids=["samples-as_delivered", "samples-mixed", "simulated-mixed"],
)
def test_a_row_can_be_built_of_what_its_readers_may_see(
    fill: Callable[[Path], None], number: int | None, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """As the sources deliver them, and with a visibility of its own for each landed row."""
    copy = shutil.copy(warehouse_of(fill, tmp_path_factory), tmp_path / "copy.duckdb")
    with duckdb.connect(copy) as con:
        con.execute("set threads = 2")
        if number is not None:
            mix_visibilities(con, number)
        taint.remember(con)
        found = {rank: [str(leak) for leak in taint.leaks_below(con, rank)] for rank in taint.RANKS}

    assert found == {rank: [] for rank in taint.RANKS}
