"""Envelopes: how many rows, how full and how different from last time a file may be."""

from conjoin.schemas.expectations import Check
from conjoin.sources.descriptor import Feed
from conjoin.sources.mapping import Reading

#: A file with fewer than this share of the rows of the one that it replaces is refused, unless declared otherwise.
DEFAULT_SHARE_OF_LAST = 0.6


def envelope_checks(prefix: str, feed: Feed) -> list[Check]:
    """The feed's ``[expect]`` as bounds: what is below ``min`` refuses a file, what is above ``max`` warns."""
    low, high = feed.expect.min, feed.expect.max
    checks = [
        Check(f"{prefix}.rows", "refuse", min_value=low.rows or 1, note="rows in the file (expect.min.rows)"),
        Check(
            f"{prefix}.share_of_last",
            "refuse",
            min_value=low.share_of_last or DEFAULT_SHARE_OF_LAST,
            note="rows as a share of the file that this one replaces (expect.min.share_of_last)",
        ),
    ]
    if high.rows is not None:
        checks.append(Check(f"{prefix}.rows_high", "warn", max_value=high.rows, note="rows (expect.max.rows)"))
    if high.refused_share is not None:
        note = "refused rows as a share of all (expect.max.refused_share)"
        checks.append(Check(f"{prefix}.refused_share", "refuse", max_value=high.refused_share, note=note))
    table = feed.all_emits()[0].table
    for column, rate in low.fill_rate.items():
        note = f"share of rows with {column} (expect.min.fill_rate)"
        checks.append(Check(f"{prefix}.{table}.fill_rate.{column}", "refuse", min_value=rate, note=note))
    for column, rate in high.fill_rate.items():
        note = f"share of rows with {column} (expect.max.fill_rate)"
        checks.append(Check(f"{prefix}.{table}.fill_rate_high.{column}", "warn", max_value=rate, note=note))
    return checks


def envelope_measures(
    prefix: str, feed: Feed, reading: Reading, measures: dict[str, float | None], rows_last: int | None
) -> dict[str, float | None]:
    """The figures that ``envelope_checks`` bound.

    Args:
        prefix: Before the name of each measure: source and feed.
        feed: Its declaration.
        reading: What became of the file.
        measures: The canonical tables' own measures (``profile.measure``).
        rows_last: Rows of the file that this one replaces, if there is one.
    """
    found: dict[str, float | None] = {
        f"{prefix}.rows": reading.rows_read,
        f"{prefix}.rows_high": reading.rows_read,
        f"{prefix}.refused_share": reading.rows_refused / max(reading.rows_read, 1),
        f"{prefix}.share_of_last": None if not rows_last else reading.rows_read / rows_last,
    }
    table = feed.all_emits()[0].table
    for column in feed.expect.min.fill_rate:
        found[f"{prefix}.{table}.fill_rate.{column}"] = measures.get(f"{table}.fill_rate.{column}")
    for column in feed.expect.max.fill_rate:
        found[f"{prefix}.{table}.fill_rate_high.{column}"] = measures.get(f"{table}.fill_rate.{column}")
    return found
