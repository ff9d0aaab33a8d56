"""Which days a reader is told: a day may not slip through a table that nobody thought of."""

import re
from pathlib import Path

import duckdb
import pytest

from conjoin.packs.build_pack import build_pack
from conjoin.packs.reader import reader_of
from conjoin.schemas.fields import field
from conjoin.schemas.policy import policy
from conjoin.settings import Settings
from conjoin.warehouse.models import models
from support.consortia import DAY
from support.kept_consortia import samples_consortium

#: Numbers of marts whose name says days and that are no distance between two days of audits: effort, counts per year,
#: and the age of the reader's own deliveries.
NO_DISTANCE = re.compile(r"auditor_days|days_saved|disruption_days|days_estimated|without_days|days_since_landed")


def test_every_span_of_days_of_a_mart_is_told_in_quarters() -> None:
    columns = {name for model in models() if model.schema == "marts" for name in model.sidecar.columns}
    numbers = {name for name in columns if "days" in name and field(name).sql_type in ("bigint", "integer", "double")}
    spans = {name for name in numbers if not NO_DISTANCE.search(name)}
    assert spans == set(policy().withheld.span_columns)


@pytest.mark.slow
def test_a_published_site_tells_no_day_of_an_audit_that_is_not_published(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The last visit of a site is counted over all its audits, whoever published the site itself."""
    pooled = samples_consortium(tmp_path_factory, Settings(data=tmp_path / "data", threads=2))
    pooled.con.execute("update held.site_records set visibility = 'public'")
    pooled.con.execute("update held.audit_records set visibility = 'consortium_site'")
    file = tmp_path / "pack.duckdb"
    build_pack(pooled.settings, pooled.state(tmp_path / "state"), reader_of("kestrel_sport", DAY), file)
    with duckdb.connect(str(file), read_only=True) as con:
        told = con.execute(
            "select last_visit_start from marts.sites "
            "where last_visit_start <> date_trunc('quarter', last_visit_start)::date"
        ).fetchall()
        assert con.execute("select count(last_visit_start) > 10 from marts.sites").fetchall() == [(True,)]
    assert told == []
