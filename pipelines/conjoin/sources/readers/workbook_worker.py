"""Workbooks are read in a process of their own: what a damaged or hostile one does there is done to that process alone.

A few bytes in a workbook can claim more cells than there is memory, and the reader then aborts its whole process. Here
that ends as the refusal of one file. The worker stays for the next workbook, since starting it costs a second.

``python -m conjoin.sources.readers.workbook_worker`` reads a request per line (JSON) and answers each with a line:
``ok`` once the rows stand in an Arrow file, or what is wrong with the workbook.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from queue import Empty, LifoQueue

import pyarrow as pa

from conjoin.errors import ConjoinError, UnreadableFile
from conjoin.keeping.originals import VARIABLE
from conjoin.sources.descriptor import Reader

#: Bytes that one workbook may take beyond what the reader itself needs, and seconds that it may take.
MEMORY_BYTES = 1_500_000_000
SECONDS = 300
_OK = "ok"


class _Worker:
    """One reading process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "conjoin.sources.readers.workbook_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what an aborting library prints; the refusal says it in words
            env={name: value for name, value in os.environ.items() if name != VARIABLE},  # it reads strangers' files
            text=True,
        )

    def ask(self, request: dict[str, object]) -> tuple[str, list[str]] | None:
        """What it said, and notices; None if the process died over it, or took too long."""
        assert self._process.stdin is not None  # noqa: S101 - piped above; tells mypy
        assert self._process.stdout is not None  # noqa: S101
        timer = threading.Timer(SECONDS, self._process.kill)
        timer.start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        finally:
            timer.cancel()
        return tuple(json.loads(answer)) if answer else None

    def end(self) -> None:
        """Let the process go."""
        self._process.kill()
        self._process.communicate()


_idle: "LifoQueue[_Worker]" = LifoQueue()


def read_workbook_apart(
    path: Path, name: str, reader: Reader, *, first_sheet_only: bool = False, workspace: Path | None = None
) -> tuple[pa.Table, list[str]]:
    """What ``read_workbook`` gives, read in another process; its rows pass through ``workspace``, a private folder.

    Raises:
        UnreadableFile: As ``read_workbook``; also when the workbook takes too much memory or time.
    """
    with tempfile.TemporaryDirectory(prefix="conjoin-workbook-", dir=workspace) as folder:
        rows = Path(folder, "rows.arrow")
        request: dict[str, object] = {
            "path": str(path.absolute()),  # the worker stays where it was started
            "name": name,
            "reader": reader.model_dump(),
            "rows": str(rows),
            "first_sheet_only": first_sheet_only,
        }
        answer = _asked(request)
        if answer is None:
            raise UnreadableFile(
                f"{name}: the workbook claims more cells than can be read ({MEMORY_BYTES / 1e9:.1f} GB or {SECONDS} s "
                "are not enough), so it is damaged or was made to do harm; open it, copy the table into a new "
                "workbook, and deliver that"
            )
        said, notices = answer
        if said != _OK:
            raise UnreadableFile(said)
        with pa.OSFile(str(rows)) as file:
            return pa.ipc.open_file(file).read_all(), notices


def _asked(request: dict[str, object]) -> tuple[str, list[str]] | None:
    try:
        worker = _idle.get_nowait()
    except Empty:
        worker = _Worker()
    answer = worker.ask(request)
    if answer is None:
        worker.end()
    else:
        _idle.put(worker)
    return answer


def main() -> None:
    """Read what is asked for until nobody asks any more."""
    from conjoin.sources.readers.read_workbook import read_workbook

    # What is printed while reading must not pass for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _limit_memory()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            table, notices = read_workbook(
                Path(request["path"]),
                request["name"],
                Reader.model_validate(request["reader"]),
                first_sheet_only=request["first_sheet_only"],
            )
            with pa.OSFile(request["rows"], "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
            said, told = _OK, notices
        except ConjoinError as error:
            said, told = str(error), []
        except BaseException:  # a panic of the reader, too little memory: die, and be refused
            os._exit(1)
        answers.write(json.dumps([said, told]) + "\n")
        answers.flush()


def _limit_memory() -> None:
    """Bound what a workbook may take: the addresses in use now, and so much more."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main()
