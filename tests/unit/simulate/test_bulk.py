from datetime import date

from conjoin.sources import mapping
from conjoin.sources.emits import Delivery
from conjoin.sources.patterns import match_feed
from support.bulk import site_lists, write_audit_files


def test_every_generated_audit_is_accepted_once(con, tmp_path):
    bulk = write_audit_files(tmp_path, rows=1_000, files=3)
    mapping.prepare(con)
    ids = []
    for path in bulk.files:
        feed, period = match_feed(bulk.source, path.name)
        reading = mapping.read_delivery(
            con, path, Delivery(bulk.source, feed, "load", path.name, date(2026, 11, 1), period)
        )
        assert reading.rows_refused == 0
        ids += con.execute(f"select record_id from {reading.tables['audit_records']}").fetchall()

    assert len(bulk.files) == 3
    assert len(ids) == len(set(ids)) == 1_000


def test_site_lists_name_sites_several_times_over(tmp_path):
    records = site_lists(200, 4, seed=5)

    assert records["record_id"].is_unique
    assert records.groupby("true_site_id")["source"].nunique().max() == 4
    assert records.groupby(["source", "true_site_id"]).size().max() == 1
