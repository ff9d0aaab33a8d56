"""``conjoin serve``: every source on its schedule, and the nightly run, until stopped.

Prefect reads its settings when it is first imported, so nothing here imports it before the server has an address.
"""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

from conjoin.errors import ServerUnreachable, SettingsError
from conjoin.flows.server import prefect_server
from conjoin.keeping.run_lock import serve_lock
from conjoin.settings import Settings
from conjoin.sources.descriptor import Source
from conjoin.sources.schedules import check_schedule
from conjoin.watch.next_runs import NextRun, next_runs

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment
    from prefect.runner import Runner

#: Prefect's scheduler looks every few seconds for deployments that changed; a busy machine needs longer.
_PLAN_SECONDS = 120
#: A run that is stopped gets this long to end by itself; a kill loses nothing that the next run does not make again.
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

        asyncio.run(_serve(deployments(sources, nightly_cron), url, tell))


async def _serve(served: list["RunnerDeployment"], url: str, tell: Callable[[str, list[NextRun]], None]) -> None:
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
    await _stop(runner, running)
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


async def _stop(runner: "Runner", running: "asyncio.Task[None]") -> None:
    """End the runs under way, then the runner, which tells the server that nothing is served any more."""
    children = psutil.Process(os.getpid()).children(recursive=True)
    runs = [child for child in children if _is_run(child)]
    for child in runs:
        with suppress(psutil.NoSuchProcess):
            child.terminate()
    _, alive = await asyncio.to_thread(psutil.wait_procs, runs, timeout=_GRACE_SECONDS)
    for child in alive:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


def _is_run(process: "psutil.Process") -> bool:
    with suppress(psutil.NoSuchProcess):
        return "server" not in process.cmdline()
    return False
