"""The pages on coverage and on identities: numbers beside counts of their own, empty scopes, hostile names."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from conjoin import content
from conjoin.briefings.overlap import Scope
from conjoin.briefings.pages import render_notebook
from conjoin.briefings.sections import coverage, identities, judging, rests_on
from conjoin.briefings.texts import Html
from conjoin.warehouse.connection import reader
from support.pages import Element, parse

pytestmark = pytest.mark.slow
HOSTILE = '<img src=x onerror="alert(1)">\u202eevil'
WITHOUT_DATA = "NZ"
PARTS: list[Callable[[Scope], Html]] = [
    coverage.first_screen, coverage.whom_to_ask, coverage.completeness, coverage.cost_of_lacks, coverage.delivery,
    coverage.refused, coverage.out_of_use, coverage.told_twice, coverage.without_audits,
    identities.first_screen, identities.bands, identities.measured, identities.crowded, identities.apart,
    identities.by_country, identities.by_sources, judging.questions, judging.judgements, judging.ids,
]  # fmt: skip


@pytest.fixture(scope="module")
def scope(warehouse_of_samples: Path) -> Scope:
    return Scope(warehouse_of_samples)


@pytest.fixture(scope="module")
def altered(warehouse_of_samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scope]:
    """The scope of a copy of the warehouse in which something was changed by hand."""

    def make(sql: str) -> Scope:
        file = tmp_path_factory.mktemp("altered") / "w.duckdb"
        shutil.copyfile(warehouse_of_samples, file)
        with duckdb.connect(str(file)) as con:
            con.execute(sql)
        return Scope(file)

    return make


def asked(scope: Scope, sql: str) -> list[Any]:
    with reader(scope.warehouse) as con:
        return con.execute(sql).fetchall()


def rows_of(html: str) -> list[list[str]]:
    return [[cell.words for cell in row.children] for row in parse(html).find("tbody")[0].find("tr")]


def tiles_of(page: Element) -> list[str]:
    return [div.words for div in page.find("div", "figures")[0].children]


def test_sources_are_counted_once_by_their_worst_feed(scope: Scope) -> None:
    counts = {"in_time": 0, "late": 0, "refused": 0, "never": 0}
    feeds: dict[str, list[Any]] = {}
    for source, feed, is_late, refused in asked(
        scope, "select source_name, feed, is_late, refused_file_count from marts.source_freshness"
    ):
        feeds.setdefault(source, []).append((feed, is_late, refused))
    for told in feeds.values():
        if any(refused for *_, refused in told):
            counts["refused"] += 1
        elif any(is_late for _, is_late, _ in told):
            counts["late"] += 1
        elif any(feed == "none" for feed, *_ in told):
            counts["never"] += 1
        else:
            counts["in_time"] += 1
    assert sum(1 for count in counts.values() if count) > 1
    tiles = tiles_of(parse(coverage.first_screen(scope)))
    assert [int(re.match(r"\d+", tile)[0]) for tile in tiles] == list(counts.values())  # type: ignore[index]
    assert tiles[0].startswith(f"{counts['in_time']}of {len(feeds)} declared source")


def test_a_pack_says_what_it_lacks_and_calls_nothing_late_that_it_does_not_know(
    altered: Callable[[str], Scope],
) -> None:
    """As packs are: released totals are there, the schema of matching is not, other sources have no feed."""
    changed = altered(
        "create schema released; create table released.totals (breakdown text, value text, audit_class text);"
        "drop schema matching cascade;"
        "update marts.source_freshness set feed = 'none', is_late = false where source_name <> 'northwind'"
    )
    sources, never = asked(
        changed,
        "select count(distinct source_name) filter (where source_name <> 'northwind'), "
        "count_if(last_landed_at is null) from marts.source_freshness",
    )[0]
    page = parse(coverage.first_screen(changed))
    assert page.find("div", "warning")
    assert f"of {sources - never} a pack does not tell" in tiles_of(page)[0]
    assert tiles_of(page)[3].startswith(f"{never}declared, and never")
    assert parse(identities.first_screen(changed)).find("div", "warning")
    for part in (judging.judgements, judging.ids, coverage.out_of_use):
        assert parse(part(changed)).find("p", "empty")[0].words.startswith("This is a pack")


def test_what_audits_tell_is_counted_by_source(scope: Scope) -> None:
    rows = {row[0]: row[1:] for row in rows_of(coverage.completeness(scope))}
    by_hand = asked(
        scope,
        "select source_title, count(*), count(if(commissioner_type = 'facility', 'f', commissioner)), "
        "count(audit_firm), count(notice) from marts.audit_event_records join staging.sources using (source_name) "
        "where counts_as_audit and audit_event_records.visibility <> 'restricted_case' group by all",
    )
    assert len(by_hand) > 5
    for title, audits, orderer, firm, notice in by_hand:
        told = rows[title]
        assert told[0] == f"{audits:,}"
        for cell, count in ((told[2], orderer), (told[3], firm), (told[5], notice)):
            assert cell == ("under 1 %" if 0 < count < audits / 200 else f"{100 * count / audits:.0f} %")


def test_what_follows_a_complaint_is_counted_by_no_source(altered: Callable[[str], Scope]) -> None:
    counted = "select count(*) from marts.audit_event_records where counts_as_audit and source_name = 'northwind'"
    told = altered(
        "update marts.audit_event_records set visibility = 'restricted_case' where record_id = (select min(record_id) "
        "from marts.audit_event_records where counts_as_audit and source_name = 'northwind')"
    )
    (every,) = asked(told, counted)[0]
    (title,) = asked(told, "select source_title from staging.sources where source_name = 'northwind'")[0]
    rows = {row[0]: row[1:] for row in rows_of(coverage.completeness(told))}
    assert rows[title][0] == f"{every - 1:,}"


def test_audits_without_an_orderer_are_told_with_what_they_cost(altered: Callable[[str], Scope]) -> None:
    changed = altered("update marts.audits_in_totals set is_party_known = false where event_id < 'm'")
    (unknown,) = asked(changed, "select count(*) from marts.audits_in_totals where not is_party_known")[0]
    assert unknown > 1
    (row,) = [row for row in rows_of(coverage.cost_of_lacks(changed)) if row[0] == "Orderer unknown"]
    assert row[1] == f"{unknown:,}"
    assert "never counted as avoidable" in row[3]
    assert f"nobody told who ordered {unknown:,};" in parse(rests_on.coverage_box(changed)).words


def test_whom_to_ask_names_what_is_late_and_what_audits_lack(scope: Scope) -> None:
    wanted = dict(rows_of(coverage.whom_to_ask(scope)))
    never = asked(scope, "select source_title from marts.source_freshness where feed = 'none'")
    assert [title for (title,) in never if wanted.get(title) != "a first delivery"] == []
    lacking = asked(
        scope,
        "select source_title from marts.audit_event_records join staging.sources using (source_name) "
        "where counts_as_audit and audit_event_records.visibility <> 'restricted_case' group by all "
        "having count(audit_firm) * 2 < count(*)",
    )
    assert lacking
    assert [title for (title,) in lacking if "firm" not in wanted[title]] == []


def test_files_taken_back_are_counted_and_refused_cells_never_quoted(altered: Callable[[str], Scope]) -> None:
    changed = altered(
        "update landing.loads set is_current = false where source_name = 'northwind';"
        "insert into marts.rejected_rows by name select 'x' as load_id, number as rejection_number, "
        "'northwind' as source_name, 'audits' as feed, 'a.csv' as file_name, 3 as line_number, "
        "'visit_start' as column_name, 'SECRET' as value, 'is no day' as reason, 'write a day' as advice, "
        "'owner_only' as visibility from range(900) as numbers(number)"
    )
    (files,) = asked(changed, "select count(distinct content_hash) from landing.loads where not is_current")[0]
    assert sum(int(row[2]) for row in rows_of(coverage.out_of_use(changed))) == files > 0
    page = coverage.refused(changed)
    assert ["visit_start", "is no day", "900", "write a day"] in [row[2:] for row in rows_of(page)]
    assert "SECRET" not in page


def test_links_and_the_errors_to_expect_are_added_up(scope: Scope) -> None:
    links = asked(scope, "select is_accepted, match_probability, pair_decided_by, veto from marts.site_links")
    for is_accepted in (True, False):
        counted = [
            p for accepted, p, decided, veto in links if accepted == is_accepted and decided != "judgement" and not veto
        ]
        expected, low, high, count = identities.errors(scope, is_accepted)
        half = 1.96 * sum(p * (1 - p) for p in counted) ** 0.5
        assert count == len(counted) > 0
        assert expected == pytest.approx(sum(1 - p if is_accepted else p for p in counted))
        assert (low, high) == pytest.approx((max(0, expected - half), min(count, expected + half)))
    assert sum(int(row[2].replace(",", "")) for row in rows_of(identities.bands(scope))) == len(links)
    sites, records, waiting = asked(
        scope,
        "select count(*), sum(record_count), (select count(*) from marts.match_review_queue) from marts.sites",
    )[0]
    tiles = tiles_of(parse(identities.first_screen(scope)))
    assert tiles[0].startswith(f"{sites}sites, of {records} records")
    assert tiles[3].startswith(f"{waiting}questions wait")


def test_what_the_model_was_measured_at_is_what_its_file_tells(scope: Scope) -> None:
    text = (content.packaged_root() / "schemas/matching/model.toml").read_text(encoding="utf-8")
    told = re.findall(r"(\d+) of (\d+) found, (\d+) of (\d+) wrongly merged", text)
    assert len(told) > 3
    rows = rows_of(identities.measured(scope))
    assert [(row[1], row[3]) for row in rows] == [(f"{a} of {b}", f"{c} of {d}") for a, b, c, d in told]
    for row, numbers in zip(rows, told, strict=True):
        found, true, merged, _ = map(int, numbers)
        assert row[5] == f"{2 * found / (true + found + merged):.3f}"


def test_judgements_are_told_by_role_and_no_person_is_named(altered: Callable[[str], Scope]) -> None:
    changed = altered(
        "insert into matching.judgements by name select * from (values "
        "('a', 'b', 'POSITIVE', 'Ayse Person', 'brand', timestamp '2026-01-01'), "
        "('b', 'a', 'POSITIVE', 'Ben Person', 'initiative', timestamp '2026-01-02'), "
        "('c', 'd', 'POSITIVE', 'Ayse Person', 'brand', timestamp '2026-01-01'), "
        "('c', 'd', 'NEGATIVE', 'Ben Person', 'initiative', timestamp '2026-01-03')) "
        "as t(record_id_left, record_id_right, judgement, reviewer, role, decided_at)"
    )
    page = judging.judgements(changed)
    assert [row[:3] for row in rows_of(page)][:2] == [["brand", "2", "1"], ["initiative", "2", "1"]]
    assert "2 were judged by two readers; they agreed on 1 (50 %); 1 were overturned" in page
    assert "Person" not in page


def test_without_judgements_a_second_reader_is_asked_for(altered: Callable[[str], Scope]) -> None:
    changed = altered("delete from matching.judgements")
    assert "no pair was judged by two" in parse(identities.first_screen(changed)).find("section", "next")[0].words
    assert asked(changed, "select count(*) from matching.judgements") == [(0,)]


def test_hostile_names_are_only_text(altered: Callable[[str], Scope]) -> None:
    changed = altered(
        f"update marts.sites set site_name = '{HOSTILE}'; update marts.source_freshness set source_title = '{HOSTILE}';"
        f"update marts.site_records_at_sites set site_name = '{HOSTILE}';"
        f"update marts.site_links set veto = '{HOSTILE}';"
    )
    told = "".join(part(changed) for part in PARTS)
    assert "<img src=x" not in told
    assert "\u202e" not in told
    assert "&lt;img src=x" in told


@pytest.mark.parametrize("part", PARTS, ids=lambda part: f"{part.__module__.split('.')[-1]}-{part.__name__}")
def test_a_scope_without_data_says_so(part: Callable[[Scope], Html], warehouse_of_samples: Path) -> None:
    page = part(Scope(warehouse_of_samples, WITHOUT_DATA))
    assert "nan" not in parse(page).words.split()
    assert [tile for div in parse(page).find("div", "figures") for tile in div.children if "–" in tile.words] == []
    assert parse(page).find("h3") or parse(page).find("h2")
    if not parse(page).find("tbody") and not parse(page).find("section", "first"):
        assert parse(page).find("p", "empty")[0].words.endswith(".")


def test_each_page_is_made_whole_and_the_same_twice(warehouse_of_samples: Path) -> None:
    for name in ("source_coverage", "match_quality"):
        path = content.find(f"notebooks/{name}.ipynb")
        given = {"warehouse": str(warehouse_of_samples), "country": None}
        made = render_notebook(path, given)
        page = parse(made)
        assert len(page.find("section", "first")) == 1
        headings = [line[3:] for line in re.findall(r"## [^\"]+", path.read_text(encoding="utf-8"))]
        assert [heading.words for heading in page.find("h2")][2:] == headings
        assert "Traceback" not in made
        assert re.findall(r'(?:src|href)="(?!data:|#)[^"]*"', made) == []
        if name == "match_quality":
            assert render_notebook(path, given) == made
