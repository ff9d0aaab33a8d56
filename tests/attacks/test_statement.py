"""What the statement of a factory tells to whoever gets it: nothing that is not published or allowed on statements.

A mark of its own stands in rows of every kind that is forbidden, and is looked for in the letters of page and PDF; with
the filter taken out every one of them is there. What factories say in return moves nothing of anybody else's.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from conjoin.briefings.pdf import html_to_pdf
from conjoin.packs.pack import hashes_of_tables
from conjoin.packs.reader import Reader
from conjoin.packs.statement import facts as facts_module
from conjoin.packs.statement import page as page_module
from conjoin.packs.statement import rows as rows_module
from conjoin.packs.statement.facts import Facts
from conjoin.packs.statement.page import statement_page
from conjoin.packs.statement.reader import StatementReader, statement_reader
from conjoin.schemas.tables import tables
from conjoin.sources import registry
from conjoin.steps import build, ingest, match
from support.pdf_text import letters
from support.published import all_samples, published_warehouse, warehouse_of
from support.statements import Planted, planted_copy

pytestmark = pytest.mark.slow

#: What is planted and must not be told: the mark, and what would print it if nothing were left out.
FORBIDDEN = {
    "a published visit after a complaint": "CANARYCOMPLAINT",
    "a visit after a case": "CANARYCASEVISIT",
    "an audit for its owner alone": "CANARYOWNER",
    "an audit for totals alone": "CANARYTOTALS",
    "an audit whose source allows nothing": "CANARYUNALLOWED",
    "who ordered an audit and did not agree": "CANARYORDERER",
    "people of such a company as auditors": "CANARYSTAFF",
    "an audit of eight years ago": "CANARYOLD",
    "a certificate for its owner alone": "CANARYCERTIFICATE",
    "an identifier for its owner alone": "CANARYIDENTIFIER",
    "the list of cases as a source": "CANARYCASES",
    "a policy of a buyer who did not agree": "CANARYPOLICY",
    "words of the factory in other hands": "CANARYWORDS",
    "a visit that comes unannounced": "July 2031",
    "a visit whose planner allows nothing": "August 2031",
    "a visit planned after a complaint": "September 2031",
    "findings of a source that allows none": "Business ethics<br><span>1 open",
}
#: What is planted and may be told.
ALLOWED = {
    "an audit of a source that allows it": "MARKALLOWED",
    "a published audit": "MARKPUBLISHED",
    "an announced visit of a source that allows it": "October 2031",
    "findings of a source that allows them": "Accommodation<br><span>0 open, 1 closed",
    "words of the factory": "MARKWORDS",
}


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published warehouse of all samples."""
    return warehouse_of(all_samples, tmp_path_factory)


