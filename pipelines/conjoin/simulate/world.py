"""A whole world on disk: an inbox full of deliveries of all declared sources, and the truth beside it."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from conjoin.errors import SettingsError
from conjoin.progress import counted, stage
from conjoin.simulate.industry.events import build_events
from conjoin.simulate.industry.records import build_cases, build_certificates, build_findings, with_results
from conjoin.simulate.industry.stories import tell_stories, verdicts
from conjoin.simulate.industry.truth import build_industry, stacked
from conjoin.simulate.writing.deliver import Delivered, deliver
from conjoin.simulate.writing.parties import World, company_of, partners_of
from conjoin.simulate.writing.rows import TRUE_ID
from conjoin.sources import registry
from conjoin.sources.descriptor import PERIOD, Emit, Source
from conjoin.sources.emits import record_id
from conjoin.sources.readers.cells import trimmed
from conjoin.sql import quote_literal

_SITE_COLUMNS = (
    "true_site_id", "organisation_id", "campus_id", "unit", "name_core", "former_core", "renamed_date", "parent_name",
    "street", "area", "city_name", "region_name", "postal_code", "country_code", "latitude", "longitude",
    "worker_count", "grown_date",
)  # fmt: skip
_EVENT_COLUMNS = (
    "true_event_id", "true_site_id", "scheme", "audit_kind", "audit_status", "commissioner", "commissioner_type",
    "audit_firm", "auditor_party", "notice", "visit_start", "visit_end", "issued_date", "uploaded_date",
    "self_assessed_date", "valid_to", "grade_raw", "severity_band", "topics_in_scope", "worker_count", "auditor_days",
    "is_report_shareable", "parent_event_id", "joint_event_id", "relayed_event_id", "true_case_id",
)  # fmt: skip


@dataclass(frozen=True)
class WorldSummary:
    """What was written."""

    file_count: int
    source_count: int
    site_count: int
    event_count: int
    left_out: dict[str, str]


def build_world(sites: int, seed: int, sources: list[Source]) -> World:
    """The truth alone, for the brands that are declared."""
    rng = np.random.default_rng(seed)
    brands = [name for source in sources if (name := company_of(source)) is not None]
    industry = build_industry(rng, sites, brands)
    stories, told_cases = tell_stories(rng.spawn(1)[0], industry.sites)
    cases = build_cases(rng, sites, told_cases)
    events = build_events(rng, industry, cases, partners_of(sources), stories)
    events = with_results(rng, events, industry.sites)
    events["true_site_id"] = industry.sites["true_site_id"].to_numpy()[events["site_index"].to_numpy()]
    certificates = build_certificates(rng, events)
    findings = build_findings(rng, events)
    return World(seed, industry, events, certificates, cases, findings)


def write_world(out: Path, sites: int, seed: int) -> WorldSummary:
    """Write ``out/inbox/<source>/`` and ``out/truth/``.

    ``truth`` holds sites, events, cases and certificates as they are, the verdicts on repeats that were decided when
    the world was invented, and per record kind which true thing each delivered record stands for, by record_id:
    site_records, audit_records, certificates, complaints, findings.

    Args:
        out: A folder that does not exist yet or is empty.
        sites: How many sites the industry has.
        seed: The same seed gives the same bytes.

    Raises:
        SettingsError: ``out`` holds something.
    """
    if out.exists() and any(out.iterdir()):
        raise SettingsError(f"{out}: the folder is not empty; name one that does not exist yet")
    declared = registry.sources()
    with stage(f"Inventing {sites:,} sites"):
        world = build_world(sites, seed, list(declared.values()))
    (out / "truth").mkdir(parents=True)
    told: dict[str, list[pd.DataFrame]] = {name: [] for name in TRUE_ID}
    file_count = 0
    left_out: dict[str, str] = {}
    with duckdb.connect() as con:
        for name, source in counted("Writing deliveries", declared.items()):
            target = out / "inbox" / name
            target.mkdir(parents=True)
            delivered = deliver(world, source, registry.folders()[name], target)
            file_count += len(delivered.files)
            left_out |= {f"{name}: {place}": reason for place, reason in delivered.left_out.items()}
            for table, frame in _told(con, source, delivered):
                told[table].append(frame)
    _write_truth(out / "truth", world, told, left_out)
    return WorldSummary(file_count, len(declared), len(world.industry.sites), len(world.events), left_out)


def record_ids(
    con: duckdb.DuckDBPyConnection, source: Source, emit: Emit, key: list[str], cells: pd.DataFrame, period: str | None
) -> pd.Series:
    """Ids that reading gives to records with these raw key cells, in order.

    Args:
        con: Any connection.
        source: Whose records they are.
        emit: Table and label are part of the id.
        key: Headers of the key; ``{period}`` stands for the period of the file.
        cells: Their raw cells, a column per header.
        period: Of the file.
    """
    cell = {column: trimmed(column) for column in key if column != PERIOD}
    parts = [quote_literal(period or "") if column == PERIOD else cell[column] for column in key]
    numbered = cells.reset_index(drop=True).reset_index(names="#row")
    con.register("delivered_cells", numbered)
    sql = f'select {record_id(source.name, emit.table, emit.label, parts)} as id from delivered_cells order by "#row"'
    found = con.execute(sql).df()["id"]
    con.unregister("delivered_cells")
    return found.set_axis(cells.index)


def _told(con: duckdb.DuckDBPyConnection, source: Source, delivered: Delivered) -> list[tuple[str, pd.DataFrame]]:
    """Record ids of all delivered records with what they stand for."""
    found = []
    for feed_name, emit, period, cells in delivered.truth:
        if cells.empty:
            continue
        key = source.feed[feed_name].key_of(emit)
        frame = pd.DataFrame({"record_id": record_ids(con, source, emit, key, cells, period)})
        frame["source_name"], frame["feed"] = source.name, feed_name
        frame[TRUE_ID[emit.table]] = cells["true_id"]
        frame["true_site_id"] = cells.get("true_site_id")
        found.append((emit.table, frame))
    return found


def _write_truth(folder: Path, world: World, told: dict[str, list[pd.DataFrame]], left_out: dict[str, str]) -> None:
    sites = world.industry.sites[list(_SITE_COLUMNS)]
    frames = {
        "sites": sites,
        "events": world.events[list(_EVENT_COLUMNS)],
        "cases": world.cases.assign(true_site_id=sites["true_site_id"].to_numpy()[world.cases["site_index"]]),
        "certificates": world.certificates,
        "verdicts": verdicts(world.events),
        "supplies": world.industry.supplies.assign(
            true_site_id=sites["true_site_id"].to_numpy()[world.industry.supplies["site_index"]]
        ),
        "left_out": pd.DataFrame(sorted(left_out.items()), columns=["place", "reason"]),
    }
    for name, frame in frames.items():
        frame.drop(columns=["site_index"], errors="ignore").to_csv(
            folder / f"{name}.csv", index=False, lineterminator="\n"
        )
    for name, parts in told.items():
        columns = list(dict.fromkeys(["record_id", "source_name", "feed", TRUE_ID[name], "true_site_id"]))
        joined = stacked(parts) if parts else pd.DataFrame(columns=columns)
        joined = joined.drop_duplicates("record_id").sort_values("record_id")[columns]
        target = "certificate_records" if name == "certificates" else name
        joined.to_csv(folder / f"{target}.csv", index=False, lineterminator="\n")
