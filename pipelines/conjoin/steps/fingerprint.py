"""What a result hangs on, as one number: of matching, and of a whole warehouse. Equal numbers, equal results."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from conjoin import content
from conjoin.settings import Settings
from conjoin.steps.deliveries import sources_in_use
from conjoin.steps.landed import LandedState

_MATCHING_CONTENT = (("schemas/matching", "**/*"), ("schemas/vocabularies", "**/*.toml"))
_CONTENT = (
    ("schemas", "**/*"),
    ("warehouse", "**/*.sql"),
    ("warehouse", "**/*.toml"),
    ("notebooks", "*.ipynb"),
    ("sources", "*/*/source.toml"),
    ("sources", "reviews/*.csv"),
)


def fingerprint(options: Sequence[str]) -> str:
    """Hash of the options, the model, the word lists, the vocabularies and the code of matching and of DuckDB."""
    digest = hashlib.sha256("\n".join((duckdb.__version__, *options)).encode())
    _add(digest, content.code("matching"))
    _add_content(digest, _MATCHING_CONTENT)
    return digest.hexdigest()


def build_inputs(settings: Settings, state: LandedState) -> str:
    """Hash of all that a warehouse is built from: deliveries, their readings, declarations, rules, judgements, code."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    _add(digest, content.code())
    _add_content(digest, _CONTENT)
    names = [*sources_in_use(settings), *(f"{load.load_id} {current}" for load, current in state.loads)]
    digest.update("\n".join(names).encode())
    ledger = settings.archive / "ledger.jsonl"
    digest.update(ledger.read_bytes() if ledger.is_file() else b"")
    return digest.hexdigest()


def _add_content(digest: "hashlib._Hash", patterns: Iterable[tuple[str, str]]) -> None:
    for folder, pattern in patterns:
        _add(digest, content.files(folder, pattern))


def _add(digest: "hashlib._Hash", files: Iterable[tuple[str, Path]]) -> None:
    for relative, path in files:
        digest.update(relative.encode() + b"\n" + path.read_bytes())
