"""Who a statement is for, which site is meant, and what the command says."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from conjoin import content
from conjoin.briefings.subjects.meant import meant_site
from conjoin.cli.app import app
from conjoin.errors import PackError, PolicyError, UnknownSubject
from conjoin.keeping.handed_out import packs_handed_out, statements_handed_out
from conjoin.packs.statement.reader import statement_reader
from conjoin.schemas import policy
from conjoin.settings import Settings
from conjoin.tools.project import make_project
from support import quillhaven
from support.projects import forget_declarations, standing_in
from support.published import published_warehouse

DAY = date(2026, 12, 1)
TABLES = """
create schema marts; create schema matching; create schema vocabulary;
create table marts.sites as select * from (values
    ('CJ000000000A1', 'Mulberry Mill', 'Izmir', 'TR'), ('CJ000000000B2', 'Mulberry Mills', 'Bursa', 'TR'),
    ('CJ000000000C3', 'Quince Works', null, 'BD')) as told (site_id, site_name, city_name, country_code);
create table marts.site_records_at_sites as select site_id, site_name, 'Dut ' || site_name as site_name_native,
    'public' as visibility
    from marts.sites;
insert into marts.site_records_at_sites values
    ('CJ000000000B2', 'Fig Dyeing', null, 'public'), ('CJ000000000C3', 'Fig Dyeing', null, 'public');
create table marts.site_identifiers_at_sites as select *, 'public' as visibility from (values
    ('CJ000000000C3', 'os_id', 'BD2019083C0B01N'), ('CJ000000000A1', 'lei', 'LEI1')
) as told (site_id, id_scheme, id_value);
create table vocabulary.id_scheme as select * from (values
    ('os_id', 'site'), ('lei', 'organisation')) as told (code, level);
create table matching.site_aliases as select * from (values
    ('CJ000000000X9', 'CJ000000000A1', timestamp '2026-01-02'), ('CJ000000000Z8', null, timestamp '2026-01-02')
) as told (alias_site_id, site_id, recorded_at);
"""


@pytest.fixture
def sites(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    con.execute(TABLES)
    return con


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        (" cj000000000a1 ", "CJ000000000A1"),
        ("CJ000000000X9", "CJ000000000A1"),
        ("bd2019083c0b01n", "CJ000000000C3"),
        ("QUINCE works", "CJ000000000C3"),
        ("Dut Mulberry Mill", "CJ000000000A1"),
    ],
    ids=["id", "ended id", "identifier", "name", "name in its own script"],
)
def test_a_site_is_found_by_what_people_call_it(sites: duckdb.DuckDBPyConnection, asked: str, meant: str) -> None:
    assert meant_site(sites, asked) == meant


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("Mulbery Mil", "no site has the id or name 'Mulbery Mil'. Near: CJ000000000A1 Mulberry Mill (Izmir, TR)"),
        ("CJ000000000C4", "Near: CJ000000000C3 Quince Works (BD)"),
        ("LEI1", "no site has the id or name 'LEI1'"),
        ("fig dyeing", "2 sites go by it. Give the id of one: CJ000000000B2 Mulberry Mills"),
        ("CJ000000000Z8", "CJ000000000Z8 has no records since 2026-01-02"),
        ("\u202e'; drop table marts.sites; --", "no site has the id or name"),
    ],
    ids=["mistyped name", "mistyped id", "company's id", "two sites", "withdrawn", "hostile"],
)
def test_a_site_that_is_not_meant_clearly_is_answered_with_near_ones(
    sites: duckdb.DuckDBPyConnection, asked: str, answer: str
) -> None:
    with pytest.raises(UnknownSubject) as refusal:
        meant_site(sites, asked)
    assert answer in str(refusal.value)
    assert "\u202e" not in str(refusal.value)
    assert sites.execute("select count(*) from marts.sites").fetchall() == [(3,)]


def test_the_samples_say_what_may_stand_on_statements() -> None:
    reader = statement_reader(DAY)
    assert reader.opened == {"public", "consortium_site"}
    assert reader.known_sources == {"bramble", "factory_statement", "kestrel_sport", "northwind", "slcp"}
    assert (reader.with_findings, reader.with_plans) == ({"kestrel_sport"}, {"kestrel_sport"})
    assert {"Northwind Outfitters", "Kestrel Sport", "Bramble Retail Group"} < set(reader.party.all_names)
    assert "Lindqvist Moda" not in reader.party.all_names
    assert reader.own_sources == frozenset()


def in_project(root: Path, parties: str, declared: str) -> None:
    quillhaven.write_declaration(root, quillhaven.DECLARATION.replace("\n[feed", f"\n{declared}\n[feed", 1))
    (root / "sources" / "parties.toml").write_text(parties, encoding="utf-8")
    forget_declarations()


PARTY = '[quill]\nkind = "member"\ntitle = "Quillhaven"\ndelivers = ["quillhaven"]\n'
ALLOWS = 'on_statement = ["records"]'


@pytest.mark.parametrize(
    ("parties", "declared", "sources", "named"),
    [
        (PARTY, "", set(), set()),
        (PARTY, ALLOWS, {"quillhaven"}, set()),
        (PARTY + "on_statements = true\n", "", set(), {"Quillhaven"}),
        (PARTY + "on_statements = true\nuntil = 2026-11-30\n", ALLOWS, {"quillhaven"}, set()),
        ('[other]\nkind = "member"\ntitle = "Other"\n', ALLOWS, set(), set()),
    ],
    ids=["nothing said", "rows alone", "name alone", "left the pooling", "nobody answers for it"],
)
def test_what_nobody_says_is_closed(
    tmp_path: Path, parties: str, declared: str, sources: set[str], named: set[str]
) -> None:
    root = make_project(tmp_path / "project")
    with standing_in(root):
        in_project(root, parties, declared)
        reader = statement_reader(DAY)
        assert reader.known_sources == sources
        assert set(reader.party.names) == named


def test_a_policy_without_factories_opens_nothing(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    shipped = (content.packaged_root() / "schemas" / "policy.toml").read_text(encoding="utf-8")
    with standing_in(root):
        in_project(root, PARTY, ALLOWS)
        (root / "schemas").mkdir(exist_ok=True)
        (root / "schemas" / "policy.toml").write_text(shipped.replace(', "factory"', ""), encoding="utf-8")
        policy.policy.cache_clear()
        assert statement_reader(DAY).opened == frozenset()


def test_a_factory_is_no_party_and_gets_no_pack(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    with standing_in(root):
        in_project(root, '[mill]\nkind = "factory"\ntitle = "Mill"\n', "")
        with pytest.raises(PolicyError, match="mill: a factory gets no pack; `conjoin statement` makes the page"):
            policy.parties()


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["statement", *arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return " ".join(done.output.split())


@pytest.fixture
def published(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A data folder of its own with the published warehouse of three brands."""
    made = Settings(data=tmp_path / "data")
    made.warehouse.parent.mkdir(parents=True)
    shutil.copy(published_warehouse(tmp_path_factory).warehouse, made.warehouse)
    monkeypatch.setenv("CONJOIN_DATA", str(made.data))
    return made


