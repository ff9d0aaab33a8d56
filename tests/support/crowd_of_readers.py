"""Readers of one published warehouse, that open it again and again; ``python -m support.crowd_of_readers``.

Each process runs several threads; each thread opens, asks for one snapshot, closes, and goes on until it is told to
stop by a line on standard input. What went wrong is printed as a line of JSON.
"""

import json
import sys
import threading
from pathlib import Path

import duckdb

#: Must agree within one warehouse, whatever the day: totals of marts, and the generation that a test wrote into it.
SNAPSHOT = """
select
    (select generation from landing.generation),
    (select count(*) from marts.sites) - (select figure_value from marts.headline_figures where figure_name = 'sites'),
    (select sum(record_count) from marts.sites) - (select count(*) from marts.site_records_at_sites),
    (select count(*) from marts.audit_event_records)
        - (select figure_value from marts.headline_figures where figure_name = 'audit_records')
"""


class Reader(threading.Thread):
    """One reader; the generations that it saw, and what went wrong."""

    def __init__(self, warehouse: Path, page: Path, stop: threading.Event) -> None:
        """``page`` is the index of the pages on the checks, which somebody may be looking at."""
        super().__init__()
        self._warehouse, self._page, self._stop_asking = warehouse, page, stop
        self.has_looked = threading.Event()
        self.opened, self.generations, self.faults = 0, list[int](), list[str]()

    def run(self) -> None:
        """Read until told to stop, and once more."""
        self._look()
        self.has_looked.set()
        while not self._stop_asking.wait(0.5):
            self._look()
        self._look()

    def _look(self) -> None:
        self.opened += 1
        try:
            with duckdb.connect(str(self._warehouse), read_only=True) as con:
                told = [con.execute(SNAPSHOT).fetchall()[0] for _ in range(2)]
        except duckdb.Error as error:
            self.faults.append(f"the warehouse: {error}")
            return
        if told[0] != told[1] or any(told[0][1:]):
            self.faults.append(f"torn: {told}")
        if not self.generations or self.generations[-1] != told[0][0]:
            self.generations.append(told[0][0])
        if not self._page.is_file():
            self.faults.append("the page on the checks is not there")


def main() -> None:
    """Read with as many threads as the command line says, until standard input ends."""
    warehouse, page, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    stop = threading.Event()
    readers = [Reader(warehouse, page, stop) for _ in range(count)]
    for reader in readers:
        reader.start()
        reader.has_looked.wait()
    sys.stdout.write("reading\n")
    sys.stdout.flush()
    sys.stdin.read()
    stop.set()
    for reader in readers:
        reader.join()
    told = [{"opened": r.opened, "generations": r.generations, "faults": sorted(set(r.faults))} for r in readers]
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
