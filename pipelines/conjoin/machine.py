"""What the machine refuses (a full disk, a folder that cannot be written, too little memory), in words for people."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from conjoin.errors import ConjoinError, MachineTrouble

_KEPT = "what was published stays as it is, and the next run begins where this one stopped"
_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space",
    errno.EDQUOT: "the disk quota is used up: free some space",
    errno.EFBIG: "File too large for this disk or this user's limit: raise the limit",
    errno.EROFS: "the disk is read-only: mount it for writing",
    errno.EACCES: "permission denied: give this user the right to read and write there",
    errno.EPERM: "not permitted: give this user the right to read and write there",
    errno.EMFILE: "too many files are open: raise the limit (ulimit -n)",
    errno.ENOENT: "it is not there (any more)",
    errno.EIO: "the disk does not answer: look after it, then restore what it lost from a backup",
}


@contextmanager
def told_in_words() -> Iterator[None]:
    """Let what the machine refuses within the block come out as one sentence that says what to do.

    Raises:
        MachineTrouble: Instead of an OSError, a MemoryError, or DuckDB's word for either.
    """
    try:
        yield
    except ConjoinError:
        raise
    except (OSError, MemoryError, duckdb.OutOfMemoryException, duckdb.IOException, duckdb.FatalException) as error:
        raise MachineTrouble(in_words(error)) from error


def in_words(error: Exception) -> str:
    """The refusal as a sentence."""
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return (
            "too little memory: close other programs, or give memory_limit under [run] in conjoin.toml more than it "
            f"has, but less than this machine has free; {_KEPT}"
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        advice = _ADVICE.get(error.errno or 0)
        return f"{where}{advice}; {_KEPT}" if advice else f"{where}{error.strerror or error}; {_KEPT}"
    first = str(error).splitlines()[0]
    if "No space left" in first:
        return f"{_ADVICE[errno.ENOSPC]} ({first}); {_KEPT}"
    return f"{first}; {_KEPT}"
