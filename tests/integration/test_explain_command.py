"""What ``conjoin explain`` says of the samples is what the marts hold, and adds up on the screen."""

import re
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from rich.console import Console
from typer.testing import CliRunner

from conjoin.briefings.identity import site_file
from conjoin.briefings.reviewing.explaining import explain_pair
from conjoin.cli import app, output

pytestmark = pytest.mark.slow


@pytest.fixture
def con(warehouse_of_samples: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse over the samples."""
    with duckdb.connect(str(warehouse_of_samples), read_only=True) as connection:
        yield connection


def test_every_compared_pair_is_explained_as_the_marts_have_it(con: duckdb.DuckDBPyConnection) -> None:
    links = con.execute(
        "select record_id_left, record_id_right, site_id_left, site_id_right, match_probability, match_weight, "
        "pair_decided_by from marts.site_links "
        "order by pair_decided_by = 'score', hash(record_id_left, record_id_right) limit 80"
    ).fetchall()
    assert {link[-1] for link in links} >= {"score", "cluster", "content"}
    for left, right, site_left, site_right, probability, weight, decided_by in links:
        found, back = explain_pair(con, left, right), explain_pair(con, right, left)
        assert (found.verdict, found.link) == (back.verdict, back.link)
        assert found.verdict.startswith(f"One site, {site_left}" if site_left == site_right else "Two sites, ")
        assert (found.probability, found.decided_by) == (probability, decided_by)
        evidence = con.execute(
            "select comparison, finding, evidence_weight from marts.site_link_evidence "
            "where record_id_left = $1 and record_id_right = $2 order by step_number",
            [left, right],
        ).df()
        assert found.steps.equals(evidence)
        if decided_by == "content":
            assert "say the same in every field" in found.verdict
            continue
        assert found.evidence == pytest.approx(weight, abs=0.001)
        assert 1 / (1 + 2 ** -(found.evidence + found.calibration)) == pytest.approx(probability, abs=1e-4)
        if decided_by == "score":
            assert (probability >= 0.5) == (site_left == site_right)
        else:
            assert f"the two rows alone: probability {probability:.2f}" in found.verdict


def test_within_a_site_no_chain_is_weaker_than_its_weakest_link(con: duckdb.DuckDBPyConnection) -> None:
    (site,) = con.execute(
        "select site_id from matching.weakest_links where match_probability < 0.9 order by site_id limit 1"
    ).fetchall()[0]
    weakest = site_file(con, site).weakest_link["match_probability"][0]
    ids = site_file(con, site).records["record_id"].tolist()
    found = [explain_pair(con, one, other) for one, other in combinations(ids, 2)]
    assert {one.verdict.split(",")[0] for one in found} == {"One site"}
    told = [one.probability for one in found if "the weakest is shown" in one.verdict]
    told += [float(text) for one in found for text in re.findall(r"the weakest of probability (\d\.\d\d)", one.verdict)]
    assert told
    assert min(probability for probability in told if probability is not None) >= round(weakest, 2)


def test_what_the_screen_shows_adds_up(
    con: duckdb.DuckDBPyConnection, warehouse_of_samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "console", Console(highlight=False, width=200))
    monkeypatch.setattr("conjoin.cli.site_commands.console", output.console)
    monkeypatch.setenv("CONJOIN_DATA", str(warehouse_of_samples.parents[1]))
    pairs = con.execute(
        "select record_id_left, record_id_right, match_probability, match_weight from marts.site_links "
        "where pattern is not null order by hash(record_id_left) limit 8"
    ).fetchall()
    for left, right, probability, weight in pairs:
        told = CliRunner().invoke(app, ["explain", right, left]).stdout
        weights = re.findall(r"^ (\w[\w ]*?)  .*?([+-]\d+\.\d\d) *$", told, flags=re.MULTILINE)
        shown = {name: round(100 * float(weight)) for name, weight in weights}
        steps = [weight for name, weight in shown.items() if name not in ("sum", "calibration")]
        assert len(steps) > 1
        assert sum(steps) == shown["sum"] == round(100 * weight)
        bits = (shown["sum"] + shown.get("calibration", 0)) / 100
        (said,) = re.findall(r"^ probability .* (\d\.\d{3}) *$", told, flags=re.MULTILINE)
        assert float(said) == pytest.approx(probability, abs=0.0006)
        assert 1 / (1 + 2**-bits) == pytest.approx(float(said), abs=0.005)
