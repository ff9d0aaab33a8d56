"""Processes that need not import: forked from one that has already imported what most commands need.

Starting the interpreter and importing Great Expectations, scikit-learn and pandas takes four seconds of a core, for
every command that a test runs. What is forked is a process like any other: with a number, folder, environment and
output of its own, and nothing that another one left in memory. Tests of starting, of servers, of kills and of the wheel
start interpreters as people do. Two parents with different seeds of ``hash`` take turns, so that two runs of a command
still iterate over sets in different orders.

Run as a script it is the parent: ``warm.py ADDRESS SESSION``.
"""

import array
import atexit
import contextlib
import fcntl
import importlib
import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

#: What a process runs unless told otherwise.
COMMAND = "from conjoin.cli import main; main()"
#: Modules that read the environment when they are imported, or that belong to a server: each process imports its own.
_COLD = ("conjoin.__main__", "conjoin.flows", "conjoin.cli.docs")
_START_SECONDS = 120
_turns = itertools.count()


def run(
    folder: Path, environment: Mapping[str, str], arguments: Sequence[str], code: str = COMMAND, seed: int | None = None
) -> tuple[int, str]:
    """Run a process to its end: exit code (negative: the signal that ended it), and all that it and its children said.

    Args:
        folder: Where it works.
        environment: Its variables.
        arguments: What follows the name of the program.
        code: The program.
        seed: Which of the two parents; None for the one whose turn it is.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8", errors="replace") as output:
        try:
            address = _address(next(_turns) % 2 if seed is None else seed)
            asked = _ask(address, (writing, writing), os.fspath(folder), dict(environment), list(arguments), code)
        finally:
            os.close(writing)
        printed = output.read()
    with asked:
        return int(asked.makefile().read()), printed


def write_command(path: Path) -> None:
    """Write an executable file that does what ``conjoin`` does: for shells that follow a page."""
    text = (
        f"#!{sys.executable} -IS\nimport sys\nsys.path.append({os.fspath(Path(__file__).parent)!r})\n"
        f"import warm\nsys.exit(warm.stand_in({os.fspath(_address(next(_turns) % 2))!r}))\n"
    )
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def stand_in(address: str) -> int:
    """Have the command of this process done by one that need not import, which says all in its place."""
    with _ask(Path(address), (1, 2), str(Path.cwd()), dict(os.environ), sys.argv[1:], COMMAND) as asked:
        return int(asked.makefile().read())


def _ask(
    address: Path, outputs: tuple[int, int], folder: str, environment: dict[str, str], arguments: list[str], code: str
) -> socket.socket:
    """Have a process started that says what it says to ``outputs``; what comes from the socket is its exit code."""
    told = {"folder": folder, "environment": environment, "arguments": arguments, "code": code}
    text = json.dumps(told).encode()
    asked = socket.socket(socket.AF_UNIX)
    asked.connect(os.fspath(address))
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", outputs))]
    asked.sendmsg([len(text).to_bytes(8, "big")], rights)
    asked.sendall(text)
    return asked


def _address(seed: int) -> Path:
    """The socket of a parent, which is started by whichever process of the session asks first."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
    folder = Path(tempfile.gettempdir()) / f"conjoin-warm-{os.getuid()}-{session}"
    folder.mkdir(mode=0o700, exist_ok=True)
    address = folder / str(seed)
    with (folder / f"{seed}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            _start(address, seed)
    return address


def _start(address: Path, seed: int) -> None:
    session = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CONJOIN_", "GX_"))}
    # What is said while importing is nobody's: each process says its own, in its own environment.
    kept |= {"PYTHONHASHSEED": str(seed + 1), "CONJOIN_TEST_CALLS": os.devnull}
    log = address.with_suffix(".log")
    with log.open("wb") as file:
        parent = subprocess.Popen(
            [sys.executable, __file__, address, str(session)],
            cwd=address.parent, env=kept, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip
    end = time.monotonic() + _START_SECONDS
    while not address.exists():
        assert parent.poll() is None and time.monotonic() < end, log.read_text(encoding="utf-8")
        time.sleep(0.05)


def _serve(address: Path, session: int) -> None:
    """Import, then fork for whoever asks, until the session of tests is over."""
    import gc

    sys.path[0] = ""  # as with ``python -c``; the folder of this file is no place to import from
    package = Path(importlib.import_module("conjoin").__file__ or "").parent
    for path in sorted(package.rglob("*.py")):
        name = ".".join(["conjoin", *path.relative_to(package).with_suffix("").parts]).removesuffix(".__init__")
        if not name.startswith(_COLD):
            importlib.import_module(name)
    importlib.import_module("great_expectations")
    gc.collect()
    gc.freeze()  # children do not copy what they never write
    threads = threading.active_count()
    assert threads == 1, f"a process with {threads} threads cannot be forked"
    with socket.socket(socket.AF_UNIX) as listening:
        passing = address.with_suffix(".new")
        listening.bind(os.fspath(passing))
        listening.listen(16)
        passing.rename(address)  # whoever sees it can connect
        listening.settimeout(1)
        while Path(f"/proc/{session}").exists() if sys.platform == "linux" else _lives(session):
            _reap()
            try:
                asking, _ = listening.accept()
            except TimeoutError:
                continue
            if not os.fork():
                listening.close()
                _attend(asking)
            asking.close()
    shutil.rmtree(address.parent, ignore_errors=True)


def _reap() -> None:
    """Let attendants go that have come to their end."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError:
        return False
    return True


def _attend(asking: socket.socket) -> None:
    """Start one process, wait for it and tell how it ended."""
    asking.settimeout(None)
    size, rights, _, _ = asking.recvmsg(8, socket.CMSG_SPACE(8))
    outputs = array.array("i", rights[0][2])
    with asking.makefile("rb") as stream:
        wanted = json.loads(stream.read(int.from_bytes(size, "big")))
    child = os.fork()
    if not child:
        asking.close()
        _become(wanted, outputs)
    for output in outputs:
        os.close(output)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    asking.sendall(str(ended).encode())
    os._exit(0)


def _become(wanted: dict[str, object], outputs: Sequence[int]) -> None:
    """Be the process that was asked for, to its end."""
    os.setsid()
    for stream, output in enumerate(outputs, start=1):
        os.dup2(output, stream)
    for output in outputs:
        os.close(output)
    os.chdir(str(wanted["folder"]))
    os.environ.clear()
    os.environ.update(wanted["environment"])  # type: ignore[call-overload]
    tempfile.tempdir = None  # TMPDIR may be another one
    _customize()
    sys.argv = ["-c", *wanted["arguments"]]  # type: ignore[misc]
    main = type(sys)("__main__")
    sys.modules["__main__"] = main
    code = 0
    try:
        exec(compile(str(wanted["code"]), "<string>", "exec"), main.__dict__)  # noqa: S102 - the program that a test runs
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    atexit._run_exitfuncs()
    os._exit(code)


def _customize() -> None:
    """Do what Python does with PYTHONPATH when it starts: the watch over who speaks to other machines stands there."""
    sys.path[1:1] = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    sys.modules.pop("sitecustomize", None)
    with contextlib.suppress(ImportError):
        importlib.import_module("sitecustomize")


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
