"""Publishing: a finished file takes the place of the old one by a rename.

Readers never wait and never see half a build: whoever has the old file open keeps it, whoever connects next gets the
new one.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from conjoin.errors import CheckFailed
from conjoin.schemas.expectations import CheckResult


def refuse_if_failed(results: list[CheckResult], rows_of: Callable[[CheckResult], list[str]] = lambda _: []) -> None:
    """Let only a warehouse pass whose forbidding checks all hold.

    Args:
        results: What the checks saw.
        rows_of: The first offending rows of a check, to be told.

    Raises:
        CheckFailed: One does not; the published warehouse stays as it is.
    """
    failed = [result for result in results if not result.is_passed and result.severity == "refuse"]
    if failed:
        told = "; ".join(
            ", such as ".join([f"{result.check_name}: {result.observed_value} offending rows", *rows_of(result)])
            for result in failed[:5]
        )
        raise CheckFailed(
            f"{len(failed)} checks forbid publishing ({told}). The published warehouse stays as it was; "
            "`conjoin doctor` lists all of them"
        )


def publish_file(built: Path, published: Path) -> None:
    """Rename a built warehouse into place."""
    published.parent.mkdir(parents=True, exist_ok=True)
    built.replace(published)


def publish_folder(built: Path, published: Path) -> None:
    """Replace a folder of generated pages as a whole."""
    old = published.with_name(f".{published.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if published.exists():
        published.rename(old)
    built.rename(published)
    shutil.rmtree(old, ignore_errors=True)
