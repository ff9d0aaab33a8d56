"""A site with very many audits, as a wrong match of sites makes it: every pair, and no more work than their number."""

import time

import duckdb

from conjoin.warehouse import build
from conjoin.warehouse.models import models_for
from support.worlds import build_audits

#: Every audit within 36 months of the first, by another brand and its own programme: no two are one event.
_AUDITS = """
    select
        'told:' || lpad(n::varchar, 6, '0') as record_id,
        'site ' || n // {per_site} as site_record_id,
        'brand_programme' as scheme,
        ['initial_full', 'periodic_full', 'followup_full'][1 + n % 3] as audit_kind,
        'Brand ' || n % {per_site} as commissioner,
        'brand' as commissioner_type,
        date '2023-01-01' + (n * 7 % 1080)::int as visit_start,
        visit_start as visit_end,
        'visit' as date_kind,
        100 as worker_count_min,
        100 as worker_count_max
    from (select unnest(range({count})) as n)
"""
_PAIR_MODELS = [model for model in models_for(["marts.audit_pairs"]) if model.name == "marts.audit_pairs"]


def _pairs(count: int, per_site: int) -> tuple[int, float]:
    """How many pairs ``count`` audits give, and the CPU seconds that they took, within little memory."""
    with duckdb.connect(config={"memory_limit": "200MB"}) as con:
        build_audits(con, _AUDITS.format(count=count, per_site=per_site), ["audit_pairs"])
        began = time.process_time()
        build.run_models(con, _PAIR_MODELS)
        seconds = time.process_time() - began
        return con.execute("select count(*) from marts.audit_pairs").fetchall()[0][0], seconds


def test_a_crowded_site_gives_every_pair_and_takes_no_longer_than_as_many_pairs_at_many_sites() -> None:
    pairs, seconds = _pairs(count=500, per_site=500)
    assert pairs == 500 * 499 // 2

    usual_pairs, usual_seconds = _pairs(count=13_140, per_site=20)
    assert usual_pairs == 657 * 190
    assert seconds < 3 * usual_seconds
