"""Pairs compared on a local Dask cluster give what one process gives; run by `make test-dask`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conjoin.content import PROJECT_MARKER
from conjoin.steps.match import match_sites, matching_files
from support import quillhaven
from support.bulk import site_lists
from support.files import as_csv
from support.projects import Project

PAIRS_PER_SHARD = 50


def _result(project: Project) -> dict[str, list[bytes]]:
    found = matching_files(project.settings)
    return {name: [Path(path).read_bytes() for path in paths] for name, paths in found.items()}


@pytest.mark.slow
@pytest.mark.dask
def test_a_local_cluster_gives_what_one_process_gives(project: Project) -> None:
    lists = site_lists(300, 3).fillna("").astype(str)
    columns = lists[["name", "address", "city", "country", "lat", "lon"]].itertuples(index=False, name=None)
    rows = [
        quillhaven.row(n, Factory=name, Street=street, City=city, Country=country, Lat=latitude, Lon=longitude)
        for n, (name, street, city, country, latitude, longitude) in enumerate(columns, 1)
    ]
    project.deliver("visits_2026-04.csv", as_csv(rows))
    project.ingest()
    assert match_sites(project.settings).candidate_pair_count > 10 * PAIRS_PER_SHARD
    here = _result(project)
    shutil.rmtree(project.settings.matching)  # or the second run would find that nothing changed, and compare nothing
    marker = project.root / PROJECT_MARKER
    asked = f'dask = "local"\npairs_per_shard = {PAIRS_PER_SHARD}\n'
    marker.write_text(marker.read_text(encoding="utf-8") + asked, encoding="utf-8")
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
    assert "Register worker addr" in told.stderr, "the pairs went to a cluster"
    assert _result(project) == here
