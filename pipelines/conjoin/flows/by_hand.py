"""The nightly flow here and now, as ``conjoin run`` and ``conjoin demo`` start it."""

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from conjoin.flows.ending import send_what_waits
from conjoin.flows.server import answers, prefect_server
from conjoin.settings import load_settings

if TYPE_CHECKING:
    from conjoin.flows.nightly import RunSummary

#: A person waits: of a server that has gone, Prefect's client is to despair after seconds, not after minutes.
_CLIENT_RETRIES = "2"


def run_now(source_names: Sequence[str] | None, countries: Sequence[str]) -> "RunSummary":
    """Run the nightly flow to its end.

    Args:
        source_names: Sources to ingest; None for all in use.
        countries: One briefing each, as ISO codes; an empty text means all countries.

    Raises:
        ConjoinError: It failed as a whole; what was published stays as it is.
    """
    has_pages = "PREFECT_API_URL" in os.environ
    with prefect_server(load_settings(), is_whole=False) as url:
        # Prefect reads its settings, the address among them, when it is first imported.
        os.environ.setdefault("PREFECT_CLIENT_MAX_RETRIES", _CLIENT_RETRIES)
        from conjoin.flows.nightly import run_nightly

        # That the server has gone is told once, by the flow; not by each line and event that could not be sent.
        logging.raiseExceptions = False
        for name in ("prefect.events.clients", "prefect._internal.concurrency"):
            logging.getLogger(name).addFilter(lambda _: False)  # a level would not outlive Prefect's own set-up
        if not has_pages:  # the small server has none, and ends with the run
            logging.getLogger("prefect.flow_runs").addFilter(lambda said: not said.getMessage().startswith("View at"))
        try:
            return run_nightly(source_names, countries)
        finally:
            if answers(url):
                send_what_waits()  # while the server is there to take it
