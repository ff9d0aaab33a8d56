"""Known vulnerabilities of what is locked: ``python tests/support/audit.py`` asks the OSV database through pip-audit.

pip-audit is a tool of its own with two dozen dependencies, so it is put into a folder beside the environment and not
into it. Exit code 0: none is known, or nobody could be asked, which is said; 1: some are known.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TOOL = ROOT / ".audit"
_VERSION = "2.10.1"
_SECONDS = 600
_INSTALL = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "0", "--timeout", "10"]
_ASK = ["-m", "pip_audit", "--requirement", "constraints.txt", "--no-deps", "--disable-pip", "--format", "json"]
_ASK += ["--vulnerability-service", "osv", "--progress-spinner", "off", "--timeout", "10"]


def verdict(answer: str, trouble: str) -> tuple[int, str]:
    """Exit code and what to say.

    Args:
        answer: What pip-audit printed: JSON, or nothing if it could not ask.
        trouble: What it said beside that.
    """
    try:
        asked = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (trouble.strip().splitlines() or ["it did not say why"])[-1][:120]
        return 0, f"NOT AUDITED: the list of known vulnerabilities could not be reached ({why}); try again online."
    known = [_told(package, found) for package in asked for found in package.get("vulns", [])]
    skipped = [f"NOT AUDITED: {found['name']}: {found['skip_reason']}" for found in asked if "skip_reason" in found]
    if known:
        advice = f"{len(known)} known vulnerabilities: raise these versions (`make lock`)."
        return 1, "\n".join([*known, *skipped, advice])
    return 0, "\n".join([*skipped, f"No vulnerability is known of {len(asked) - len(skipped)} locked packages."])


def _told(package: dict[str, Any], found: dict[str, Any]) -> str:
    mended = ", ".join(found["fix_versions"]) or "none yet"
    return f"{package['name']} {package['version']}: {found['id']}, mended in {mended}"


def main() -> int:
    """Fetch the tool if it is not there, ask, and say what is known."""
    if not (TOOL / "pip_audit").is_dir():
        fetched = _run([*_INSTALL, "--target", str(TOOL), f"pip-audit=={_VERSION}"])
        if fetched is None or fetched.returncode:
            sys.stdout.write("NOT AUDITED: pip-audit is not here and could not be fetched; try again online.\n")
            return 0
    asked = _run(_ASK)
    code, told = verdict(asked.stdout, asked.stderr) if asked else verdict("", "it took too long")
    sys.stdout.write(told + "\n")
    return code


def _run(arguments: list[str]) -> "subprocess.CompletedProcess[str] | None":
    try:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(TOOL)},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None


if __name__ == "__main__":
    sys.exit(main())
