"""Match cases: a few rows each, and which of them are one site, two, or a question. See tests/match_cases/README.md."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from conjoin.matching.inputs import load_input
from conjoin.matching.run import MatchOptions, match_records
from conjoin.sources.scrubbing import scrubbed

FOLDER = Path(__file__).parents[1] / "match_cases"
COLUMNS = ["record_id", "source_name", "site_name", "site_address", "city_name", "postal_code", "country_code"]
Pairs = list[list[str]]


@dataclass(frozen=True)
class MatchCase:
    """One case: rows of ``COLUMNS`` and perhaps an OS ID, and pairs of them by what is expected."""

    id: str
    why: str
    rows: list[list[str]]
    together: Pairs = field(default_factory=list)
    apart: Pairs = field(default_factory=list)
    not_merged_silently: Pairs = field(default_factory=list)
    together_or_asked: Pairs = field(default_factory=list)


def match_cases() -> dict[str, list[MatchCase]]:
    """The cases of each file."""
    files = sorted(FOLDER.glob("*.toml"))
    return {path.stem: [MatchCase(**case) for case in tomllib.loads(path.read_text("utf-8"))["case"]] for path in files}


@dataclass(frozen=True)
class Outcome:
    """Site of each record, and pairs that a person is asked about."""

    sites: dict[str, str]
    asked: set[frozenset[str]]

    def complaints(self, case: MatchCase) -> list[str]:
        """What a case expects and did not get."""
        found = []
        for a, b in case.together:
            found += [] if self._one(case, a, b) else [f"{a} and {b} are apart"]
        for a, b in case.apart:
            found += [f"{a} and {b} are one site"] if self._one(case, a, b) else []
        for a, b in case.not_merged_silently:
            found += (
                [f"{a} and {b} are one site in silence"] if self._one(case, a, b) and self._silent(case, a, b) else []
            )
        for a, b in case.together_or_asked:
            found += [] if self._one(case, a, b) or not self._silent(case, a, b) else [f"{a} and {b} apart in silence"]
        return [f"{case.id}: {complaint} ({case.why})" for complaint in found]

    def _site(self, case: MatchCase, record: str) -> str:
        return self.sites[f"{case.id} {record}"]

    def _one(self, case: MatchCase, a: str, b: str) -> bool:
        return self._site(case, a) == self._site(case, b)

    def _silent(self, case: MatchCase, a: str, b: str) -> bool:
        """Whether nobody is asked about the two, or about their sites."""
        wanted = {self._site(case, a), self._site(case, b)}
        return not any({self.sites[record] for record in pair} == wanted for pair in self.asked)


def match_all(cases: list[MatchCase]) -> Outcome:
    """Match the rows of all cases in one run; each case has sources and records of its own."""
    rows = [
        [f"{case.id} {row[0]}", f"{case.id} {row[1]}", *row[2:7], row[7] if len(row) > 7 else ""]
        for case in cases
        for row in case.rows
    ]
    records = pd.DataFrame(rows, columns=[*COLUMNS, "id_value"]).replace("", None)
    identifiers = records.dropna(subset="id_value").rename(columns={"record_id": "site_record_id"})
    with duckdb.connect() as con:
        load_input(con, records, identifiers.assign(id_scheme="os_id"))
        for column in ("site_name", "site_address"):
            con.execute(f"update input.site_records set {column} = {scrubbed(column)}")
        match_records(con, MatchOptions())
        sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
        asked = con.execute(
            "select record_id_left, record_id_right from matching.review_queue where not is_random"
        ).fetchall()
    return Outcome(sites, {frozenset(pair) for pair in asked})
