"""Everything made again from what cannot be made again: originals, ledger, declarations, rules and judgements."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from conjoin.errors import ConjoinError
from conjoin.keeping.archive import Archive, LedgerEntry
from conjoin.keeping.erasure import erased_deliveries
from conjoin.keeping.landing import hashes_in_force
from conjoin.matching.pairs.levels import compare_pairs
from conjoin.matching.run import Compare
from conjoin.settings import Settings
from conjoin.steps.build import Published, build_warehouse, publish_warehouse
from conjoin.steps.deliveries import sources_in_use
from conjoin.steps.ingest import ingest_source
from conjoin.steps.match import match_sites


def rebuild(settings: Settings, tell: Callable[[str], None], compare: Compare = compare_pairs) -> Published:
    """Read every original again, match, build, check and publish; the caller holds the run lock.

    Landing and matching are set aside first and come back if anything fails. The journal of site ids is part of the
    archive: an id that was published is a fact like a delivery, so sites keep their ids and their history.

    Args:
        settings: Where everything is.
        tell: Called with a line on each step.
        compare: Compares the pairs of records.

    Raises:
        ConjoinError: Nothing was delivered yet, an original is damaged, or a step failed; everything is as before.
    """
    archive = Archive(settings.archive)
    entries = archive.entries()
    delivered = hashes_in_force(entries)
    if not delivered:
        raise ConjoinError(
            "everything that was delivered has been withdrawn or erased, so there is nothing to rebuild"
            if entries
            else "nothing has been delivered yet, so there is nothing to rebuild; `conjoin run` first"
        )
    _tell_erased(erased_deliveries(entries), tell)
    for content_hash in delivered:
        archive.original(content_hash)
    with _aside(settings.landing, settings.matching):
        for name in sources_in_use(settings):
            summary = ingest_source(settings, name)
            tell(f"{name}: {summary.rows_read} rows read, {summary.rows_refused} refused")
        matched = match_sites(settings, compare=compare)
        tell(f"{matched.record_count} site records are {matched.site_count} sites")
        built = build_warehouse(settings)
        tell(f"built and checked {len(built.row_counts)} marts")
        return publish_warehouse(settings)


def _tell_erased(erased: list[LedgerEntry], tell: Callable[[str], None]) -> None:
    days = sorted({entry.recorded_at.date() for entry in erased})
    if days:
        when = f"on {days[0]}" if len(days) == 1 else f"between {days[0]} and {days[-1]}"
        tell(f"{len(erased)} originals erased {when}: their rows are not rebuilt")


@contextmanager
def _aside(*folders: Path) -> Iterator[None]:
    """Set folders aside while the block makes them anew; they come back if it fails."""
    kept = {folder: folder.with_name(f".{folder.name}.aside") for folder in folders if folder.exists()}
    for folder, aside in kept.items():
        shutil.rmtree(aside, ignore_errors=True)
        folder.rename(aside)
    try:
        yield
    except BaseException:
        for folder, aside in kept.items():
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
        raise
    for aside in kept.values():
        shutil.rmtree(aside)
