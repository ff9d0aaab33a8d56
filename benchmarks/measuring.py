"""Whole processes, measured: what each side of a benchmark took, its start-up included."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # what tests and benchmarks share stands in tests/support


@dataclass(frozen=True)
class Measured:
    """What one process used.

    Attributes:
        seconds: Wall clock.
        cpu_seconds: User and system time; the steadier figure where a machine is shared.
        peak_mb: Largest resident memory.
    """

    seconds: float
    cpu_seconds: float
    peak_mb: float

    def told(self, peer: "Measured") -> str:
        """This side and its ratios to ``peer``."""
        return (
            f"{self.seconds:7.1f} s ({self.seconds / peer.seconds:4.1f}x)   {self.cpu_seconds:7.1f} CPU s "
            f"({self.cpu_seconds / peer.cpu_seconds:4.1f}x)   {self.peak_mb:6.0f} MB"
        )


def run(arguments: list[str], environment: dict[str, str] | None = None) -> Measured:
    """Run a Python script as a process of its own.

    Args:
        arguments: The script and its arguments.
        environment: Variables beside those of this process.

    Raises:
        SystemExit: The process failed.
    """
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], env={**os.environ, **(environment or {})})
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed with {process.returncode}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