@pytest.mark.slow
def test_the_command_writes_page_and_pdf_and_remembers_it(published: Settings, tmp_path: Path) -> None:
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        ((site, day),) = con.execute(
            "select site_id, as_of_date from marts.site_identifiers_at_sites, intermediate.build_date "
            "where id_value = 'PK2019083C0P01N' limit 1"
        ).fetchall()
    told = run("PK2019083C0P01N", "--out", str(tmp_path), "--day", str(day))
    page = tmp_path / f"statement_{site}_{day}.html"
    assert "audits may stand on the page. " in told
    assert f"Site ID {site}" in page.read_text(encoding="utf-8")
    printed = page.with_suffix(".pdf")
    assert printed.read_bytes().startswith(b"%PDF") if printed.exists() else "No PDF: nothing on this machine" in told
    assert statements_handed_out(published) == {site: str(day)}
    assert packs_handed_out(published) == {}
    log = (published.archive / "packs" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert list(json.loads(log[0])["files"]) == [page.name]


@pytest.mark.slow
def test_the_command_refuses_what_cannot_be_meant(published: Settings, tmp_path: Path) -> None:
    with duckdb.connect(str(published.warehouse), read_only=True) as con:
        ((day,),) = con.execute("select as_of_date from intermediate.build_date").fetchall()
    with pytest.raises(PackError, match="the day of the published warehouse; name that day or a later one"):
        run("PK2019083C0P01N", "--out", str(tmp_path), "--day", str(day - timedelta(days=1)))
    with pytest.raises(PackError, match="there is no such folder; make it first"):
        run("PK2019083C0P01N", "--out", str(tmp_path / "nowhere"))
    with pytest.raises(UnknownSubject, match="no site has the id or name 'Nobody'"):
        run("Nobody", "--out", str(tmp_path))
    assert list(tmp_path.glob("*.html")) == []
    assert statements_handed_out(published) == {}
