"""``conjoin serve``: every source on its schedule, and the nightly run, until stopped.

Prefect reads its settings when it is first imported, so nothing here imports it before the server has an address.
"""

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from conjoin.errors import ServerUnreachable, SettingsError
from conjoin.flows.server import prefect_server
from conjoin.keeping.run_journal import record_stopped
from conjoin.keeping.run_lock import holder_of, run_lock_file, serve_lock
from conjoin.settings import Settings
from conjoin.sources.descriptor import Source
from conjoin.sources.schedules import check_schedule
from conjoin.watch.next_runs import NextRun, next_runs

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

#: Prefect's scheduler looks every few seconds for deployments that changed; a busy machine needs longer.
_PLAN_SECONDS = 120
#: So long the runner may take to learn that a run was killed.
_GRACE_SECONDS = 2


def serve(
    settings: Settings, sources: Sequence[Source], nightly_cron: str, tell: Callable[[str, list[NextRun]], None]
) -> None:
    """Serve until SIGINT or SIGTERM: on the server that PREFECT_API_URL names, else on one of our own.

    Args:
        settings: Where everything is.
        sources: What to ingest, each on its own schedule.
        nightly_cron: When to run the nightly flow, UTC.
        tell: Called once with the server's address and what it has planned.

    Raises:
        SettingsError: A schedule is no cron expression.
        ServerUnreachable: There is no server to serve on, or it plans nothing.
        RunInProgress: This data folder is served already.
    """
    try:
        check_schedule(nightly_cron)
    except ValueError as error:
        raise SettingsError(f"--nightly: {error}") from error
    with prefect_server(settings, is_whole=True) as url, serve_lock(settings, url):
        from conjoin.flows.deployments import deployments

        asyncio.run(_serve(settings, deployments(sources, nightly_cron), url, tell))


async def _serve(
    settings: Settings, served: list["RunnerDeployment"], url: str, tell: Callable[[str, list[NextRun]], None]
) -> None:
    from prefect.runner import Runner

    runner = Runner(name="conjoin", limit=1)
    for deployment in served:
        await runner.aadd_deployment(deployment)
    running = asyncio.create_task(runner.start())
    await asyncio.sleep(0)  # Prefect installs its own handler of SIGTERM as its first step; ours takes its place
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    told = asyncio.create_task(
        asyncio.to_thread(_planned, url, {str(deployment.name) for deployment in served}, stopped)
    )

    def plan_is_known(task: "asyncio.Task[list[NextRun]]") -> None:
        if task.exception():
            stopped.set()
        elif not stopped.is_set():
            tell(url, task.result())

    told.add_done_callback(plan_is_known)
    await asyncio.wait(
        [running, asyncio.create_task(stopped.wait())],
        return_when=asyncio.FIRST_COMPLETED,
    )
    await _stop(settings, running)
    if told.done() and (error := told.exception()):
        raise error
    if running.done() and not running.cancelled() and (failed := running.exception()):
        raise failed


def _planned(url: str, titles: set[str], stopped: asyncio.Event) -> list[NextRun]:
    """What the server has planned, once it has planned a run of every deployment.

    Raises:
        ServerUnreachable: It has not after some time: serving on it would be silence.
    """
    end = time.monotonic() + _PLAN_SECONDS
    while not stopped.is_set():
        # A server may hold other projects' deployments as well, which prove nothing about ours.
        found = [run for run in next_runs(url) if run.title in titles]
        if len(found) == len(titles) and all(run.starts_at for run in found):
            return found
        if time.monotonic() > end:
            idle = ", ".join(run.title for run in found if run.starts_at is None)
            raise ServerUnreachable(
                f"{url}: this server has planned no run of {idle or 'any source'} within {_PLAN_SECONDS} s, so nothing "
                "would ever start; does it run its scheduler? Start it with `prefect server start`"
            )
        time.sleep(1)
    return []


async def _stop(settings: Settings, runner: "asyncio.Task[None]") -> None:
    """Kill the runs under way, write down that they were, and end the runner, which tells the server.

    A kill loses nothing that the next run does not make again; a run that is asked to end would first fill the screen
    with how Prefect's engine takes it.
    """
    logging.getLogger("prefect.flow_runs.runner").addFilter(lambda _: False)  # that a run was killed: by us
    logging.raiseExceptions = False  # and that it can no longer be sent to a server that ends as well
    runs = [child for child in psutil.Process().children(recursive=True) if _is_run(child)]
    at_work = holder_of(run_lock_file(settings))
    for child in runs:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    end = time.monotonic() + _GRACE_SECONDS
    while any(child.is_running() for child in runs) and time.monotonic() < end:
        await asyncio.sleep(0.05)  # the runner itself learns of their end, and tells the server
    if at_work is not None and at_work.process in {child.pid for child in runs}:
        record_stopped(settings, at_work)
    runner.cancel()
    with suppress(asyncio.CancelledError):
        await runner


def _is_run(process: "psutil.Process") -> bool:
    with suppress(psutil.NoSuchProcess):
        return "server" not in process.cmdline()
    return False
