"""The desk as its visitors use it: what they find, what they may change, and what becomes of it."""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from conjoin.briefings.queries import BRIEFING, questions
from conjoin.desk.app import open_desk
from conjoin.errors import ConjoinError
from conjoin.settings import Settings
from conjoin.steps.reviews import read_decisions
from conjoin.warehouse.connection import reader
from support.desks import HOST, Visitor, visiting, words
from support.published import all_samples, warehouse_of

HOSTILE = '"><img src=x onerror=alert(1)>\u202e=cmd()'


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return warehouse_of(all_samples, tmp_path_factory)


@pytest.fixture
def visitor(published: Path, tmp_path: Path) -> Iterator[Visitor]:
    with visiting(tmp_path, published) as entered:
        yield entered


@pytest.fixture(scope="module")
def asked(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with reader(published) as con:
        yield con


def question_of(page: str) -> tuple[str, str]:
    """The two records that the page asks about."""
    left, right = (re.search(f'name="{side}" value="([^"]+)"', page) for side in ("left", "right"))
    assert left
    assert right
    return left[1], right[1]


# Who may enter.


def test_nothing_is_shown_without_the_link_and_the_link_works_once(visitor: Visitor) -> None:
    visitor.client.cookies.clear()
    for address in ("/", "/sites", "/review", "/questions", "/questions/busiest_sites/file", "/reference"):
        assert visitor.client.get(address).status_code == 401
    token = visitor.client.app.state.entrance.new_link()  # type: ignore[attr-defined]
    assert visitor.client.get("/enter", params={"token": token}).status_code == 200
    visitor.page("/")
    visitor.client.cookies.clear()
    assert visitor.client.get("/enter", params={"token": token}).status_code == 401
    assert len(visitor.links) == 1  # a fresh one, shown where the desk was started
    assert visitor.client.get("/enter", params={"token": "guessed"}).status_code == 401
    assert len(visitor.links) == 1
    assert visitor.client.get("/enter", params={"token": visitor.links[0]}).status_code == 200


def test_another_host_another_page_and_an_old_page_change_nothing(visitor: Visitor) -> None:
    pair = question_of(visitor.page("/review"))
    visitor.send("/review/who", reviewer="AB")
    form = {"left": pair[0], "right": pair[1], "judgement": "NEGATIVE"}
    assert visitor.client.get("/", headers={"host": "evil.test"}).status_code == 421
    assert visitor.client.post("/review/judge", data={**form, "csrf": "guessed"}).status_code == 403
    assert visitor.client.post("/review/judge", data=form).status_code == 403
    sent = visitor.client.post(
        "/review/judge", data={**form, "csrf": visitor.csrf}, headers={"origin": "http://evil.test"}
    )
    assert sent.status_code == 403
    assert visitor.decisions() == []
    ours = visitor.client.post(
        "/review/judge", data={**form, "csrf": visitor.csrf}, headers={"origin": f"http://{HOST}"}
    )
    assert ours.status_code == 200
    assert len(visitor.decisions()) == 1


def test_every_answer_forbids_frames_scripts_and_addresses_of_others(visitor: Visitor) -> None:
    for address in ("/", "/sites", "/nowhere", "/static/desk.css", "/questions/busiest_sites/file"):
        headers = visitor.client.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
    page = visitor.page("/")
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert "<script>" not in page
    assert " style=" not in page


# What is shown is what the warehouse says.


def test_the_overview_says_what_the_marts_say(visitor: Visitor, asked: duckdb.DuckDBPyConnection) -> None:
    told = words(visitor.page("/"))
    audits, spared = asked.execute("select count(*), count_if(is_avoidable) from marts.audits_in_totals").fetchall()[0]
    assert f"{spared:,} of {audits:,} audits could have been one visit less" in told
    stale = asked.execute("select count(*) from marts.source_freshness where is_stale").fetchall()[0][0]
    assert f"{stale} deliveries are late or refused" in told
    for (claim,) in asked.execute("select claim from marts.seed_claims").fetchall():
        assert claim in told


def test_every_site_has_a_page_with_all_its_audits_and_records(
    visitor: Visitor, asked: duckdb.DuckDBPyConnection
) -> None:
    sites = asked.execute("select site_id from marts.sites where record_count > 0 order by site_id").fetchall()
    assert sites
    for (site,) in sites:
        page = visitor.page(f"/sites/{site}")
        for name, key in (("audit_events", "event_id"), ("site_records_at_sites", "record_id")):
            told = asked.execute(f"select {key}, visibility from marts.{name} where site_id = $1", [site]).fetchall()
            for one, visibility in told:
                is_case = visibility == "restricted_case"  # a case worker's file alone tells them
                assert (one in page) == (not is_case), (site, one)


def test_facets_narrow_as_sql_does(visitor: Visitor, asked: duckdb.DuckDBPyConnection) -> None:
    selects = {
        "country=TR": "select count(*) from marts.sites where country_code = 'TR' and record_count > 0",
        "scheme=bsci": "select count(distinct site_id) from marts.audit_events where scheme = 'bsci'",
        "class=repeat_avoidable": (
            "select count(distinct site_id) from marts.audit_pairs where pair_class = 'repeat_avoidable'"
        ),
        "scheme=bsci&orderer=Lindqvist Moda": (
            "select count(distinct site_id) from marts.audit_events where scheme = 'bsci' "
            "and commissioner = 'Lindqvist Moda'"
        ),
        "country=ZZ": "select 0",
    }
    for query, select in selects.items():
        expected = asked.execute(select).fetchall()[0][0]
        page = words(visitor.page(f"/sites?{query}"))
        assert f"{expected} site" in page if expected else "No site meets this" in page, query


def test_every_saved_question_answers_sorts_filters_and_goes_along(visitor: Visitor, tmp_path: Path) -> None:
    listed = visitor.page("/questions")
    for question in questions():
        if question.asked_by == BRIEFING:
            continue
        assert f"/questions/{question.name}" in listed
        is_of_cases = question.sidecar.visibility == "restricted_case"
        told = words(visitor.page(f"/questions/{question.name}", 400 if is_of_cases else 200))
        assert not is_of_cases or "tells of complaint cases" in told
    rows = list(csv.DictReader(visitor.page("/questions/busiest_sites/file?format=csv&sort=audit_count").splitlines()))
    counts = [int(row["audit_count"]) for row in rows]
    assert counts == sorted(counts)
    assert len(counts) > 3
    name = rows[0]["site_id"]
    few = list(csv.DictReader(visitor.page(f"/questions/busiest_sites/file?format=csv&has={name}").splitlines()))
    assert [row["site_id"] for row in few] == [name]
    path = tmp_path / "answer.xlsx"
    path.write_bytes(visitor.client.get("/questions/busiest_sites/file").content)
    assert load_workbook(path).worksheets[0].max_row > 3
    assert "is no day" in words(visitor.page("/questions/busiest_sites?from=yesterday", 400))
    visitor.page("/questions/no_such_question", 400)


def test_a_new_warehouse_is_shown_as_soon_as_it_is_published(visitor: Visitor) -> None:
    published = visitor.root / ".data" / "warehouse" / "conjoin.duckdb"
    assert "Elm of the new day" not in visitor.page("/sites?q=elm+of+the+new+day")
    building = published.with_name("next.duckdb")
    shutil.copy(published, building)
    with duckdb.connect(str(building)) as con:
        con.execute(
            "update marts.sites set site_name = 'Elm of the new day' "
            "where site_id = (select max(site_id) from marts.sites where record_count > 0)"
        )
    building.replace(published)
    assert "Elm of the new day" in visitor.page("/sites?q=elm+of+the+new+day")


def test_hostile_names_are_text_everywhere(published: Path, tmp_path: Path) -> None:
    file = tmp_path / "hostile.duckdb"
    shutil.copy(published, file)
    with duckdb.connect(str(file)) as con:
        text = (
            "select table_name, column_name from information_schema.columns "
            "where table_schema = 'marts' and data_type = 'VARCHAR'"
        )
        for table, column in con.execute(text).fetchall():
            if re.search("name|address|commissioner|firm|title|grade|note|explanation|reason$|raw|finding", column):
                con.execute(f'update marts."{table}" set "{column}" = $1 where "{column}" is not null', [HOSTILE])
    with visiting(tmp_path, file) as visitor:
        addresses = ["/", "/sites", "/review", "/questions/busiest_sites", "/questions/site_pages", "/sites?q=img"]
        addresses += re.findall(r'href="(/sites/CJ\w+)"', visitor.page("/sites"))[:3]
        addresses += re.findall(r'href="(/(?:override|links)/[^"]+)"', visitor.page(addresses[-1]))[:3]
        for address in addresses:
            page = visitor.page(address)
            assert "<img" not in page
            assert "\u202e" not in page


# The review desk.


def test_a_judgement_is_saved_at_once_and_the_next_question_asked(visitor: Visitor) -> None:
    pair = question_of(visitor.page("/review"))
    visitor.send("/review/judge", 400, left=pair[0], right=pair[1], judgement="NEGATIVE")
    assert visitor.decisions() == []  # nobody said who judges
    visitor.send("/review/who", reviewer="AB", role="reviewer")
    page = visitor.send("/review/judge", left=pair[0], right=pair[1], judgement="NEGATIVE", note="two gates")
    assert question_of(page) != pair
    assert "1 of" in words(page)
    (line,) = visitor.decisions()
    assert line.startswith(f"{pair[0]},{pair[1]},NEGATIVE,AB,reviewer,")
    assert line.endswith(",two gates,")
    assert [one.judgement for one in read_decisions()] == ["NEGATIVE"]  # what the next run reads


def test_every_question_is_asked_once_and_then_none(visitor: Visitor, asked: duckdb.DuckDBPyConnection) -> None:
    count = asked.execute("select count(*) from marts.match_review_queue").fetchall()[0][0]
    visitor.send("/review/who", reviewer="AB")
    seen = set()
    page = visitor.page("/review")
    for turn in range(count):
        pair = question_of(page)
        assert pair not in seen
        seen.add(pair)
        judgement = ("NEGATIVE", "UNSURE")[turn % 2]
        page = visitor.send("/review/judge", left=pair[0], right=pair[1], judgement=judgement)
    assert "No question is open" in words(page)
    assert len(visitor.decisions()) == count


def test_undo_takes_the_last_answer_back_and_asks_it_again(visitor: Visitor) -> None:
    visitor.send("/review/who", reviewer="AB")
    first = question_of(visitor.page("/review"))
    second = question_of(visitor.send("/review/judge", left=first[0], right=first[1], judgement="NEGATIVE"))
    visitor.send("/review/judge", left=second[0], right=second[1], judgement="UNSURE")
    assert question_of(visitor.send("/review/undo")) == second
    assert len(visitor.decisions()) == 1
    assert question_of(visitor.send("/review/undo")) == first
    assert visitor.decisions() == []
    assert "nothing to undo" in words(visitor.send("/review/undo"))


def test_a_move_has_a_direction_and_a_day(visitor: Visitor) -> None:
    visitor.send("/review/who", reviewer="AB")
    left, right = question_of(visitor.page("/review"))
    told = {"left": left, "right": right, "moved_on": "2026-03-01"}
    visitor.send("/review/judge", judgement="MOVED", **told)
    visitor.send("/review/undo")
    visitor.send("/review/judge", judgement="MOVED_BACK", **told)
    (line,) = visitor.decisions()
    assert line.startswith(f"{right},{left},MOVED,AB,")
    assert line.endswith(",2026-03-01")
    visitor.send("/review/judge", 400, judgement="MOVED", left=left, right=right, moved_on="in March")


def test_a_skipped_question_comes_back_in_the_next_session_alone(visitor: Visitor) -> None:
    visitor.send("/review/who", reviewer="AB")
    pair = question_of(visitor.page("/review"))
    assert question_of(visitor.send("/review/skip", left=pair[0], right=pair[1])) != pair
    assert question_of(visitor.page("/review")) != pair
    assert visitor.decisions() == []


def test_blind_review_hides_what_the_machine_thinks(visitor: Visitor) -> None:
    visitor.send("/review/who", reviewer="AB")
    assert "Probability of one site" in words(visitor.page("/review"))
    visitor.send("/review/who", reviewer="AB", blind="yes")
    page = words(visitor.page("/review"))
    for hidden in ("Probability", "Evidence", "For one site", "Kept apart"):
        assert hidden not in page


def _across(asked: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """Two records of two sites that two initiatives delivered."""
    found = asked.execute(
        """
        with initiatives as (
            select distinct records.record_id, records.site_id, records.source_name
            from marts.site_records_at_sites as records
            inner join marts.data_coverage using (source_name)
            where source_kind = 'initiative'
        )
        select min(one.record_id), min(other.record_id)
        from initiatives as one inner join initiatives as other
            on one.source_name < other.source_name and one.site_id <> other.site_id
        group by one.site_id, other.site_id order by all limit 1
        """
    ).fetchall()
    left, right = sorted(found[0])
    return left, right


def test_a_merge_across_initiatives_waits_for_a_second_reader(
    visitor: Visitor, asked: duckdb.DuckDBPyConnection
) -> None:
    left, right = _across(asked)
    visitor.send("/review/who", reviewer="AB")
    told = words(visitor.send("/review/judge", left=left, right=right, judgement="POSITIVE"))
    assert "Kept as a first reading" in told
    assert (len(visitor.decisions()), len(visitor.decisions("first_readings"))) == (0, 1)
    visitor.send("/review/judge", left=left, right=right, judgement="POSITIVE")  # the same reader again: still one
    assert visitor.decisions() == []
    visitor.send("/review/who", reviewer="CD")
    visitor.send("/review/judge", left=left, right=right, judgement="POSITIVE")
    assert [line.split(",")[2:4] for line in visitor.decisions()] == [["POSITIVE", "AB"], ["POSITIVE", "CD"]]


def test_a_second_reader_who_disagrees_keeps_the_two_apart(visitor: Visitor, asked: duckdb.DuckDBPyConnection) -> None:
    left, right = _across(asked)
    visitor.send("/review/who", reviewer="AB")
    visitor.send("/review/judge", left=left, right=right, judgement="POSITIVE")
    visitor.send("/review/who", reviewer="CD")
    visitor.send("/review/judge", left=left, right=right, judgement="NEGATIVE")
    assert [line.split(",")[2:4] for line in visitor.decisions()] == [["POSITIVE", "AB"], ["NEGATIVE", "CD"]]
    page = words(visitor.page(f"/review/{left}/{right}"))
    assert "On file: Two sites, by CD" in page


def test_a_second_reading_taken_back_leaves_the_first_one_waiting(
    visitor: Visitor, asked: duckdb.DuckDBPyConnection
) -> None:
    left, right = _across(asked)
    visitor.send("/review/who", reviewer="AB")
    visitor.send("/review/judge", left=left, right=right, judgement="POSITIVE")
    visitor.send("/review/who", reviewer="CD")
    visitor.send("/review/judge", left=left, right=right, judgement="POSITIVE")
    visitor.send("/review/undo")
    assert visitor.decisions() == []  # one word alone joins nothing
    assert len(visitor.decisions("first_readings")) == 1


def test_what_cannot_be_meant_is_told_on_a_page(visitor: Visitor) -> None:
    assert "cannot be understood" in words(visitor.page("/sites?start=many", 400))
    assert "No site meets this" in words(visitor.page("/sites?start=999999"))
    published = visitor.root / ".data" / "warehouse" / "conjoin.duckdb"
    building = published.with_name("old.duckdb")
    shutil.copy(published, building)
    with duckdb.connect(str(building)) as con:
        con.execute("alter table marts.sites drop column is_identity_open")
    building.replace(published)
    assert "another version of Conjoin" in words(visitor.page("/sites", 400))


def test_records_are_taken_out_of_a_site_after_it_was_shown_what_parts(
    visitor: Visitor, asked: duckdb.DuckDBPyConnection
) -> None:
    site, records = asked.execute(
        "select site_id, list(record_id order by record_id) from marts.site_records_at_sites "
        "group by site_id having count(*) = 4 order by site_id limit 1"
    ).fetchall()[0]
    visitor.send("/review/who", reviewer="AB")
    page = visitor.send("/review/take-out", site=site, record=records[:1])
    assert visitor.decisions() == []
    pairs = re.findall(r'name="pair" value="([^"]+)"', page)
    assert {tuple(pair.split("|")) for pair in pairs} == {(records[0], other) for other in records[1:]}
    visitor.send("/review/save", judgement="NEGATIVE", pair=pairs, back=f"/sites/{site}")
    assert len(visitor.decisions()) == 3
    visitor.send("/review/undo")
    assert visitor.decisions() == []
    visitor.send("/review/take-out", 400, site=site, record=records)
    visitor.send("/review/take-out", 400, site=site)


def test_several_sites_become_one_by_one_answer(visitor: Visitor, asked: duckdb.DuckDBPyConnection) -> None:
    sites = asked.execute(
        "select site_id from marts.sites where site_id in (select site_id from marts.site_records_at_sites "
        "group by site_id having count_if(source_name in (select source_name from marts.data_coverage "
        "where source_kind = 'initiative')) = 0) order by site_id limit 3"
    ).fetchall()
    chosen = [site for (site,) in sites]
    assert len(chosen) == 3
    visitor.send("/review/who", reviewer="AB")
    page = visitor.send("/review/merge", site=chosen)
    pairs = re.findall(r'name="pair" value="([^"]+)"', page)
    visitor.send("/review/save", judgement="POSITIVE", pair=pairs, back="/sites")
    assert [line.split(",")[2] for line in visitor.decisions()] == ["POSITIVE", "POSITIVE"]
    visitor.send("/review/merge", 400, site=chosen[:1])


# Overrides and reference tables.


def test_an_override_is_checked_and_on_file(visitor: Visitor, asked: duckdb.DuckDBPyConnection) -> None:
    earlier, later = asked.execute(
        "select event_id_a, event_id_b from marts.audit_pairs "
        "where pair_class = 'repeat_avoidable' order by all limit 1"
    ).fetchall()[0]
    assert "could have been one visit" in words(visitor.page(f"/override/{earlier}/{later}"))
    address = f"/override/{earlier}/{later}"
    visitor.send(address, 400, pair_class="no_such_class", reviewer="AB")
    visitor.send(address, 400, pair_class="renewal", reviewer="")
    path = visitor.root / "schemas" / "reference" / "pair_overrides.csv"
    assert not path.exists() or len(path.read_text(encoding="utf-8").splitlines()) == 1
    visitor.send(address, pair_class="renewal", reviewer="AB", note="agreed with both")
    (row,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert (row["pair_class"], row["reviewer"], row["note"]) == ("renewal", "AB", "agreed with both")
    events = asked.execute(
        "select event_id from marts.audit_event_records where record_id in ($1, $2)",
        [row["record_id_a"], row["record_id_b"]],
    ).fetchall()
    assert {event for (event,) in events} == {earlier, later}


def test_a_reference_table_takes_good_rows_and_refuses_wrong_ones(visitor: Visitor) -> None:
    path = visitor.root / "schemas" / "reference" / "party_aliases.csv"
    good = {"cell-alias_name": "Elm Ltd", "cell-party_name": "Elm", "cell-source": "letter of 2026"}
    page = visitor.send("/reference/party_aliases", 400, what="add", **{**good, "cell-valid_from_date": "soon"})
    assert "valid_from_date" in words(page)
    assert 'value="Elm Ltd"' in page  # what was typed is not lost
    assert not path.exists()
    visitor.send("/reference/party_aliases", what="add", **good)
    (row,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert row["alias_name"] == "Elm Ltd"
    stamp = re.search(r'name="stamp" value="([^"]+)"', visitor.page("/reference/party_aliases?row=1"))
    assert stamp
    visitor.send(
        "/reference/party_aliases", what="change", row="1", stamp=stamp[1], **{**good, "cell-party_name": "Elm SA"}
    )
    told = visitor.send("/reference/party_aliases", 400, what="remove", row="1", stamp=stamp[1])
    assert "changed by somebody else" in words(told)
    (row,) = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    assert row["party_name"] == "Elm SA"
    visitor.page("/reference/no_such_table", 400)
    visitor.page("/reference/..%2F..%2Fconjoin", 404)


# A pack.


def test_what_is_not_the_published_warehouse_is_read_and_never_written(published: Path, tmp_path: Path) -> None:
    with visiting(tmp_path, published, pack=True) as visitor:
        listed = visitor.page("/review")
        assert "is not the published warehouse" in words(listed)
        left, right = re.findall(r'href="/review/([^/"]+)/([^"]+)"', listed)[0]
        visitor.send("/review/who", reviewer="AB")
        for address, fields in (
            ("/review/judge", {"left": left, "right": right, "judgement": "NEGATIVE"}),
            ("/review/undo", {}),
            ("/reference/party_aliases", {"what": "add"}),
        ):
            visitor.send(address, 403, **fields)
        visitor.page("/reference", 403)
        assert visitor.decisions() == []


def test_a_file_without_some_tables_says_so(published: Path, tmp_path: Path) -> None:
    file = tmp_path / "pack.duckdb"
    shutil.copy(published, file)
    with duckdb.connect(str(file)) as con:
        for table in ("intermediate.build_date", "intermediate.rule_parameters"):  # as packs do
            con.execute(f"create table main.kept as from {table}; drop view if exists {table}")
            con.execute(f"drop table if exists {table}; create table {table} as from main.kept; drop table main.kept")
        for schema in ("matching", "staging", "landing"):
            con.execute(f"drop schema {schema} cascade")
        for table in ("findings_at_events", "complaints_at_sites"):
            con.execute(f"drop table marts.{table}")
        con.execute(
            """
            create schema released;
            create table released.reader as select 'member' as reader_kind, 'Alder' as reader_title,
                date '2026-07-01' as pack_date, ['public', 'consortium_site'] as opened;
            create table released.totals as select 'all' as breakdown, '' as value, '' as audit_class,
                12 as audit_count, 1 as as_of_release, true as is_current;
            comment on table released.totals is 'release 1 of 2026-07-01'
            """
        )
    with visiting(tmp_path, file, pack=True) as visitor:
        assert "what this reader may see" in words(visitor.page("/"))
        assert "release 1 of 2026-07-01" in words(visitor.page("/"))
        site = re.findall(r'href="/sites/(CJ\w+)"', visitor.page("/sites"))[0]
        assert "This file holds no findings" in words(visitor.page(f"/sites/{site}"))
        listed = visitor.page("/questions")
        assert "does not hold what it asks" in listed
        for question in questions():
            if question.asked_by != BRIEFING:
                told = visitor.client.get(f"/questions/{question.name}")
                assert told.status_code in (200, 400)
                assert told.status_code == 200 or re.search(
                    "cannot be asked of this file|tells of complaint cases", words(told.text)
                )


def test_a_file_that_is_no_warehouse_is_told(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ConjoinError, match="no warehouse there"):
        open_desk(settings, None)
    with duckdb.connect(str(tmp_path / "other.duckdb")) as con:
        con.execute("create table t as select 1")
    with pytest.raises(ConjoinError, match=r"no warehouse of Conjoin"):
        open_desk(settings, tmp_path / "other.duckdb")
    (tmp_path / "text.duckdb").write_text("no database", encoding="utf-8")
    with pytest.raises(ConjoinError, match="cannot be read"):
        open_desk(settings, tmp_path / "text.duckdb")