@pytest.fixture(scope="module")
def planted(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    """A copy of it with a row of every kind."""
    made = planted_copy(samples, tmp_path_factory.mktemp("planted") / "data")
    _plant_forbidden(made)
    _plant_allowed(made)
    return made


@pytest.fixture(scope="module")
def facts(planted: Planted) -> Facts:
    """What its statement tells."""
    return planted.facts()


def _plant_forbidden(made: Planted) -> None:
    audit = "audit_records"
    made.plant(audit, "os_hub", audit_kind="complaint", visibility="public", audit_firm="CANARYCOMPLAINT")
    made.plant(audit, "northwind", visibility="restricted_case", audit_firm="CANARYCASEVISIT")
    made.plant(audit, "northwind", visibility="owner_only", audit_firm="CANARYOWNER")
    made.plant(audit, "northwind", visibility="consortium_aggregate", audit_firm="CANARYTOTALS")
    made.plant(audit, "eti", audit_firm="CANARYUNALLOWED")
    company = {"commissioner": "CANARYORDERER Ltd", "commissioner_type": "brand"}
    made.plant(audit, "northwind", **company, auditor_party=2, audit_firm="CANARYSTAFF")
    old = made.day - timedelta(days=8 * 366)
    made.plant(audit, "northwind", visit_start=old, visit_end=old, audit_firm="CANARYOLD")
    number = {"certificate_id_source": "CANARYCERTIFICATE", "issued_date": made.day - timedelta(days=30)}
    made.plant("certificates", "sai", visibility="owner_only", scheme="sa8000", certificate_status="active", **number)
    made.plant("site_identifiers", "northwind", visibility="owner_only", id_scheme="gln", id_value="CANARYIDENTIFIER")
    made.plant("factory_statements", "eti", **_words(made, "CANARYWORDS"))
    made.plant(audit, "kestrel_sport", **{**_plan(date(2031, 7, 5)), "notice": "unannounced"})
    made.plant(audit, "northwind", **_plan(date(2031, 8, 5)))
    made.plant(audit, "kestrel_sport", **_plan(date(2031, 9, 5)), audit_kind="complaint")
    beside = made.plant(audit, "northwind", audit_firm="the audit with findings")
    made.plant("findings", "northwind", beside, topic="business_ethics", finding_status="open")
    with made.writing() as con:
        con.execute("update landing.sources set source_title = 'CANARYCASES' where source_name = 'ccc'")
        con.execute(
            "insert into reference.acceptance_policies (buyer_name, scheme, max_age_months) values "
            "('CANARYPOLICY Stores', 'slcp', 60)"
        )


def _plant_allowed(made: Planted) -> None:
    made.plant("audit_records", "northwind", audit_firm="MARKALLOWED")
    made.plant("audit_records", "os_hub", visibility="public", audit_firm="MARKPUBLISHED")
    made.plant("audit_records", "kestrel_sport", **_plan(date(2031, 10, 5)))
    beside = made.plant("audit_records", "kestrel_sport", audit_firm="another audit with findings")
    made.plant("findings", "kestrel_sport", beside, topic="accommodation", finding_status="closed")
    made.plant("factory_statements", "factory_statement", **_words(made, "MARKWORDS"))
    for name in ("Alder Retail", "Birch Stores", "Alder Retail"):
        made.plant(
            "audit_records", "northwind", commissioner=name, commissioner_type="brand", audit_firm="of a company"
        )
    graded = {"scheme": "bsci", "commissioner": "Bramble Retail Group", "commissioner_type": "brand"}
    lately = made.day - timedelta(days=20)
    made.plant("audit_records", "northwind", **graded, visit_start=lately, visit_end=lately)
    made.plant("audit_records", "kestrel_sport", **_plan(date(2029, 3, 5)))
    made.plant("audit_records", "kestrel_sport", **_plan(date(2029, 4, 5)), scheme="sa8000")
    orderer = {"commissioner": "Kestrel Sport", "commissioner_type": "brand", "scheme": "slcp"}
    made.plant("audit_records", "kestrel_sport", **_plan(made.day + timedelta(days=40)), **orderer)


def _plan(day: date) -> dict[str, object]:
    return {"audit_status": "planned", "visit_start": day, "visit_end": day, "notice": "announced"}


def _words(made: Planted, text: str) -> dict[str, object]:
    return {"stated_site_id": made.site, "stated_date": made.day, "stated_about": "other", "stated_text": text}


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for everything: what is not told is left out for no other reason."""
    monkeypatch.setattr(page_module, "MOST_AUDITS", 1000)


@pytest.fixture
def unfiltered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The filter taken out: every row may be seen, nothing of it is withheld."""
    monkeypatch.setattr(StatementReader, "may_see", lambda *_: "true")
    monkeypatch.setattr(Reader, "is_whole", "true")
    monkeypatch.setattr(rows_module, "narrow_reference", lambda *_: None)
    monkeypatch.setattr(facts_module, "UNNAMED", "a buyer")
    yield


@pytest.mark.usefixtures("roomy")
def test_no_mark_of_a_forbidden_kind_is_on_the_page_and_every_allowed_one_is(facts: Facts) -> None:
    page = statement_page(facts)
    assert [kind for kind, mark in FORBIDDEN.items() if mark in page] == []
    assert [kind for kind, mark in ALLOWED.items() if mark not in page] == []
    assert "canary" not in page.casefold()


@pytest.mark.usefixtures("roomy", "unfiltered")
def test_without_the_filter_every_mark_is_on_the_page(planted: Planted) -> None:
    """The search above would find each: nothing but the filter keeps it away."""
    page = planted.page()
    assert [kind for kind, mark in {**FORBIDDEN, **ALLOWED}.items() if mark not in page] == []


@pytest.mark.usefixtures("roomy")
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium on this machine")
def test_the_pdf_holds_the_letters_of_the_page_and_no_mark(facts: Facts, tmp_path: Path) -> None:
    page, pdf = tmp_path / "page.html", tmp_path / "page.pdf"
    page.write_text(statement_page(facts), encoding="utf-8")
    assert html_to_pdf(page, pdf)
    told = letters(pdf.read_bytes())
    assert "MARKALLOWED" in told
    assert "SutlejHosiery" in told
    assert "CANARY" not in told
    plans = [mark.replace(" ", "") for mark in FORBIDDEN.values() if "2031" in mark]
    assert [mark for mark in plans if mark in told] == []
    assert "October2031" in told


def test_hidden_rows_move_no_letter(planted: Planted, facts: Facts, tmp_path: Path) -> None:
    """Non-interference: without any row that may not be told the page is the same, byte for byte."""
    reader = statement_reader(planted.day)
    without = planted_copy(planted.settings.warehouse, tmp_path / "without")
    with without.writing() as con:
        con.begin()
        hidden = 0
        for name in tables():
            gone = con.execute(f"delete from landing.{name} where not ({reader.may_see(name)}) returning 1").fetchall()
            hidden += len(gone)
        con.commit()
    assert hidden > 300
    assert statement_page(without.facts()) == statement_page(facts)


def test_whoever_did_not_agree_is_told_apart_and_not_named(facts: Facts) -> None:
    ordered = [audit["ordered_by"] for audit in facts.audits]
    unnamed = Counter(words for words in ordered if words.startswith("a buyer not named here"))
    assert sorted(unnamed.values()) == [1, 1, 2]  # Birch, the planted orderer, Alder twice
    assert set(unnamed) == {f"a buyer not named here ({number})" for number in (1, 2, 3)}
    assert "Northwind Outfitters" in ordered


def test_an_audit_that_hangs_on_its_grade_meets_nobodys_policy(facts: Facts) -> None:
    """Of BSCI the grade decides how long it holds; untold, it may be a failing one."""
    graded = [audit for audit in facts.audits if audit["scheme_title"] == "amfori BSCI"]
    assert len(graded) == 2
    assert all(audit["is_by_grade"] and audit["valid_to"] is None and not audit["accepted_by"] for audit in graded)


def test_a_plan_is_not_said_to_be_served_by_an_audit_that_hangs_on_its_grade(samples: Path, tmp_path: Path) -> None:
    """Untold, the grade may be a failing one: then the audit does for nobody, and holds not a day."""
    made = planted_copy(samples, tmp_path / "data")
    graded = {"scheme": "bsci", "commissioner": "Northwind Outfitters", "commissioner_type": "brand"}
    lately, soon = made.day - timedelta(days=20), made.day + timedelta(days=40)
    made.plant("audit_records", "northwind", **graded, visit_start=lately, visit_end=lately)
    orderer = {"commissioner": "Kestrel Sport", "commissioner_type": "brand", "scheme": "bsci"}
    made.plant("audit_records", "kestrel_sport", **{**_plan(soon), **orderer})
    with made.writing() as con:
        con.execute(
            "insert into reference.acceptance_policies (buyer_name, scheme, max_age_months) "
            "values ('Kestrel Sport', 'bsci', 24)"
        )
    assert [(row["covering_title"], row["covered_until"]) for row in made.facts().planned] == [(None, None)]


def test_visits_that_could_be_one_are_told_as_one(facts: Facts) -> None:
    """Two announced plans a month apart are one visit; a plan that an audit here serves needs none."""
    planned = {row["visit_month"]: row for row in facts.planned}
    assert sorted(planned) == [date(2027, 1, 1), date(2029, 3, 1), date(2029, 4, 1), date(2031, 10, 1)]
    covered = planned[date(2027, 1, 1)]
    assert (covered["covering_title"], covered["covered_until"]) == ("SLCP verification", date(2027, 8, 13))
    joint = {day: row["joint_month"] for day, row in planned.items()}
    assert joint[date(2029, 3, 1)] == joint[date(2029, 4, 1)] is not None
    assert joint[date(2027, 1, 1)] is joint[date(2031, 10, 1)] is None


def test_the_rules_say_whose_policy_an_audit_meets_and_until_when(planted: Planted) -> None:
    """Read by hand: the SLCP visit of August 2026 holds 12 months; Kestrel takes it so long, Bramble names no SLCP."""
    with site_of(planted) as con:
        told = read(con, planted)
        assert told == {("Kestrel Sport", date(2027, 8, 13)), ("Northwind Outfitters", date(2027, 8, 13))}
        con.execute("update reference.acceptance_policies set max_age_months = 6 where buyer_name = 'Kestrel Sport'")
        assert ("Kestrel Sport", date(2027, 2, 13)) in read(con, planted)
        con.execute("update reference.acceptance_policies set max_age_months = 2 where buyer_name = 'Kestrel Sport'")
        con.execute(
            "update reference.acceptance_policies set valid_to_date = '2027-01-31' "
            "where buyer_name = 'Northwind Outfitters' and scheme = 'slcp'"
        )
        assert read(con, planted) == {("Northwind Outfitters", date(2027, 1, 31))}
        con.execute(
            "update reference.acceptance_policies set notice_required = 'unannounced', valid_to_date = null "
            "where buyer_name = 'Northwind Outfitters' and scheme = 'slcp'"
        )
        assert read(con, planted) == set()
        # A policy that pauses for two days takes it until the pause; one that ends with all others, until its end.
        kestrel = "where buyer_name = 'Kestrel Sport' and scheme = 'slcp'"
        con.execute(
            "insert into reference.acceptance_policies (buyer_name, scheme, max_age_months, valid_from_date) "
            "values ('Kestrel Sport', 'slcp', 24, '2027-03-03')"
        )
        con.execute(
            "update reference.acceptance_policies set max_age_months = 24, valid_to_date = '2027-02-28' "
            f"{kestrel} and valid_from_date < '2027-03-03'"
        )
        assert read(con, planted) == {("Kestrel Sport", date(2027, 2, 28))}
        con.execute("delete from reference.acceptance_policies where buyer_name = 'Kestrel Sport' and scheme <> 'slcp'")
        assert read(con, planted) == {("Kestrel Sport", date(2027, 2, 28))}
        con.execute("delete from reference.acceptance_policies where valid_from_date = '2027-03-03'")
        assert read(con, planted) == {("Kestrel Sport", date(2027, 2, 28))}
        # Bramble now takes any BSCI audit of two years: still not one whose grade is not told.
        con.execute("update reference.acceptance_policies set min_grade = null where buyer_name like 'Bramble%'")
        told = facts_module.read_facts(con, planted.site, planted.day)
        assert not any(audit["accepted_by"] for audit in told.audits if audit["scheme_title"] == "amfori BSCI")


def site_of(made: Planted) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
    return rows_module.site_warehouse(made.settings, made.site, statement_reader(made.day))


def read(con: duckdb.DuckDBPyConnection, made: Planted) -> set[tuple[str, date]]:
    """Who takes the SLCP verification, and until when."""
    audits = facts_module.read_facts(con, made.site, made.day).audits
    slcp = next(audit for audit in audits if audit["scheme_title"] == "SLCP verification")
    return {(row["buyer_name"], row["accepted_until"]) for row in slcp["accepted_by"]}


#: What tells of the delivery itself, by source: its own rows may come, nobody else's may move.
_NEWS = {"marts.factory_statements", "marts.data_coverage", "marts.rejected_rows", "marts.source_freshness"}


def test_what_a_factory_says_moves_nothing_of_anybody_elses(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Sites, audits, counts and what could have been spared are the same, byte for byte, with and without its words."""
    before = published_warehouse(tmp_path_factory)
    settings = before.model_copy(update={"data": tmp_path / "data"})
    shutil.copytree(before.data, settings.data)
    shutil.copytree(registry.folders()["factory_statement"] / "sample", settings.inbox / "factory_statement")
    ingest.ingest_source(settings, "factory_statement")
    match.match_sites(settings)
    built = build.build_warehouse(settings).file
    told, known = hashes_of_tables(built), hashes_of_tables(before.warehouse)
    moved = {name for name, rows in told.items() if rows != known[name] and not name.startswith("landing.")}
    assert "marts.factory_statements" in moved
    assert moved <= _NEWS
    with duckdb.connect(str(built), read_only=True) as con:
        linked = con.execute("select count(*) from marts.factory_statements where site_id is not null").fetchall()
        assert linked > [(0,)], "no words reached a site: the comparison tries nothing"
        con.execute(f"attach '{before.warehouse}' as before (read_only)")
        for name in _NEWS:
            now, then = (f"(from {part}{name} where source_name <> 'factory_statement')" for part in ("", "before."))
            assert con.execute(f"({now} except all {then}) union all ({then} except all {now})").fetchall() == []
