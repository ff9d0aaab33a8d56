"""Published warehouses: the one that readers open, and the last few before it, to go back to.

``versions/`` holds each as ``<number>.duckdb`` with its facts in ``<number>.json``; what is published is a second name
of one of them. The facts are written last: a version without them was never wholly published, and does not count.
"""

import os
import shutil
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import duckdb
from pydantic import BaseModel, ConfigDict, ValidationError

from conjoin.errors import ConjoinError
from conjoin.keeping.archive import now
from conjoin.keeping.folders import let_readers_in, make_private
from conjoin.settings import Settings
from conjoin.warehouse.publish import publish_file


class Version(BaseModel):
    """One published warehouse."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    published_at: datetime
    inputs: str  # a hash of all that it was built from
    headlines: dict[str, int]  # the first figures, by name


def publish_version(settings: Settings, built: Path, inputs: str, headlines: dict[str, int]) -> Version:
    """Publish a built warehouse under the next number, and drop the oldest one kept."""
    folder = make_private(_folder(settings))
    for unfinished in folder.glob("*.duckdb"):
        if not unfinished.with_suffix(".json").is_file():
            unfinished.unlink()
    known = versions(settings)
    version = Version(
        number=known[-1].number + 1 if known else 1, published_at=now(), inputs=inputs, headlines=headlines
    )
    file = version_file(settings, version)
    built.replace(file)
    _put_in_place(settings, file)
    facts = file.with_suffix(".json.building")
    facts.write_text(version.model_dump_json(indent=1) + "\n", encoding="utf-8")
    facts.replace(file.with_suffix(".json"))
    for old in [*known, version][: -settings.kept_versions]:
        _drop(settings, old)
    return version


def versions(settings: Settings) -> list[Version]:
    """Every version kept, oldest first; facts that cannot be read are left out, and so is their version."""
    found = []
    for path in sorted(_folder(settings).glob("*.json")):
        try:
            version = Version.model_validate_json(path.read_bytes())
        except ValidationError:
            continue
        if version_file(settings, version).is_file():
            found.append(version)
    return sorted(found, key=lambda version: version.number)


def published_version(settings: Settings) -> Version | None:
    """The version that readers see; None where nothing is published, or something that is no version."""
    if not settings.warehouse.is_file():
        return None
    shown = settings.warehouse.stat()
    for version in reversed(versions(settings)):
        kept = version_file(settings, version).stat()
        if (kept.st_ino, kept.st_dev) == (shown.st_ino, shown.st_dev) or (
            kept.st_nlink == 1 and (kept.st_size, kept.st_mtime_ns) == (shown.st_size, shown.st_mtime_ns)
        ):
            return version
    return None


def told_version(settings: Settings, asked: Path | None = None) -> str:
    """Which version of the warehouse a file is, in words; empty if it is none that was published."""
    if asked is not None and asked.resolve() != settings.warehouse.resolve():
        return ""
    version = published_version(settings)
    return f"version {version.number}, published {version.published_at:%Y-%m-%d %H:%M} UTC" if version else ""


def publish_previous(settings: Settings) -> Version:
    """Go back to the version before the published one; readers are not disturbed.

    Raises:
        ConjoinError: There is none to go back to.
    """
    current = published_version(settings)
    earlier = [version for version in versions(settings) if current is None or version.number < current.number]
    if not earlier:
        raise ConjoinError(
            "no earlier warehouse is kept to go back to; `conjoin build` and `conjoin publish` make today's anew"
        )
    _put_in_place(settings, version_file(settings, earlier[-1]))
    return earlier[-1]


def drop_versions_holding(settings: Settings, content_hashes: Collection[str]) -> tuple[list[Version], Version | None]:
    """Drop every version that holds a delivery of these contents, but never the one that readers see.

    Args:
        settings: Where versions are.
        content_hashes: SHA-256 of delivered files.

    Returns:
        The versions dropped, and the published one if it holds such a delivery; None if it does not.
    """
    if not content_hashes:
        return [], None
    published = published_version(settings)
    holding = [version for version in versions(settings) if _holds(version_file(settings, version), content_hashes)]
    dropped = [version for version in holding if version != published]
    for version in dropped:
        _drop(settings, version)
    return dropped, published if published in holding else None


def _holds(file: Path, content_hashes: Collection[str]) -> bool:
    """Whether a warehouse was built with a load of these contents; one that cannot be asked may have been."""
    try:
        with duckdb.connect(str(file), read_only=True) as con:
            sql = "select 1 from landing.loads where list_contains($1::varchar[], content_hash) limit 1"
            return bool(con.execute(sql, [list(content_hashes)]).fetchall())
    except duckdb.Error:
        return True


def _drop(settings: Settings, version: Version) -> None:
    """Remove a version, its facts first: without them it does not count."""
    version_file(settings, version).with_suffix(".json").unlink()
    version_file(settings, version).unlink(missing_ok=True)


def _put_in_place(settings: Settings, file: Path) -> None:
    """Give a version its public name; whoever has the file before it open keeps that."""
    file.chmod(settings.reader_mode)
    name = settings.warehouse.with_name(f".{settings.warehouse.name}.publishing")
    name.unlink(missing_ok=True)
    try:
        os.link(file, name)
    except OSError:  # a disk that knows no second names
        shutil.copy2(file, name)
    publish_file(name, settings.warehouse)
    for folder in (settings.data, settings.warehouse.parent):
        let_readers_in(folder, settings.reader_mode)


def _folder(settings: Settings) -> Path:
    return settings.warehouse.parent / "versions"


def version_file(settings: Settings, version: Version) -> Path:
    """The file of a version that is kept."""
    return _folder(settings) / f"{version.number:06d}.duckdb"
