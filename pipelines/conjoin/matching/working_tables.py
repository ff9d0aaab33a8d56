"""The working tables of matching that pass from one module to another: what one row is, and its key.

Temporary tables of the connection, gone at the end of a run. A table that is not named here belongs to the module that
makes it. Who makes, fills and reads each is written down by ``made_by`` and ``read_by``; a test runs matching under a
connection that watches, and compares (``tests/contract/test_working_tables.py``).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WorkingTable:
    """One working table.

    Attributes:
        grain: What one row is.
        key: Columns that tell rows apart; empty where rows may repeat.
        made_by: Modules below ``matching`` that make it: of a run over everything first, then of an increment.
        read_by: Other modules that read it.
    """

    grain: str
    key: str
    made_by: str
    read_by: str


WORKING_TABLES = {
    name: WorkingTable(**told)
    for name, told in tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")).items()
}
