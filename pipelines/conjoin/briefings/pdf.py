"""A page as PDF, printed by a Chromium that is on the machine."""

import shutil
import subprocess
import tempfile
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SECONDS = 120


def html_to_pdf(page: Path, out: Path) -> bool:
    """Print a self-contained page; False where nothing on this machine can."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        return False
    with tempfile.TemporaryDirectory(prefix="conjoin-") as profile:
        command = [found, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        command += [
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--no-pdf-header-footer",
            f"--print-to-pdf={out.resolve()}",
        ]
        done = subprocess.run(  # noqa: S603 - the browser of this machine, a page that we wrote
            [*command, page.resolve().as_uri()], capture_output=True, timeout=_SECONDS, check=False
        )
    return done.returncode == 0 and out.is_file()
