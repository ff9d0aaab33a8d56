"""The scope of an overlap briefing, and what its figures ask: the saved questions of warehouse/briefing.

Every question narrows to one ``Scope``. What may enter totals, and what may be shown per site, the marts say.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from conjoin.briefings.emptiness import Narrowed
from conjoin.briefings.joint_visits import joint_visit_plan
from conjoin.briefings.queries import answer, ask, find_question, why_no_answer
from conjoin.schemas.vocabularies import vocabulary
from conjoin.warehouse.connection import reader


@dataclass(frozen=True)
class Scope:
    """What a briefing speaks of.

    Attributes:
        warehouse: The published file.
        country: ISO code; None for all.
        from_date: First day of visits; None for no limit.
        to_date: Last day of visits; None for no limit.
        before: What was published before: the day, and the first figures of that warehouse by name; empty for nothing.
        site: Id of one site; None for all.
        organisations: The names that one organisation goes by, in lower case; None for all.
        subject: The site or organisation in words; empty for a page on many.
    """

    warehouse: Path
    country: str | None = None
    from_date: date | None = None
    to_date: date | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    site: str | None = None
    organisations: tuple[str, ...] | None = None
    subject: str = ""
    _answers: dict[str, pd.DataFrame] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(
        cls,
        warehouse: str,
        country: str | None,
        from_date: str | None,
        to_date: str | None,
        before: Mapping[str, Any] | None = None,
    ) -> "Scope":
        """A scope from the plain values of a notebook's parameters."""
        bounds = [date.fromisoformat(text) if text else None for text in (from_date, to_date)]
        return cls(Path(warehouse), country, bounds[0], bounds[1], before or {})

    @property
    def title(self) -> str:
        """The scope in words."""
        place = vocabulary("country").titles[self.country] if self.country else "all countries"
        if self.subject:
            place = f"{self.subject}, {place}"
        if not self.from_date and not self.to_date:
            return f"{place if self.subject else place[:1].upper() + place[1:]}, all visits on file"
        start = self.from_date.isoformat() if self.from_date else "the beginning"
        end = self.to_date.isoformat() if self.to_date else "the last delivery"
        return f"{place}, visits from {start} to {end}"

    def ask(self, question: str) -> pd.DataFrame:
        """The answer to a saved question, by its name, narrowed to this scope; an empty one says why."""
        if question not in self._answers:
            self._answers[question] = self._answer(question)
        return self._answers[question].copy()

    def _answer(self, name: str) -> pd.DataFrame:
        asked = find_question(name)
        narrowed = Narrowed(self.country, self.from_date, self.to_date, self.site, self.organisations)
        with reader(self.warehouse) as con:
            frame = ask(con, asked, narrowed).frame
            if frame.empty:
                frame.attrs["why_empty"] = self._with_title(why_no_answer(con, asked, narrowed))
        return frame

    def _with_title(self, sentence: str) -> str:
        """The sentence with the country's name in place of its code."""
        title = vocabulary("country").titles.get(self.country or "", "")
        return re.sub(rf"\b{self.country}\b", title, sentence) if title else sentence

    @cached_property
    def is_pack(self) -> bool:
        """Whether the file was built from what one reader may see."""
        return self.released() is not None

    @cached_property
    def day(self) -> date:
        """The day as of which the warehouse was built."""
        with reader(self.warehouse) as con:
            found: date = con.execute("select as_of_date from intermediate.build_date").fetchall()[0][0]
        return found

    @cached_property
    def plan(self) -> pd.DataFrame:
        """Planned visits with the months in which the fewest visits would serve them."""
        with reader(self.warehouse) as con:
            plan = joint_visit_plan(con, self.country)
        if self.organisations is None:
            return plan
        # At a site where it plans a visit, those of others are what it could be joined with.
        is_own = plan["commissioner"].str.strip().str.lower().isin(self.organisations)
        return plan[plan["site_id"].isin(plan.loc[is_own, "site_id"])].reset_index(drop=True)

    def since(self, day: date) -> pd.DataFrame:
        """What the warehouse first heard of since a day."""
        with reader(self.warehouse) as con:
            return answer(con, find_question("changed_since"), self.country, day)

    def released(self) -> pd.DataFrame | None:
        """Released totals over everything that may stand behind them: in packs alone; None where the file has none."""
        with reader(self.warehouse) as con:
            known = "select 1 from duckdb_tables() where schema_name = 'released' and table_name = 'totals'"
            if not con.execute(known).fetchall():
                return None
            return con.execute("from released.totals order by breakdown, value, audit_class").df()

    def rule(self, parameter: str) -> int:
        """A number of the rules that were in force when the warehouse was built: notes of figures name it."""
        with reader(self.warehouse) as con:
            found = con.sql("select * from intermediate.rule_parameters").select(parameter).fetchall()
        return int(found[0][0])


def audit_months(coverage: pd.DataFrame) -> pd.DataFrame:
    """One row per source that delivered audits or certificates: rows, and the months from and to which they reach."""
    audits = coverage[coverage["record_kind"].isin(["audit_records", "certificates"]) & coverage["month_from"].notna()]
    return audits.groupby("source_title", sort=False, as_index=False).agg(
        month_from=("month_from", "min"), month_to=("month_to", "max"), record_count=("record_count", "sum")
    )
