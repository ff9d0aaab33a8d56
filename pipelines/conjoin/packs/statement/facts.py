"""What stands on a statement: read from the warehouse of the site, judged by the rules of everybody's warehouse."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import duckdb

from conjoin.briefings.joint_visits import joint_visit_plan
from conjoin.briefings.subjects import lookups
from conjoin.briefings.subjects.lookups import Row, select_in, told
from conjoin.errors import PackError
from conjoin.packs.withheld import ANOTHER_MEMBER
from conjoin.warehouse.models import models

_SQL = Path(__file__).parent / "sql"
#: How the page calls a company that did not agree to be named.
UNNAMED = "a buyer not named here"
_VISITS = "intermediate.visits"

rows = partial(lookups.rows, folder=_SQL)


@dataclass(frozen=True)
class Facts:
    """Everything that the page of one site says, with the day and the site that it is about.

    Attributes:
        site_id: Our id of the site.
        day: The day on which what holds, holds.
        site: Name and address, as the most open of the shown records has them.
        identifiers: Identifiers of the place.
        audits: Audits, the newest first; ``accepted_by`` lists buyers with the last day on which they take it.
        buyers: Buyers whose policies may be told, with ``audits`` that they take.
        certificates: Certificates, those in force first.
        findings: Topics with how many findings are open and closed.
        planned: Visits to come; ``joint_month`` where several can meet.
        said: What the factory says.
        sources: Titles of the sources of all that is shown.
    """

    site_id: str
    day: date
    site: Row
    identifiers: list[Row]
    audits: list[Row]
    buyers: list[Row]
    certificates: list[Row]
    findings: list[Row]
    planned: list[Row]
    said: list[Row]
    sources: list[str]


def read_facts(con: duckdb.DuckDBPyConnection, site_id: str, day: date) -> Facts:
    """What the page of a site says.

    Args:
        con: The warehouse of the site, as ``site_warehouse`` gives it.
        site_id: The site.
        day: The day of the page.

    Raises:
        PackError: Nothing of the site may be told.
    """
    found = rows(con, "site", site=site_id)
    if not found or not found[0]["record_count"]:
        raise PackError(
            f"{site_id}: no record of this site is published, and no source that delivers one allows it on statements "
            "(on_statement in its source.toml); there is nothing to hand over"
        )
    con.execute(f"create or replace table shown_audits as {select_in(_SQL, 'audits')}", {"site": site_id, "day": day})
    order = "order by visit_start desc, event_id"
    audits = told(con.execute(f"from shown_audits {order}"))
    for audit in audits:
        audit["ordered_by"] = _ordered_by(audit)
    buyers = _judge(con, site_id, day, audits)
    return Facts(
        site_id=site_id,
        day=day,
        site=found[0],
        identifiers=rows(con, "identifiers", site=site_id),
        audits=audits,
        buyers=buyers,
        certificates=rows(con, "certificates", site=site_id, day=day),
        findings=rows(con, "findings", site=site_id),
        planned=_planned(con, site_id),
        said=rows(con, "said", site=site_id, day=day),
        sources=[row["source_title"] for row in rows(con, "rests_on")],
    )


def _judge(con: duckdb.DuckDBPyConnection, site_id: str, day: date, audits: list[Row]) -> list[Row]:
    """Ask the rules, for each buyer whose policies may be told, which audits would do for it: fills ``accepted_by``.

    A visit of the buyer is put beside the planned ones, and the models of pairs judge it: there is no other verdict on
    acceptance than theirs.
    """
    asked = select_in(_SQL, "asked_visits")
    con.execute(f"create or replace table asked_visits as {asked}", {"site": site_id, "day": day})
    visits = next(model for model in models() if model.name == _VISITS)
    con.execute(
        f"create or replace view {_VISITS} as select * from ({visits.sql}) union all by name "
        "select * exclude (buyer_name, asked_on, has_policy) from asked_visits"
    )
    accepted = rows(con, "accepted")
    for audit in audits:
        audit["accepted_by"] = [row for row in accepted if row["event_id"] == audit["event_id"]]
    known = {audit["event_id"]: audit for audit in audits}
    buyers = rows(con, "buyers", day=day)
    for buyer in buyers:
        own = [row for row in accepted if row["buyer_name"] == buyer["buyer_name"] and row["event_id"] in known]
        own.sort(key=lambda row: row["accepted_until"], reverse=True)
        buyer["audits"] = [known[row["event_id"]] | {"accepted_until": row["accepted_until"]} for row in own]
    return buyers


def _planned(con: duckdb.DuckDBPyConnection, site_id: str) -> list[Row]:
    """Visits to come, each with the month in which the fewest visits would serve all."""
    planned = rows(con, "planned", site=site_id)
    plan = joint_visit_plan(con)
    joint = dict(zip(plan["record_id"], plan["joint_month"], strict=True))
    months = list(joint.values())
    for row in planned:
        month = joint.get(row["record_id"])
        row["joint_month"] = month if months.count(month) > 1 else None
    return planned


def _ordered_by(audit: Row) -> str:
    """Who ordered an audit, in words; whoever is withheld is told apart from others by a number alone."""
    if audit["commissioner_type"] == "facility":
        return "the factory itself"
    parts = [part.strip() for part in str(audit["commissioner"] or "").split(";") if part.strip()]
    names = [
        f"{UNNAMED} ({part.removeprefix(ANOTHER_MEMBER).strip()})" if part.startswith(ANOTHER_MEMBER) else part
        for part in parts
    ]
    return ", ".join(names) or "not told"
