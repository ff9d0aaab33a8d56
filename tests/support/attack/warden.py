"""Runs one input in a process of its own with hard limits; whatever happens there is told, and ends there."""

import faulthandler
import json
import os
import resource
import select
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 2 << 30
MOST_SECONDS = 30
#: On a busy machine the clock runs ahead of the processor; who waits for nobody hangs all the same.
_PATIENCE = 4
_TOLD_BYTES = 6_000


@dataclass(frozen=True)
class Ending:
    """How a process ended.

    Attributes:
        told: What the work returned; None if it did not come to its end.
        signal: The signal that ended it, 0 if none did.
        code: Its exit code.
        megabytes: The most memory that it held.
        seconds: Processor time.
        printed: The end of what it wrote to standard error, with a traceback of a crash.
    """

    told: Any = None
    signal: int = 0
    code: int = 0
    megabytes: int = 0
    seconds: float = 0.0
    printed: str = field(default="", compare=False)


def watched(work: Callable[[], Any], seconds: int = MOST_SECONDS, most: int = MOST_BYTES) -> Ending:
    """Fork, work there, and tell how it ended. The caller must have no threads that hold locks."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    with tempfile.TemporaryFile() as printed:
        child = os.fork()
        if not child:
            os.close(reading)
            _work(work, writing, printed.fileno(), seconds, most)
        os.close(writing)
        answer = _answer(reading, child, seconds * _PATIENCE + 15)
        _, status, used = os.wait4(child, 0)
        size = printed.seek(0, os.SEEK_END)
        printed.seek(max(0, size - _TOLD_BYTES))
        text = printed.read().decode("utf-8", "replace")
    return Ending(
        told=json.loads(answer) if answer and status == 0 else None,
        signal=os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else 0,
        megabytes=used.ru_maxrss // 1024,
        seconds=used.ru_utime + used.ru_stime,
        printed=text,
    )


def _work(work: Callable[[], Any], writing: int, printed: int, seconds: int, most: int) -> None:
    code = 70
    try:
        os.dup2(printed, 1)
        os.dup2(printed, 2)
        faulthandler.enable(file=2, all_threads=False)
        for late in (signal.SIGALRM, signal.SIGXCPU):
            faulthandler.register(late, file=2, all_threads=False, chain=True)
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - no path of ours
            base = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (base + most, base + most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        signal.alarm(seconds * _PATIENCE)
        answer = json.dumps(work()).encode()
        while answer:
            answer = answer[os.write(writing, answer) :]
        code = 0
    finally:
        os._exit(code)


def _answer(reading: int, child: int, seconds: int) -> bytes:
    """All that the child writes; a child that outlives its own alarm is killed."""
    parts = []
    while True:
        ready, _, _ = select.select([reading], [], [], seconds)
        if not ready:
            os.kill(child, signal.SIGKILL)
            break
        part = os.read(reading, 1 << 16)
        if not part:
            break
        parts.append(part)
    os.close(reading)
    return b"".join(parts)
