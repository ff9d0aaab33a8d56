"""What a run did, in words and tables, for Prefect's artifact and the terminal alike."""

from collections.abc import Mapping, Sequence

from conjoin.flows.ingest import SourceSummary

COLUMNS = ("Source", "New files", "Rows read", "Rows refused", "New sites", "Notices")


def summary_rows(sources: Sequence[SourceSummary], failures: Mapping[str, str]) -> list[tuple[str, ...]]:
    """One row per source, as in ``COLUMNS``."""
    rows: list[tuple[str, ...]] = [
        (
            source.source_name,
            str(len(source.new_files)),
            str(source.rows_read),
            str(source.rows_refused),
            str(source.new_site_records),
            str(len(source.notices)),
        )
        for source in sources
    ]
    return rows + [(name, "", "", "", "", "failed") for name in sorted(failures)]


def markdown_summary(sources: Sequence[SourceSummary], failures: Mapping[str, str], marts: Mapping[str, int]) -> str:
    """The run as Markdown: a table of sources, the notices, the marts."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|---:|---:|---:|---:|---|"]
    lines += [f"| {' | '.join(_escaped(cell) for cell in row)} |" for row in summary_rows(sources, failures)]
    notices = [f"- **{s.source_name}**: {_escaped(notice)}" for s in sources for notice in s.notices]
    notices += [f"- **{name}** failed: {_escaped(error)}" for name, error in sorted(failures.items())]
    if notices:
        lines += ["", "### Notices", *notices]
    if marts:
        lines += ["", "### Published", *(f"- marts.{name}: {count} rows" for name, count in marts.items())]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
