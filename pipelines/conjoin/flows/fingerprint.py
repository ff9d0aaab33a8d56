"""What a matching result hangs on beside records and judgements, as one number."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb

from conjoin import content, matching

_CONTENT = (("schemas/matching", "*"), ("schemas/vocabularies", "*.toml"))


def fingerprint(options: Sequence[str]) -> str:
    """Hash of the options, the model, the word lists, the vocabularies and the code of matching and of DuckDB."""
    digest = hashlib.sha256("\n".join((duckdb.__version__, *options)).encode())
    code = sorted(Path(matching.__file__).parent.glob("*.py"))
    declared = [path for folder, pattern in _CONTENT for _, path in content.files(folder, pattern)]
    for path in (*code, *declared):
        digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()
