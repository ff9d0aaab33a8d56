"""Backups: one file with all that cannot be made again, and back from it.

It holds the archive (originals, ledger, journals) and the project's own declarations, rules and judgements. Landing,
matching and the warehouse are left out: ``conjoin rebuild`` makes them again.
"""

import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import IO

from conjoin import content
from conjoin.errors import BackupError
from conjoin.keeping.archive import Archive, LedgerEntry
from conjoin.keeping.erasure import erased_hashes
from conjoin.keeping.folders import make_private
from conjoin.keeping.landing import hashes_in_force
from conjoin.progress import counted
from conjoin.settings import Settings

_MANIFEST = "MANIFEST.json"
_ARCHIVE = "archive"
_PROJECT = "project"
_OWN_FOLDERS = ("sources", "schemas", "warehouse", "notebooks")


def write_backup(settings: Settings, target: Path) -> int:
    """Write everything that cannot be made again into one tar file; return how many files it holds.

    Raises:
        BackupError: The target is there already, or there is nothing to keep.
        DamagedOriginal: An original is not what was delivered: a backup of it would hide that.
        ArchiveLocked: Originals are encrypted and the key to look at them is not at hand.
    """
    if target.exists():
        raise BackupError(f"{target} is there already; choose the name of a new file")
    if not target.parent.is_dir():
        raise BackupError(f"{target}: there is no folder {target.parent}; make it, or choose another")
    archive = Archive(settings.archive)
    entries = archive.entries()
    for content_hash in counted("Looking at originals", hashes_in_force(entries)):
        archive.original(content_hash)
    _refuse_erased(archive, entries)
    files = {f"{_ARCHIVE}/{name}": path for name, path in _below(settings.archive)}
    files |= {f"{_PROJECT}/{name}": path for name, path in _own_content()}
    if not any(name.startswith(_ARCHIVE) for name in files):
        raise BackupError("nothing has been delivered yet, so there is nothing to keep; `conjoin run` first")
    building = target.with_name(f".{target.name}.building")
    try:
        with tarfile.open(building, "w") as tar:
            building.chmod(0o600)
            hashes = {name: _hash(path) for name, path in files.items()}
            manifest = json.dumps(hashes, indent=1, sort_keys=True).encode()
            _add(tar, _MANIFEST, len(manifest), io.BytesIO(manifest))
            for name, path in counted("Copying files", files.items()):
                with path.open("rb") as file:
                    _add(tar, name, path.stat().st_size, file)
        building.replace(target)
    finally:
        building.unlink(missing_ok=True)
    return len(files)


def _refuse_erased(archive: Archive, entries: list[LedgerEntry]) -> None:
    """Let no original into a backup that was erased: somebody has put it back by hand."""
    for content_hash in sorted(erased_hashes(entries)):
        if archive.holds(content_hash):
            place = archive.originals.place(content_hash)
            raise BackupError(f"{place}: this original was erased and is there again; remove it, then start again")


def restore_backup(settings: Settings, source: Path) -> int:
    """Put a backup back: all of it, or nothing; return how many files it held.

    Raises:
        BackupError: The file is no backup or is damaged, or there is an archive already that it would replace.
    """
    if settings.archive.exists() and any(settings.archive.iterdir()):
        raise BackupError(
            f"{settings.archive} holds deliveries already, and a backup must not be mixed with them; choose an empty "
            "project folder (`conjoin init`), or move the archive away"
        )
    building = settings.archive.with_name(f".{settings.archive.name}.restoring")
    shutil.rmtree(building, ignore_errors=True)
    make_private(building)
    try:
        count = _unpack(source, building)
        make_private(settings.archive)
        settings.archive.rmdir()
        (building / _ARCHIVE).rename(settings.archive)
        settings.archive.chmod(0o700)
        _put_back_own_content(building / _PROJECT)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return count


def _unpack(source: Path, target: Path) -> int:
    """Unpack and verify every file."""
    try:
        with tarfile.open(source, "r:") as tar:
            manifest = tar.extractfile(_MANIFEST)
            if manifest is None:
                raise BackupError(f"{source}: this is no backup of Conjoin; choose one that `conjoin backup` wrote")
            hashes: dict[str, str] = json.load(manifest)
            for name, expected in counted("Putting files back", hashes.items()):
                file = tar.extractfile(name)
                data = file.read() if file else b""
                place = (target / name).resolve()
                if hashlib.sha256(data).hexdigest() != expected or not place.is_relative_to(target.resolve()):
                    raise BackupError(f"{source}: {name} is damaged in this backup; choose an older one")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(data)
                place.chmod(0o444 if name.startswith(f"{_ARCHIVE}/objects") else 0o644)
    except (tarfile.TarError, KeyError, ValueError, OSError) as error:
        raise BackupError(
            f"{source}: cannot be read as a backup ({error}); choose one that `conjoin backup` wrote"
        ) from error
    if not (target / _ARCHIVE).is_dir():
        raise BackupError(f"{source}: there is no archive in it; choose one that `conjoin backup` wrote")
    return len(hashes)


def _put_back_own_content(folder: Path) -> None:
    """Put declarations, rules and judgements back where there are none of that name yet."""
    root = content.project_root()
    if root is None or not folder.is_dir():
        return
    for name, path in _below(folder):
        target = root / name
        if not target.exists() or target.name == "decisions.csv":
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _own_content() -> list[tuple[str, Path]]:
    root = content.project_root()
    if root is None:
        return []
    found = [(content.PROJECT_MARKER, root / content.PROJECT_MARKER)]
    for folder in _OWN_FOLDERS:
        found += [(f"{folder}/{name}", path) for name, path in _below(root / folder)]
    return found


def _below(folder: Path) -> list[tuple[str, Path]]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return [(path.relative_to(folder).as_posix(), path) for path in paths]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add(tar: tarfile.TarFile, name: str, byte_count: int, file: IO[bytes]) -> None:
    """Add a file without owner, mode and time: the same content gives the same bytes."""
    entry = tarfile.TarInfo(name)
    entry.size = byte_count
    tar.addfile(entry, file)
