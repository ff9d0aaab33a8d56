"""Pairs compared on a local Dask cluster give what one process gives; run by `make test-dask`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conjoin.content import PROJECT_MARKER
from conjoin.flows.match import match_sites, matching_files
from support import quillhaven
from support.files import as_csv
from support.projects import Project

NAMES = ["Alder Loom Works", "Alder Loom Works Ltd.", "Birch Dyeing", "Birch Dyeing Unit 2", "Cedar Knits"]
CITIES = ["Izmir", "Bursa", "Ankara"]


def _result(project: Project) -> dict[str, list[bytes]]:
    found = matching_files(project.settings)
    return {name: [Path(path).read_bytes() for path in paths] for name, paths in found.items()}


@pytest.mark.slow
@pytest.mark.dask
def test_a_local_cluster_gives_what_one_process_gives(project: Project) -> None:
    rows = [
        quillhaven.row(n, Factory=NAMES[n % 5], City=CITIES[n % 3], Country=["Türkiye", "BD"][n % 2])
        for n in range(1, 90)
    ]
    project.deliver("visits_2026-04.csv", as_csv(rows))
    project.ingest()
    match_sites(project.settings)
    here = _result(project)
    marker = project.root / PROJECT_MARKER
    marker.write_text(marker.read_text(encoding="utf-8") + 'dask = "local"\npairs_per_shard = 200\n', encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PREFECT_HOME"}
    told = subprocess.run(
        [sys.executable, "-m", "conjoin", "match"],
        env=environment | {"CONJOIN_DATA": str(project.settings.data)},
        cwd=project.root,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    assert here["site_links"]
    assert _result(project) == here
