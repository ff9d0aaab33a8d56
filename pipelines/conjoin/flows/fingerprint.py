"""What a matching run sees, as one number: whoever sees the same comes to the same sites."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import duckdb

from conjoin import content, matching

_INPUTS = ("site_records", "site_identifiers", "judgements")
_CONTENT = (("schemas/matching", "*"), ("schemas/vocabularies", "*.toml"))


def fingerprint(con: duckdb.DuckDBPyConnection, options: Sequence[str]) -> str:
    """Hash of the schema ``input``, the options, the model, the vocabularies and the code of matching.

    The order of rows does not count.
    """
    digest = hashlib.sha256("\n".join(options).encode())
    for table in _INPUTS:
        rows = con.execute(
            "select count(*), coalesce(sum(md5_number_lower(told::varchar)::hugeint), 0)::varchar "
            f"from input.{table} as told"
        ).fetchall()
        digest.update(f"\n{table} {rows[0]}".encode())
    code = sorted(Path(matching.__file__).parent.glob("*.py"))
    declared = [path for folder, pattern in _CONTENT for _, path in content.files(folder, pattern)]
    for path in (*code, *declared):
        digest.update(path.name.encode() + b"\n" + path.read_bytes())
    return digest.hexdigest()
