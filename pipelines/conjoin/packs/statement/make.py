"""Make the statement of one site: a page and, where something can print, the same page as PDF."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from conjoin.briefings.pdf import NOTHING_PRINTS, html_to_pdf
from conjoin.briefings.subjects.meant import meant_site
from conjoin.errors import ConjoinError, PackError
from conjoin.keeping.handed_out import remember_handed_out
from conjoin.packs.statement.facts import read_facts
from conjoin.packs.statement.page import statement_page
from conjoin.packs.statement.reader import statement_reader
from conjoin.packs.statement.rows import site_warehouse
from conjoin.settings import Settings
from conjoin.warehouse.connection import reader

_KNOWN = """
select (select count(*) from marts.audit_events where site_id = $1 and counts_as_audit),
    (select count(*) from marts.match_review_queue where $1 in (site_id_left, site_id_right))
"""


@dataclass(frozen=True)
class Statement:
    """A statement that was made.

    Attributes:
        site_id: The site.
        site_name: How its page calls it; empty where no record has a name.
        page: The page.
        pdf: The same as PDF; None where nothing could print it.
        no_pdf: Why there is none; empty if there is one.
        audits_told: Audits that the page may tell.
        audits_known: Audits of the site that the published warehouse has.
        questions: Open questions on whether the site is one: settle them before the page is handed out.
    """

    site_id: str
    site_name: str
    page: Path
    pdf: Path | None
    no_pdf: str
    audits_told: int
    audits_known: int
    questions: int


def make_statement(settings: Settings, asked: str, day: date, out: Path) -> Statement:
    """Write the statement of a site into a folder; an earlier one of the same site and day is replaced.

    Args:
        settings: Where the published warehouse is.
        asked: An id, an identifier or a name of the site.
        day: The day of the page.
        out: An existing folder.

    Raises:
        UnknownSubject: No site is meant, or several.
        PackError: Nothing of the site may be told, or the day lies before the published warehouse's.
        ConjoinError: Nothing is published.
    """
    if not out.is_dir():
        raise PackError(f"{out}: there is no such folder; make it first")
    with reader(settings.warehouse) as con:
        _refuse_other_days(con, day)
        site_id = meant_site(con, asked)
        known, questions = con.execute(_KNOWN, [site_id]).fetchall()[0]
    with site_warehouse(settings, site_id, statement_reader(day)) as con:
        facts = read_facts(con, site_id, day)
    page = out / f"statement_{site_id}_{day}.html"
    page.write_text(statement_page(facts), encoding="utf-8")
    pdf, no_pdf = _printed(page)
    remember_handed_out(
        settings,
        {
            "event": "statement",
            "site": site_id,
            "day": str(day),
            "files": {page.name: hashlib.sha256(page.read_bytes()).hexdigest()},
        },
    )
    name = str(facts.site["site_name"] or "")
    return Statement(site_id, name, page, pdf, no_pdf, len(facts.audits), int(known), int(questions))


def _printed(page: Path) -> tuple[Path | None, str]:
    """The page as PDF, or why there is none; one of an earlier page never stays beside it."""
    pdf = page.with_suffix(".pdf")
    try:
        if html_to_pdf(page, pdf):
            return pdf, ""
        why = NOTHING_PRINTS
    except ConjoinError as error:
        why = str(error)
    pdf.unlink(missing_ok=True)
    return None, why


def _refuse_other_days(con: duckdb.DuckDBPyConnection, day: date) -> None:
    """What is published was reckoned on its day; an earlier day would be told with what came later."""
    if not con.execute("select 1 from duckdb_tables() where table_name = 'factory_statements'").fetchall():
        raise ConjoinError("the published warehouse is of an earlier version of Conjoin; `conjoin run` makes it anew")
    published = con.execute("select as_of_date from intermediate.build_date").fetchall()[0][0]
    if day < published:
        raise PackError(
            f"{day} lies before {published}, the day of the published warehouse; name that day or a later one"
        )
