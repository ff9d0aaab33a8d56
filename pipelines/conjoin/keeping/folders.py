"""Who may read what below the data folder: what was delivered is private, what is published is not."""

from pathlib import Path

_PRIVATE, _PRIVATE_FILE = 0o700, 0o600
_READ, _ENTER = 0o444, 0o111


def make_private(folder: Path) -> Path:
    """Make a folder that only its owner can enter, also where it was there and open; return it."""
    folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o777 != _PRIVATE:
        folder.chmod(_PRIVATE)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write a small file that only its owner can read, whole or not at all."""
    building = path.with_name(f".{path.name}.building")
    building.unlink(missing_ok=True)
    building.touch(mode=_PRIVATE_FILE)
    building.write_text(text, encoding="utf-8")
    building.replace(path)


def open_to_readers(path: Path, mode: int) -> None:
    """Give a published file, or a folder and all in it, the mode that conjoin.toml names.

    Args:
        path: A file or a folder.
        mode: Of files; whoever may read them may also enter their folders.
    """
    for entry in (path, *path.rglob("*")) if path.is_dir() else (path,):
        entry.chmod(_folder_mode(mode) if entry.is_dir() else mode)


def let_readers_in(folder: Path, mode: int) -> None:
    """Let whoever may read what is published enter the folder that holds it; what else is there stays as it is."""
    folder.chmod(folder.stat().st_mode & 0o7777 | _folder_mode(mode))


def _folder_mode(mode: int) -> int:
    return mode | _ENTER & ((mode & _READ) >> 2) | 0o100
