"""Pages on one site and on one organisation: figures as in the warehouse, names that cannot harm, ids that ended."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin import content
from conjoin.briefings.pages import render_notebook
from conjoin.briefings.sections import organisation, who_where, why
from conjoin.briefings.sections.site import first, identity, parts, visits
from conjoin.briefings.subjects.dossier import Dossier
from conjoin.briefings.subjects.organisation import scope_of
from conjoin.errors import ConjoinError, NotForThisFile, UnknownSubject
from support.pages import Element, parse

pytestmark = pytest.mark.slow
PARTS = [
    first.first_screen, visits.audits, visits.repeats, visits.findings, visits.certificates,
    visits.planned, visits.procedures, visits.buyers, identity.questions, identity.records, identity.links,
    identity.history, parts.rests_on,
]  # fmt: skip
VIEW = [
    organisation.first_screen, organisation.partners, organisation.policies, organisation.sites, who_where.where,
    who_where.schemes, why.reasons,
]  # fmt: skip
HOSTILE = "<script>alert('\u202e')</script>\"&=1+1"


@pytest.fixture(scope="module")
def file(warehouse_of_samples: Path) -> str:
    return str(warehouse_of_samples)


@pytest.fixture
def own_file(warehouse_of_samples: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the published warehouse that a test may change; close it before it is read."""
    copied = shutil.copy(warehouse_of_samples, tmp_path / "copy.duckdb")
    with duckdb.connect(str(copied)) as con:
        yield con


def closed(own_file: duckdb.DuckDBPyConnection) -> str:
    """The path of a changed copy, closed so that it can be read."""
    path = str(own_file.execute("select path from duckdb_databases() where not internal").fetchall()[0][0])
    own_file.close()
    return path


