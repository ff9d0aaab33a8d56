"""What has landed, over all sources: every load, which of them are current, and where their rows are."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import duckdb

from conjoin.keeping.archive import Archive
from conjoin.keeping.erasure import erased_deliveries
from conjoin.keeping.landing import REJECTED_ROWS, Landing, Load
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sql import quote_literal
from conjoin.steps.deliveries import has_unread_deliveries, loads_of, sources_in_use


@dataclass(frozen=True)
class LandedState:
    """Every load of every source with whether it is current, ordered by source, feed, period and delivery.

    ``unread_sources`` are those of whose deliveries this version of Conjoin has not read some, or could not.
    """

    landing: Landing
    loads: list[tuple[Load, bool]]
    unread_sources: frozenset[str] = frozenset()

    @cached_property
    def current(self) -> list[Load]:
        """The loads whose rows count today."""
        return [load for load, is_current in self.loads if is_current]

    def current_files(self, table: str) -> list[str]:
        """Parquet files of a table, current loads only."""
        return self.landing.parquet_files(self.current, table)

    def all_files(self, table: str) -> list[str]:
        """Parquet files of a table, replaced loads included."""
        return self.landing.parquet_files([load for load, _ in self.loads], table)

    def rejected_files(self) -> list[str]:
        """Parquet files of refused rows: of current loads, and of files refused since."""
        told = [load for load, is_current in self.loads if is_current or load.load_status == "refused"]
        return self.landing.parquet_files(told, REJECTED_ROWS)

    @property
    def load_rows(self) -> list[dict[str, Any]]:
        """The loads as rows of ``landing.loads``."""
        return [
            {
                **load.model_dump(
                    include={"load_id", "source_name", "feed", "file_name", "content_hash", "byte_count"}
                ),
                "period": load.period or None,
                "delivered_at": load.delivered_at.replace(tzinfo=None),
                "ledger_line": load.ledger_line,
                "load_status": load.load_status,
                "is_current": is_current,
                "refusal": load.refusal or None,
                "rows_read_count": load.rows_read,
                "rows_accepted_count": load.rows_accepted,
                "rows_refused_count": load.rows_refused,
                "rows_repeated_count": load.rows_repeated,
                "rows_skipped_count": load.rows_skipped,
            }
            for load, is_current in self.loads
        ]

    @property
    def check_rows(self) -> list[dict[str, Any]]:
        """What Great Expectations found in current loads and in refused files, as rows of ``landing.check_results``."""
        told = [load for load, is_current in self.loads if is_current or load.load_status == "refused"]
        return [
            {**check, "source_name": load.source_name, "load_id": load.load_id}
            for load in told
            for check in load.checks
        ]


def landed_state(settings: Settings, as_of: date | None = None) -> LandedState:
    """The state of landing as the ledger and the declarations of today see it.

    Args:
        settings: Where everything is.
        as_of: Only what the ledger had recorded by the end of this day; None for all.
    """
    landing, entries = Landing(settings.landing), Archive(settings.archive).entries()
    if as_of is not None:  # what was erased since is not in it: its rows are gone
        erased = {(entry.source_name, entry.file_name, entry.content_hash) for entry in erased_deliveries(entries)}
        entries = [
            entry
            for entry in entries
            if entry.recorded_at.date() <= as_of
            and (entry.source_name, entry.file_name, entry.content_hash) not in erased
        ]
    sources = registry.sources().values()
    unread = {source.name for source in sources if has_unread_deliveries(source, entries, landing)}
    loads = [found for name in registry.folders() for found in loads_of(name, entries, landing)]
    return LandedState(landing, loads, frozenset(unread | registry.broken_sources().keys()))


def source_rows(settings: Settings, as_of: date | None = None) -> list[dict[str, Any]]:
    """The declarations in use, now or as of a day, as rows of ``landing.sources``."""
    return [
        {
            "source_name": source.name,
            "source_kind": source.kind,
            "source_title": source.title,
            "owner": source.owner,
            "schedule": source.schedule,
            "visibility": source.visibility,
            "unique_sites": source.unique_sites,
            "terms": source.terms,
        }
        for source in sources_in_use(settings, as_of).values()
    ]


def new_site_records(con: duckdb.DuckDBPyConnection, fresh: list[Load], landing: Landing) -> int:
    """How many site records this run's loads hold that no other load of the source does."""
    files = landing.parquet_files(fresh, "site_records")
    if not files:
        return 0
    fresh_ids = ", ".join(quote_literal(load.load_id) for load in fresh)
    everything = landing.every_file(fresh[0].source_name, "site_records")
    listed = ", ".join(quote_literal(path) for path in everything)
    sql = (
        f"select count(*) from (select record_id from read_parquet([{listed}]) group by record_id "
        f"having bool_and(load_id in ({fresh_ids})))"
    )
    return int(con.execute(sql).fetchall()[0][0])
