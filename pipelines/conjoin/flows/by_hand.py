"""The nightly flow here and now, as ``conjoin run`` and ``conjoin demo`` start it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conjoin.flows.server import prefect_server
from conjoin.settings import load_settings

if TYPE_CHECKING:
    from conjoin.flows.nightly import RunSummary

_DRAIN_SECONDS = 5


def run_now(source_names: Sequence[str] | None, countries: Sequence[str]) -> "RunSummary":
    """Run the nightly flow to its end.

    Args:
        source_names: Sources to ingest; None for all in use.
        countries: One briefing each, as ISO codes; an empty text means all countries.

    Raises:
        ConjoinError: It failed as a whole; what was published stays as it is.
    """
    with prefect_server(load_settings(), is_whole=False):
        # Prefect reads its settings, the address among them, when it is first imported.
        from prefect.logging.handlers import APILogWorker

        from conjoin.flows.nightly import run_nightly

        try:
            return run_nightly(source_names, countries)
        finally:
            APILogWorker.drain_all(timeout=_DRAIN_SECONDS)  # while the server is there to take them
