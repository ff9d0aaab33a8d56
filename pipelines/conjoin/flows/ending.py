"""The clean end of a process in which a flow ran.

Prefect works in threads of its own that nobody ends; each holds the context of the last flow, with it the module of
the flow and all that it imports. At the end of the interpreter DuckDB finds its objects alive, and prints pages
about leaks. So what waits is sent first, and the threads are ended.
"""

import atexit
import gc
from contextlib import suppress

_DRAIN_SECONDS = 5


def end_cleanly() -> None:
    """Let the end of this process wait for what Prefect has still to send, then end its threads."""
    atexit.register(_end)


def send_what_waits() -> None:
    """Give Prefect's server the lines and events that wait for it, or give them up after a few seconds."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for worker in (APILogWorker, EventsWorker):
        with suppress(TimeoutError):  # a slow server: what is left then is lost, and the process must end all the same
            worker.drain_all(timeout=_DRAIN_SECONDS)


def _end() -> None:
    send_what_waits()
    with suppress(ImportError):  # not part of what Prefect promises: without it, the pages come back, and nothing else
        from prefect._internal.concurrency.threads import get_global_loop, get_run_sync_loop

        for loop in (get_run_sync_loop(), get_global_loop()):
            loop.shutdown()
    gc.collect()  # what only held itself goes now, while everything it needs to go is there
