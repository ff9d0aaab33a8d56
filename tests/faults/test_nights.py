"""Hundreds of nights in a row, with deliveries, corrections, withdrawals and judgements: sums agree, nothing grows."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.faults import project_of, told

NIGHTS = int(os.environ.get("CONJOIN_FAULTS_NIGHTS", "300"))
SEED = int(os.environ.get("CONJOIN_FAULTS_SEED", "20261130"))
#: What may grow in a night once everything is warm. Prefect keeps each run, and the archive each delivery.
ALLOWED = {"mb": 0.5, "server_mb": 0.5, "handles": 0.05, "threads": 0.05, "prefect_kb": 150.0}
_WARM = 0.2


def slope(nights: list[dict[str, Any]], name: str) -> float:
    """By how much something grows in a night, over all nights but the first ones."""
    warm = nights[int(len(nights) * _WARM) :]
    return float(np.polyfit([night["night"] for night in warm], [night[name] for night in warm], 1)[0])


@pytest.mark.faults
@pytest.mark.timeout(24 * 3600)
def test_nights_in_a_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = project_of(tmp_path / "nights")
    path = os.pathsep.join([str(Path(__file__).parents[1]), place.environment["PYTHONPATH"]])
    process = subprocess.Popen(
        [sys.executable, "-m", "support.nights", str(NIGHTS), str(SEED)],
        cwd=place.root,
        env={**place.environment, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "errors.txt").open("w"),
        text=True,
    )
    nights: list[dict[str, Any]] = []
    assert process.stdout is not None
    for line in process.stdout:
        if not line.startswith("{"):
            continue
        nights.append(json.loads(line))
        with capsys.disabled():
            print(line.strip(), flush=True)  # noqa: T201
    assert process.wait() == 0, (tmp_path / "errors.txt").read_text()[-3000:]
    faults = [f"night {night['night']}: {fault}" for night in nights for fault in night["faults"]]
    slopes = {name: round(slope(nights, name), 3) for name in (*ALLOWED, "seconds", "files", "data_mb")}
    with capsys.disabled():
        print(f"seed {SEED}, {len(nights)} nights; growth per night: {slopes}")  # noqa: T201
    faults += [f"{name} grows by {slopes[name]} a night" for name, most in ALLOWED.items() if slopes[name] > most]
    assert not faults, told(faults)
