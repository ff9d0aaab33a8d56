"""A page as PDF: printed by a Chromium of this machine, else by WeasyPrint where it is installed (``conjoin[pdf]``).

Both print the page by its own rules for print, and neither may fetch anything; scripts the page itself forbids. What
says when it was printed is taken out, so that the same page gives the same bytes on the same machine.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from conjoin.errors import ConjoinError
from conjoin.plain import visible

CHROMIUM, WEASYPRINT = "Chromium", "WeasyPrint"
#: What to tell where nothing prints.
NOTHING_PRINTS = (
    "No PDF was made: neither Chromium nor WeasyPrint is on this machine. Install Chromium, or WeasyPrint by "
    "`pip install 'conjoin[pdf]'`; any browser prints the page too."
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SECONDS = 120
#: No request leaves the machine: no name is found, whatever is asked for goes to a port where nobody listens, and the
#: browser looks for nothing of its own.
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",
    "--no-pdf-header-footer",
)
#: When it was printed, in the one place of the file that tells; a bracket inside a text has a backslash before it.
_PRINTED_AT = re.compile(rb"/(?:CreationDate|ModDate) \(D:[^()]*\)")
#: What Chromium calls the heads of tables, for those who have them read out: numbers that begin anywhere.
_NODE = re.compile(rb"\(node(\d{8})\)")


def printers() -> list[str]:
    """What can print on this machine, the better first."""
    there = [CHROMIUM] if _chromium() else []
    return there + ([WEASYPRINT] if importlib.util.find_spec("weasyprint") else [])


def html_to_pdf(page: Path, out: Path, by: str = "") -> bool:
    """Print a self-contained page; an earlier file at that place is replaced at the end, or stays.

    Args:
        page: The page.
        out: Where its PDF goes.
        by: One of ``printers``; the first that manages when left out.

    Returns:
        Whether it was printed: False where nothing on this machine can, see ``NOTHING_PRINTS``.

    Raises:
        ConjoinError: What can print did not print this page.
    """
    troubles = []
    for name in [by] if by else printers():
        building = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            _PRINTERS[name](page.resolve(), building.resolve())
            building.write_bytes(_steady(building.read_bytes()))
            building.replace(out)
        except (ConjoinError, OSError) as error:
            troubles.append(f"{name}: {error}")
        else:
            return True
        finally:
            building.unlink(missing_ok=True)
    if troubles:
        raise ConjoinError(f"{page.name}: no PDF could be printed; {'; '.join(troubles)}")
    return False


def _steady(content: bytes) -> bytes:
    """The file without what differs from one print to the next; every part stays as long as it is, and in its order."""
    places = {number: place for place, number in enumerate(sorted(set(_NODE.findall(content))), start=1)}
    content = _NODE.sub(lambda found: b"(node%08d)" % places[found[1]], content)
    return _PRINTED_AT.sub(lambda found: b" " * len(found[0]), content)


def _chromium() -> str | None:
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def _by_chromium(page: Path, out: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="conjoin-", ignore_cleanup_errors=True) as profile:
        options = [*_OPTIONS, f"--user-data-dir={profile}", f"--print-to-pdf={out}"]
        # Its sandbox does not work for root, nor in most containers. The page is ours, and forbids scripts.
        attempts = [["--no-sandbox"]] if os.geteuid() == 0 else [[], ["--no-sandbox"]]
        for more in attempts:
            told = _run([str(_chromium()), *options, *more, page.as_uri()])
            if _is_whole(out):
                return
            out.unlink(missing_ok=True)
    raise ConjoinError(told)


def _is_whole(out: Path) -> bool:
    """Whether a file was printed to its end: on a disk that fills up the browser stops midway and says nothing."""
    return out.is_file() and out.read_bytes().rstrip().endswith(b"%%EOF")


def _run(command: list[str]) -> str:
    """Run the browser; what it said last. One that does not end is ended, with all that it started."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 - the browser of this machine, on a page that we wrote
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True
        )
        try:
            code = process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            return f"it printed nothing within {_SECONDS} seconds"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(0)
        lines = said.read().decode("utf-8", errors="replace").split("\n")
    last = next((line for line in reversed(lines) if line.strip()), "it said nothing")
    return f"it printed nothing and ended with code {code}: {visible(last.strip()[:300])}"


def _by_weasyprint(page: Path, out: Path) -> None:
    try:
        from weasyprint import HTML  # heavy, optional, and in need of a library of the system: Pango
        from weasyprint.urls import URLFetcher

        text = page.read_text(encoding="utf-8")
        HTML(string=text, url_fetcher=URLFetcher(allowed_protocols={"data"})).write_pdf(str(out))
    except Exception as error:  # whatever it cannot lay out, or Pango that is missing: the page is there all the same
        raise ConjoinError(visible(f"{type(error).__name__}: {error}"[:300])) from error


_PRINTERS: dict[str, Callable[[Path, Path], None]] = {CHROMIUM: _by_chromium, WEASYPRINT: _by_weasyprint}
