"""Night after night in one process: ``python -m support.nights NIGHTS SEED`` in a project folder prints a line a night.

The flow is the real one, with Prefect; the briefing is rendered every 25th night, since it takes half of a night.
"""

import atexit
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

from support.story import SOURCES, Act, Story

EVERY_BRIEFING = 25
#: Rows of current loads, of those that were replaced, and what the marts hold.
_COUNTS = """
select
    (select sum(rows_read_count) from landing.loads where is_current),
    (select sum(rows_read_count) from landing.loads where not is_current),
    (select sum(rows_accepted_count) from landing.loads where is_current),
    (select sum(rows_refused_count) from landing.loads where is_current),
    (select sum(rows_repeated_count) from landing.loads where is_current),
    (select count(*) from marts.audit_event_records),
    (select count(*) from marts.refused_audits),
    (select count(distinct line_number || load_id) from marts.rejected_rows)
"""


class Rows:
    """What was delivered, as the one who delivers counts it."""

    def __init__(self) -> None:
        """Nothing was delivered yet."""
        self.current: dict[tuple[str, str], int] = {}
        self.replaced: dict[tuple[str, str], int] = {}

    def count(self, act: Act) -> None:
        """Count the rows of a delivery; what is withdrawn is gone with all that it replaced."""
        file = (act.source_name, act.file_name)
        if act.kind == "withdrawn":
            self.current.pop(file), self.replaced.pop(file, None)
        elif act.kind != "judged":
            self.replaced[file] = self.replaced.get(file, 0) + self.current.get(file, 0)
            self.current[file] = act.rows


def unreconciled(warehouse: Path, rows: Rows) -> list[str]:
    """Sums that do not agree: delivered = in marts + refused + repeated, and replaced."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        current, replaced, accepted, refused, repeated, events, uncounted, rejected = (
            int(value or 0) for value in con.execute(_COUNTS).fetchall()[0]
        )
    delivered = sum(rows.current.values())
    sums = {
        "delivered and read": (delivered, current),
        "delivered and replaced": (sum(rows.replaced.values()), replaced),
        "read and accepted, refused or repeated": (current, accepted + refused + repeated),
        "refused and told": (refused, rejected),
        "accepted and in marts": (accepted, events + uncounted),
    }
    return [f"{name}: {left} against {right}" for name, (left, right) in sums.items() if left != right]


def _weight(root: Path) -> dict[str, Any]:
    """Memory, handles and files of this process and of the Prefect server that it started."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    database = root / ".data" / "prefect" / "prefect.db"
    return {
        "mb": _resident("self"),
        "server_mb": sum(_resident(child) for child in children),
        "handles": _entries("fd"),
        "threads": _entries("task"),
        "prefect_kb": sum(f.stat().st_size for f in database.parent.glob("prefect.db*")) // 1024,
        "files": sum(1 for _ in (root / ".data").rglob("*")),
        "data_mb": sum(f.stat().st_size for f in (root / ".data").rglob("*") if f.is_file()) >> 20,
    }


def _entries(kind: str) -> int:
    return sum(1 for _ in Path(f"/proc/self/{kind}").iterdir())


def _resident(process: str) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024 if "VmRSS:" in status else 0


def main() -> None:
    """Run the nights that the command line asks for, in the project folder that this process stands in."""
    from conjoin.flows.nightly import run_nightly
    from support.faults import leftovers, perform
    from support.processes import Office
    from support.projects import forget_declarations

    nights, story, rows = int(sys.argv[1]), Story(int(sys.argv[2])), Rows()
    place = Office(Path.cwd(), Path(os.environ["CONJOIN_TEST_CALLS"]))
    for night in range(1, nights + 1):
        kinds = []
        for act in list(story.group(1 if night > 1 else 4)):
            perform(place, act)
            rows.count(act)
            kinds.append(act.kind)
        began, faults = time.monotonic(), []
        forget_declarations()  # a new file of judgements is read anew by every process
        try:
            summary = run_nightly(list(SOURCES), [""] if night % EVERY_BRIEFING == 0 else [])
            faults += [f"{name}: {error}" for name, error in summary.failures.items()]
        except Exception as error:  # whatever it was, the night failed
            faults.append(f"{type(error).__name__}: {error}")
        told = {"night": night, "acts": kinds, "seconds": round(time.monotonic() - began, 1)} | _weight(place.root)
        faults += unreconciled(place.root / ".data" / "warehouse" / "conjoin.duckdb", rows)
        faults += [f"left behind: {path}" for path in leftovers(place)]
        sys.stdout.write(json.dumps(told | {"faults": faults}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
    atexit._run_exitfuncs()  # as the command line ends: one of them stops the server of Prefect
    os._exit(0)