def asked(file: str, sql: str, *given: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect(file, read_only=True) as con:
        return con.execute(sql, list(given)).fetchall()


def busiest(file: str) -> str:
    ((site,),) = asked(
        file, "select site_id from marts.audit_events where is_avoidable group by all order by count(*) desc, 1 limit 1"
    )
    return str(site)


def dossier(file: str, site: str) -> Element:
    told = Dossier.of(file, site)
    return parse("".join(str(part(told)) for part in PARTS))


def view(file: str, name: str, *period: str | None) -> Element:
    scope = scope_of(file, name, *(period or (None, None)))
    return parse("".join(str(part(scope)) for part in VIEW))


def rows_of(page: Element, title: str) -> list[list[str]]:
    """The rows of the table below a title."""
    (section,) = [section for section in page.find("section") if [h.words for h in section.find("h3")] == [title]]
    return [[cell.words for cell in row.children] for body in section.find("tbody") for row in body.find("tr")]


def tiles(page: Element) -> list[str]:
    return [strong.words for strong in page.find("div", "figures")[0].find("strong")]


def test_the_figures_of_a_site_are_those_of_the_warehouse(file: str) -> None:
    site = busiest(file)
    page = dossier(file, site)
    ((audits, spared, low, high),) = asked(
        file,
        "select count(*), count_if(is_avoidable), sum(auditor_days_low) filter (is_avoidable), "
        "sum(auditor_days_high) filter (is_avoidable) from marts.audit_events where site_id = $1 and counts_as_audit",
        site,
    )
    ((sources,),) = asked(
        file, "select count(distinct source_name) from marts.site_records_at_sites where site_id = $1", site
    )
    assert page.find("p", "answer")[0].words.startswith(f"{spared} of {audits} audits here")
    assert tiles(page)[0] == str(spared)
    assert [float(day) for day in tiles(page)[1].split(" to ")] == [float(day) for day in sorted({low, high})]
    assert tiles(page)[3] == str(sources)
    ((visits,),) = asked(file, "select count(*) from marts.audit_events where site_id = $1", site)
    listed = rows_of(page, "Every visit on file, the newest first")
    assert len(listed) == visits
    assert sum("could have been one visit less" in row[-1] for row in listed) == spared
    repeated = {
        f"{day}"
        for (day,) in asked(
            file,
            "select later.visit_start from marts.audit_pairs as pairs join marts.pair_classes as classes "
            "using (pair_class) join marts.audit_events as later on later.event_id = pairs.event_id_b "
            "where pairs.site_id = $1 and classes.is_avoidable",
            site,
        )
    }
    told = {row[0].split()[0] for row in rows_of(page, "What repeated what, and why") if "have been accepted" in row[1]}
    assert told == repeated != set()
    ((pairs,),) = asked(
        file,
        "with pairs as (select event_id_b, is_avoidable from marts.audit_pairs join marts.pair_classes "
        "using (pair_class) where site_id = $1) select count_if(is_avoidable) + (select count(distinct event_id_b) "
        "from pairs where event_id_b not in (select event_id_b from pairs where is_avoidable)) from pairs",
        site,
    )
    assert len(rows_of(page, "What repeated what, and why")) == pairs


def test_a_site_without_audits_says_so_and_has_no_empty_picture(file: str) -> None:
    ((site,),) = asked(
        file,
        "select site_id from marts.sites where audit_count = 0 and visibility <> 'restricted_case' order by 1 limit 1",
    )
    page = dossier(file, site)
    assert page.find("p", "answer")[0].words.startswith("No audit of this site is known here")
    assert page.find("div", "figures") + page.find("figure") + page.find("svg") == []
    assert "No audit with a day of visit is known here." in page.words


def test_open_questions_of_identity_are_said_on_the_first_screen(file: str) -> None:
    ((site, count),) = asked(
        file,
        "select site_id, count(*) from marts.sites join marts.match_review_queue "
        "on site_id in (site_id_left, site_id_right) where sites.visibility <> 'restricted_case' "
        "and match_review_queue.visibility <> 'restricted_case' "
        "group by site_id order by 2 desc, 1 limit 1",
    )
    page = dossier(file, site)
    (first,) = page.find("section", "first")
    assert "Its identity hangs on an open question" in first.words
    assert len(rows_of(page, "Open questions of identity")) == count
    sure = asked(file, "select site_id from marts.sites where not is_identity_open order by 1 limit 1")[0][0]
    assert "hangs on an open question" not in dossier(file, sure).words


def test_an_unknown_id_names_the_nearest_or_says_how_to_search(file: str) -> None:
    site = busiest(file)
    with pytest.raises(UnknownSubject, match=rf"no site has the id or name '{site[:-1]}0'\. Near: {site} "):
        Dossier.of(file, f"{site[:-1]}0")
    with pytest.raises(UnknownSubject, match=r"Near: none\. The search of `conjoin desk`"):
        Dossier.of(file, "nowhere at all")


def test_a_site_is_found_by_its_name_too(file: str) -> None:
    site = busiest(file)
    name = asked(file, "select site_name from marts.sites where site_id = $1", site)[0][0]
    assert Dossier.of(file, f" {name.lower()} ").row["site_id"] == site


def test_a_retired_id_leads_to_its_successor_and_says_so(own_file: duckdb.DuckDBPyConnection, file: str) -> None:
    site, retired = busiest(file), "CJ0000000RETD"
    own_file.execute(
        "insert into matching.site_history (recorded_at, event, site_id, other_site_id) "
        "values (timestamp '2026-02-01', 'minted', $1, null), (timestamp '2026-03-01', 'merged', $1, $2)",
        [retired, site],
    )
    own_file.execute(
        "insert into matching.site_aliases values ($1, $2, timestamp '2026-03-01', 'merged')", [retired, site]
    )
    path = closed(own_file)
    page = dossier(path, retired)
    (first,) = page.find("section", "first")
    assert f"You asked for another id: {retired} leads to {site} since 2026-03-01." in first.words
    assert f"Site id {site}" in first.words
    assert f"became part of {site}" in page.words


def test_what_cases_alone_tell_of_is_for_case_workers(own_file: duckdb.DuckDBPyConnection, file: str) -> None:
    site = busiest(file)
    event = asked(file, "select event_id from marts.audit_events where site_id = $1 order by 1 limit 1", site)[0][0]
    own_file.execute("update marts.audit_events set visibility = 'restricted_case' where event_id = $1", [event])
    ((of_a_case,),) = own_file.execute(
        "select site_id from marts.sites where visibility = 'restricted_case' order by 1 limit 1"
    ).fetchall()
    path = closed(own_file)
    title = "Every visit on file, the newest first"
    assert len(rows_of(dossier(path, site), title)) == len(rows_of(dossier(file, site), title)) - 1
    with pytest.raises(NotForThisFile, match="nothing but complaint cases tells of this site"):
        Dossier.of(path, of_a_case)


def test_hostile_names_reach_neither_page_as_markup(own_file: duckdb.DuckDBPyConnection, file: str) -> None:
    site = busiest(file)
    for column, table in [
        ("site_name", "sites"), ("site_address", "sites"), ("site_name", "site_records_at_sites"),
        ("commissioner", "audit_events"), ("commissioner", "audits_in_totals"), ("audit_firm", "audit_events"),
        ("buyer_name", "site_buyers"), ("explanation", "site_links"), ("certification_body", "certificates_at_sites"),
    ]:  # fmt: skip
        own_file.execute(f"update marts.{table} set {column} = $1", [HOSTILE])
    path = closed(own_file)
    told, scope = Dossier.of(path, site), scope_of(path, HOSTILE, None, None)
    for page in ("".join(str(part(told)) for part in PARTS), "".join(str(part(scope)) for part in VIEW)):
        assert "&lt;script&gt;" in page
        assert "<script" not in page.lower()
        assert "\u202e" not in page
        assert parse(page).find("script") == []


@pytest.mark.parametrize("period", [(None, None), ("2024-01-01", "2025-12-31")], ids=["all", "two years"])
def test_the_figures_of_an_organisation_are_those_of_the_warehouse(file: str, period: tuple[str | None, ...]) -> None:
    name = "Northwind Outfitters"
    where = (
        "from marts.audits_in_totals where commissioner = $1 "
        "and visit_start between coalesce($2::date, date '1900-01-01') and coalesce($3::date, date '2100-01-01')"
    )
    ((audits, sites, spared, low, high),) = asked(
        file,
        "select count(*), count(distinct site_id), count_if(is_avoidable), "
        f"sum(auditor_days_low) filter (is_avoidable), sum(auditor_days_high) filter (is_avoidable) {where}",
        name, *period,
    )  # fmt: skip
    assert spared > 0
    page = view(file, "NORTHWIND outfitters", *period)
    assert page.find("p", "answer")[0].words.startswith(f"{spared} of the {audits} audits at {sites} sites that {name}")
    assert tiles(page)[0] == str(spared)
    assert [float(day) for day in tiles(page)[1].split(" to ")] == [float(day) for day in sorted({low, high})]
    by_country, by_scheme = rows_of(page, "By country of the site"), rows_of(page, "By scheme of the later audit")
    assert sum(int(row[1]) for row in by_country) == sum(int(row[1]) for row in by_scheme) == audits
    assert sum(int(row[2]) for row in by_country) == sum(int(row[2]) for row in by_scheme) == spared
    listed = rows_of(page, "Sites that it had audited")
    ((shown,),) = asked(file, f"select count(distinct site_id) {where} and is_shown_per_site", name, *period)
    assert len(listed) == shown
    assert sum(int(row[4]) for row in listed) == spared


def test_whom_an_organisation_meets_adds_up(file: str) -> None:
    name = "Northwind Outfitters"
    told = rows_of(view(file, name), "With whom it meets, and who repeated whose audits")
    ((others,),) = asked(
        file,
        "select count(*) from marts.audits_in_totals where commissioner is distinct from $1 "
        "and site_id in (select site_id from marts.audits_in_totals where commissioner = $1)",
        name,
    )
    ((theirs,),) = asked(
        file,
        "select count(*) from marts.audit_events as later join marts.audit_events as earlier "
        "on later.best_earlier_event_id = earlier.event_id join marts.audits_in_totals as counted "
        "on counted.event_id = later.event_id where later.is_avoidable and earlier.commissioner = $1 "
        "and later.commissioner is distinct from $1",
        name,
    )
    assert sum(int(row[3]) for row in told) == others > 0
    assert sum(int(row[5]) for row in told) == theirs > 0
    named = {row[0]: int(row[2]) for row in told if row[1]}
    for partner, count in named.items():
        assert count >= 3
        ((shared,),) = asked(
            file,
            "select count(*) from (select site_id from marts.audits_in_totals where commissioner = $1 "
            "intersect select site_id from marts.audits_in_totals where commissioner = $2)",
            name, partner,
        )  # fmt: skip
        assert shared == count, partner


def test_an_organisation_without_audits_reads_well(file: str) -> None:
    ((name,),) = asked(
        file,
        "select buyer_name from marts.site_buyers where lower(buyer_name) not in "
        "(select lower(commissioner) from marts.audit_events where commissioner is not null) order by 1 limit 1",
    )
    page = view(file, name)
    assert page.find("p", "answer")[0].words == f"No audit that {name} ordered is known in this scope"
    assert page.find("div", "figures") + page.find("figure") == []
    assert len(page.find("p", "empty")) >= 5


def test_an_alias_and_a_joint_order_are_the_organisations(own_file: duckdb.DuckDBPyConnection) -> None:
    own_file.execute(
        "insert into reference.party_aliases (alias_name, party_name) values ('Old North', 'Northwind Outfitters')"
    )
    own_file.execute(
        "update marts.audits_in_totals set commissioner = 'Bramble Retail Group; Northwind Outfitters' "
        "where event_id = "
        "(select min(event_id) from marts.audits_in_totals where commissioner = 'Northwind Outfitters')"
    )
    own_file.execute(
        "update marts.audit_events as events set commissioner = counted.commissioner "
        "from marts.audits_in_totals as counted where events.event_id = counted.event_id"
    )
    ((alone,),) = own_file.execute(
        "select count(*) from marts.audits_in_totals where commissioner = 'Northwind Outfitters'"
    ).fetchall()
    path = closed(own_file)
    for name in ("old north", "northwind"):
        scope = scope_of(path, name, None, None)
        assert scope.subject == "Northwind Outfitters"
        assert scope.ask("headline").iloc[0]["audit_count"] == alone + 1


def test_an_unknown_organisation_names_the_nearest(file: str) -> None:
    with pytest.raises(UnknownSubject, match="goes by the name 'Northwnd'; the nearest are Northwind Outfitters"):
        scope_of(file, "Northwnd", None, None)
    with pytest.raises(UnknownSubject, match="no name comes near to it"):
        scope_of(file, "§§§", None, None)


def test_both_pages_are_rendered_whole_and_an_unknown_site_is_told_plainly(file: str) -> None:
    notebooks = {path.stem: path for _, path in content.files("notebooks", "*.ipynb")}
    site = busiest(file)
    page = parse(render_notebook(notebooks["site_dossier"], {"warehouse": file, "site": site}))
    assert [heading.words for heading in page.find("h2")] == [
        "Audits in time", "What to do next", "Audits", "What was found", "What comes", "Workers and buyers",
        "What it rests on", "Identity",
    ]  # fmt: skip
    assert page.find("title")[0].words == page.find("h1")[0].words
    rests = [*page.find("p", "source"), *page.find("span", "source")]
    assert len(rests) == len(page.find("table")) + len(page.find("figure")) + 1  # the history of its id is no table
    scope = {"warehouse": file, "reader": "Northwind Outfitters", "from_date": "2024-01-01", "to_date": None}
    text = render_notebook(notebooks["organisation_view"], scope)
    assert [heading.words for heading in parse(text).find("h2")] == [
        "Audits per year", "What to do next", "Who", "Where", "Why", "When", "Sites", "Rules and words",
        "What it rests on",
    ]  # fmt: skip
    assert "visits from 2024-01-01" in parse(text).find("p", "scope")[0].words
    assert not re.search(r"Traceback|conjoin\.duckdb", text)
    with pytest.raises(ConjoinError, match=r"^no site has the id or name 'CJ'"):
        render_notebook(notebooks["site_dossier"], {"warehouse": file, "site": "CJ"})


def test_the_same_file_gives_the_same_bytes(file: str) -> None:
    site = busiest(file)
    once, again = ("".join(str(part(Dossier.of(file, site))) for part in PARTS) for _ in range(2))
    assert once == again
