"""What a run did, source by source, for the terminal: what does not count comes first."""

from collections.abc import Mapping, Sequence

from conjoin.steps.ingest import SourceSummary

COLUMNS = ("Source", "State", "New files", "Rows read", "Rows refused", "New sites", "Notices")


def summary_rows(sources: Sequence[SourceSummary], failures: Mapping[str, str]) -> list[tuple[str, ...]]:
    """One row per source, as in ``COLUMNS``; failed and refused ones first."""
    failed = [(name, "FAILED", "", "", "", "", "") for name in sorted(failures)]
    rows = [
        (
            source.source_name,
            "REFUSED" if source.refused else "ok",
            str(len(source.new_files)),
            str(source.rows_read),
            str(source.rows_refused),
            str(source.new_site_records),
            str(len(source.notices)),
        )
        for source in sorted(sources, key=lambda source: not source.refused)
    ]
    return [*failed, *rows]
