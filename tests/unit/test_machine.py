"""What the machine refuses comes out as one sentence that says what to do."""

import errno

import duckdb
import pytest

from conjoin.machine import in_words


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "/data/x: the disk is full: free some space"),
        (
            duckdb.IOException('IO Error: Could not write file "x.tmp": No space left on device'),
            "the disk is full: free some space (IO Error: Could not write",
        ),
        (MemoryError(), "too little memory: close other programs"),
        (duckdb.OutOfMemoryException("Out of Memory Error: failed"), "too little memory: close other programs"),
        (OSError(errno.ENOTDIR, "Not a directory", "/data/x"), "/data/x: Not a directory; what was published stays"),
    ],
)
def test_a_refusal_says_what_to_do(error: Exception, advice: str) -> None:
    assert in_words(error).startswith(advice)
