"""A source's sample files, and what they are expected to become.

Every source ships invented files that show its quirks. ``expected/`` beside them holds the canonical rows and the
refusals that reading must make of them; it is written by ``conjoin accept`` alone, so that a difference is seen.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from conjoin.errors import SourceError
from conjoin.schemas.tables import table
from conjoin.sources import mapping
from conjoin.sources.descriptor import Source
from conjoin.sources.emits import Delivery
from conjoin.sources.patterns import match_feed

REJECTED = "rejected"
_LOAD_ID = "sample"


@dataclass(frozen=True)
class SampleReading:
    """What a source's samples become.

    Attributes:
        frames: Canonical table, or ``rejected``, to its rows; every cell as text, empty for null.
        readings: File name to what became of its rows.
        advice: What to do about the refused rows, each word of it once.
    """

    frames: dict[str, pd.DataFrame]
    readings: dict[str, mapping.Reading]
    advice: list[str]


def read_samples(con: duckdb.DuckDBPyConnection, source: Source, folder: Path) -> SampleReading:
    """Read every file of ``folder/sample``.

    Raises:
        SourceError: There are none, one belongs to no feed, or one cannot be read.
    """
    files = sorted(path for path in (folder / "sample").glob("*") if path.is_file())
    if not files:
        raise SourceError(f"{folder / 'sample'}: no sample files; put an invented delivery there")
    mapping.prepare(con)
    parts: dict[str, list[pd.DataFrame]] = {}
    readings: dict[str, mapping.Reading] = {}
    advice: dict[str, None] = {}
    for path in files:
        matched = match_feed(source, path.name)
        if matched is None:
            raise SourceError(f"{path}: its name matches no pattern of {folder / 'source.toml'}")
        feed_name, period = matched
        delivery = Delivery(source, feed_name, _LOAD_ID, path.name, date.today(), period)
        reading = mapping.read_delivery(con, path, delivery)
        readings[path.name] = reading
        for name, relation in reading.tables.items():
            parts.setdefault(name, []).append(_as_text(con, f"select * exclude (load_id) from {relation}"))
        sentences = "select distinct reason || ': ' || advice from rejected_rows order by all"
        told = con.execute(sentences).fetchall()
        advice |= {f"{path.name}: {text}": None for (text,) in told}
        rejected = (
            'select "#sheet" as sheet_name, "#line" as line_number, column_name, value, reason from rejected_rows'
        )
        parts.setdefault(REJECTED, []).append(_as_text(con, f"select '{path.name}' as file_name, * from ({rejected})"))
    return SampleReading(
        {name: _joined(name, frames) for name, frames in sorted(parts.items())}, readings, list(advice)
    )


def expected_frames(folder: Path) -> dict[str, pd.DataFrame]:
    """What ``folder/expected`` holds, in the shape of ``SampleReading.frames``."""
    return {
        path.stem: pd.read_csv(path, dtype=str, keep_default_na=False)
        for path in sorted((folder / "expected").glob("*.csv"))
    }


def accept_samples(reading: SampleReading, folder: Path) -> list[Path]:
    """Write ``folder/expected`` anew and return its files."""
    target = folder / "expected"
    target.mkdir(exist_ok=True)
    for path in target.glob("*.csv"):
        path.unlink()
    for name, frame in reading.frames.items():
        frame.to_csv(target / f"{name}.csv", index=False, lineterminator="\n")
    return sorted(target.glob("*.csv"))


def _as_text(con: duckdb.DuckDBPyConnection, sql: str) -> pd.DataFrame:
    return con.execute(f"select coalesce(cast(columns(*) as varchar), '') from ({sql})").df()


def _joined(name: str, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """All rows of one table in a settled order, without columns that the source never fills."""
    joined = pd.concat(frames, ignore_index=True)
    if name == REJECTED:
        return joined
    keys = table(name).key
    joined = joined.sort_values([*keys, "line_number"], kind="stable", ignore_index=True)
    return joined.loc[:, [column for column in joined.columns if column in keys or joined[column].ne("").any()]]
