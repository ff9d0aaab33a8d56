"""What the dossier of one site tells: its rows of a file, for whom the file was made, and its scope."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from conjoin.briefings.answering.whose import Whose, whose_file
from conjoin.briefings.overlap import Scope
from conjoin.briefings.subjects.meant import meant_site
from conjoin.briefings.subjects.site import (
    FoundSite,
    Rows,
    find_site,
    parts_of,
    source_titles_of,
    tables_of,
)
from conjoin.briefings.words import MISSING
from conjoin.errors import NotForThisFile, UnknownSubject
from conjoin.plain import visible
from conjoin.warehouse.connection import reader


@dataclass(frozen=True)
class Dossier:
    """One site of a file.

    Attributes:
        scope: The file, narrowed to the site.
        found: The site, and what became of the id that was asked for.
        parts: Its rows by part; None where the file lacks the table.
        whose: For whom the file was made.
        sources: The title of each source.
    """

    scope: Scope
    found: FoundSite
    parts: Mapping[str, Rows | None]
    whose: Whose
    sources: Mapping[str, str]

    @classmethod
    def of(cls, warehouse: str, site: str) -> "Dossier":
        """The dossier from the plain values of a notebook's parameters.

        Raises:
            UnknownSubject: No site of the file has the id, nor took it over.
            NotForThisFile: Complaint cases alone tell of the site, and the file is not a case worker's.
        """
        asked = str(site).strip()
        with reader(Path(warehouse)) as con:
            has = tables_of(con).__contains__
            whose = whose_file(con)
            found = find_site(con, asked, has)
            if found.row is None:
                found = find_site(con, meant_site(con, asked, whose.closed), has)
            if found.row is None:
                raise UnknownSubject(f"{asked}: no record speaks of this site any more")
            if found.row["visibility"] in whose.closed:
                raise NotForThisFile(
                    f"{found.row['site_id']}: nothing but complaint cases tells of this site, and the policy keeps "
                    "those for case workers (schemas/policy.toml); a case worker's pack tells of it"
                )
            parts = parts_of(con, found.row["site_id"], whose.closed, has)
            titles = {name: row["source_title"] for name, row in source_titles_of(con).items()}
        name = visible(found.row["site_name"] or found.row["site_id"])
        scope = Scope(Path(warehouse), site=found.row["site_id"], subject=name)
        return cls(scope, found, parts, whose, titles)

    @property
    def row(self) -> dict[str, Any]:
        """The site's row of ``marts.sites``."""
        return self.found.row or {}

    @property
    def name(self) -> str:
        """The name that it goes by."""
        return self.scope.subject

    def rows(self, part: str) -> Rows:
        """The rows of a part; none where the file lacks the table."""
        return self.parts[part] or []

    def lacks(self, part: str) -> bool:
        """Whether the file has no such table."""
        return self.parts[part] is None

    @cached_property
    def audits(self) -> Rows:
        """The visits that count as audits: observations, self-assessments and planned visits do not."""
        return [audit for audit in self.rows("audits") if audit["counts_as_audit"]]

    @cached_property
    def avoidable(self) -> Rows:
        """The audits that could have been one visit less."""
        return [audit for audit in self.audits if audit["is_avoidable"]]

    @cached_property
    def holding(self) -> Rows:
        """Audits whose result still holds on the day of the page, the longest first."""
        day = self.scope.day
        held = [audit for audit in self.audits if audit["valid_to"] and audit["valid_to"] >= day]
        return sorted(held, key=lambda audit: (audit["valid_to"], audit["event_id"]), reverse=True)

    def source_title(self, name: str) -> str:
        """A source in words."""
        return visible(self.sources.get(name) or name or MISSING)
