"""The numbers of the briefing's parts over the samples of every source, each beside a count of its own."""

import re
from typing import Any

import pytest

from conjoin.briefings.overlap import Scope
from conjoin.briefings.sections import first as first_part
from conjoin.briefings.sections import rests_on, when, who_where, why
from conjoin.briefings.words import REASONS, month
from conjoin.warehouse.connection import reader
from support.pages import Element, parse
from support.published import all_samples, warehouse_of

pytestmark = pytest.mark.slow
IN_TOTALS = (
    "from marts.audit_events as e join marts.sites as s using (site_id) "
    "where e.counts_as_audit and e.visibility not in ('owner_only', 'restricted_case')"
)


@pytest.fixture(scope="module")
def scope(tmp_path_factory: pytest.TempPathFactory) -> Scope:
    return Scope(warehouse_of(all_samples, tmp_path_factory))


@pytest.fixture(scope="module")
def first(scope: Scope) -> Element:
    return parse(first_part.first_screen(scope))


def asked(scope: Scope, sql: str) -> list[Any]:
    """The first row of an answer."""
    with reader(scope.warehouse) as con:
        return list(con.execute(sql).fetchall()[0])


def rows_of(html: str) -> list[list[str]]:
    """The body of a part's table, as words."""
    return [[cell.words for cell in row.children] for row in parse(html).find("tbody")[0].find("tr")]


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_the_headline_is_what_the_warehouse_answers(first: Element, scope: Scope) -> None:
    audits, sites, avoidable, now, low, high, days = asked(
        scope,
        "select count(*), count(distinct e.site_id), count_if(e.is_avoidable), count_if(e.avoidable_now), "
        "sum(e.auditor_days_low) filter (where e.is_avoidable), sum(e.auditor_days_high) filter (where "
        "e.is_avoidable), "
        f"sum(e.auditor_days) filter (where e.is_avoidable) {IN_TOTALS}",
    )
    assert avoidable > 10
    assert first.find("p", "answer")[0].words.startswith(
        f"{avoidable} of {audits} audits ({100 * avoidable / audits:.0f} %) could have been one visit less"
    )
    figures = [div.words for div in first.find("div", "figures")[0].children]
    assert len(figures) == 4
    assert figures[0] == f"{avoidable}avoidable audits, of {audits} audits at {sites} sites"
    assert low < high
    assert figures[1].startswith(f"{low:.0f} to {high:.0f}auditor days in them, {days:.0f} by")
    assert figures[3].startswith(f"{now}could be spared at once")


def test_money_is_days_times_prices(first: Element, scope: Scope) -> None:
    """Counted here audit by audit, without a join of the page's kind."""
    with reader(scope.warehouse) as con:
        audits = con.execute(
            "select e.scheme, s.country_code, e.auditor_days_low, e.auditor_days_high, e.auditor_days "
            f"{IN_TOTALS} and e.is_avoidable"
        ).fetchall()
        prices = con.execute(
            "select scheme, country_code, cost_low, cost_high, cost_central from reference.audit_costs "
            "where unit = 'auditor_day' and currency = 'USD' order by year nulls first"
        ).fetchall()
    known = {(scheme, country): ends for scheme, country, *ends in prices}
    priced = [(days, known.get((scheme, country)) or known.get((scheme, None))) for scheme, country, *days in audits]
    sums = [sum(days[end] * price[end] for days, price in priced if price) for end in range(3)]
    told = first.find("div", "figures")[0].children[2].words
    ends = [number(text) for text in re.findall(r"\d[\d,]*", told)[:3]]
    assert ends == [float(f"{amount:.1e}") for amount in sums]  # two figures
    without = sum(price is None for _, price in priced)
    assert (f"{without} audit" in told) == bool(without)


def test_without_a_price_the_money_is_said_to_be_unknown(scope: Scope) -> None:
    cost = scope.ask("money_of_avoidable").iloc[0]
    unpriced = cost.copy()
    unpriced["audits_without_price_count"] = cost["avoidable_audit_count"]
    value, text = first_part.money_tile(unpriced)
    assert (value, "no price a day is on file" in text) == ("Not known", True)


@pytest.mark.parametrize(
    "part", [who_where.orderers, who_where.schemes, who_where.where], ids=lambda part: part.__name__
)
def test_orderers_schemes_and_countries_each_add_up_to_the_headline(part: Any, scope: Scope) -> None:
    audits, avoidable = asked(scope, f"select count(*), count_if(e.is_avoidable) {IN_TOTALS}")
    cells = [[number(cell) for cell in row if re.fullmatch(r"[\d,]+", cell)][:2] for row in rows_of(part(scope))]
    assert len(cells) > 5
    assert [sum(column) for column in zip(*cells, strict=True)] == [audits, avoidable]


def test_the_map_says_each_countrys_number(scope: Scope) -> None:
    page = parse(who_where.where(scope))
    with reader(scope.warehouse) as con:
        counts = con.execute(
            f"select s.country_code, count(*), count_if(e.is_avoidable) {IN_TOTALS} and s.country_code is not null "
            "group by all"
        ).fetchall()
    drawn = {e.attributes["id"]: e for e in page.everything() if e.attributes.get("id", "").startswith("map-")}
    for code, audits, avoidable in counts:
        plural = "audit" if audits == 1 else "audits"
        assert drawn[f"map-{code}"].find("title")[0].words.endswith(f": {avoidable} of {audits} {plural} avoidable")
    (finding,) = [svg.attributes["aria-label"] for svg in page.find("svg") if "aria-label" in svg.attributes]
    assert str(max(avoidable for *_, avoidable in counts)) in finding


def test_reasons_are_told_in_words_with_what_would_have_had_to_differ(scope: Scope) -> None:
    told = scope.ask("reasons_of_repeats")
    rows = rows_of(why.reasons(scope))
    assert len(rows) == len(told) > 3
    for row, reason in zip(rows, told.itertuples(), strict=True):
        assert row[:3] == [REASONS[str(reason.reason)], f"{reason.audit_count}", f"{reason.lone_audit_count}"]
        assert len(row[3]) > 20
    assert "_" not in parse(why.reasons(scope)).words


def test_the_three_claims_stand_there_with_their_intervals(scope: Scope) -> None:
    rows = rows_of(why.claims(scope))
    assert len(rows) == 3
    for row in rows:
        assert row[1] in ("Borne out", "Not borne out", "Undecided")
        share, low, high = map(int, re.findall(r"\d+", row[2])[:3])
        assert low <= share <= high


def test_planned_visits_are_told_by_month_and_asked_about_first(first: Element, scope: Scope) -> None:
    with reader(scope.warehouse) as con:
        counts = con.execute(
            "select visit_month, count(*), count_if(accepted_event_count > 0) from marts.planned_overlaps "
            "group by all order by all"
        ).fetchall()
    rows = rows_of(when.planned(scope))
    assert [row[:3] for row in rows] == [[month(day), f"{count}", f"{covered}"] for day, count, covered in counts]
    steps = [item.words for item in first.find("section", "next")[0].find("li")]
    assert 1 <= len(steps) <= 5
    for day, count, covered in counts:
        if covered:
            assert f"{covered} of {count} visit" in steps[0]
            assert month(day) in steps[0]
            break


def test_what_was_published_before_is_compared(scope: Scope) -> None:
    now = scope.ask("figures_of_a_run")
    figures = {name: int(value) for name, value in zip(now["figure_name"], now["figure_value"], strict=True)}
    before = {"day": "2000-01-01", "figures": {**figures, "audit events": figures["audit events"] - 7}}
    told = when.changed(Scope(scope.warehouse, before=before))
    assert rows_of(told) == [["Audit events", f"{figures['audit events'] - 7}", f"{figures['audit events']}", "+7"]]
    new = re.findall(r"(\d+) audits? made", parse(told).words)
    assert sum(map(int, new)) == figures["audit events"]
    same = parse(when.changed(Scope(scope.warehouse, before={"day": "2100-01-01", "figures": figures})))
    assert "after that day: none." in same.words
    assert same.find("table") == []


def test_bounds_sharing_and_surveys_are_the_warehouses(scope: Scope) -> None:
    seen, least = asked(scope, "select sum(seen_audit_count), sum(audits_lower_bound) from marts.unseen_audits")
    assert f"{seen} seen, at least {least:.0f} made in all" in parse(rests_on.unseen(scope)).words
    (avoided,) = asked(scope, f"select sum(e.avoided_count) {IN_TOTALS}")
    assert f"spared {avoided} audit" in parse(who_where.sharing(scope)).words
    rows = {row[0]: row for row in rows_of(rests_on.surveys(scope))}
    assert rows["Türkiye"][2:4] == ["2.3 to 2.9", "2021 to 2023"]


def test_what_one_reason_alone_kept_is_what_the_questions_on_it_add_up(scope: Scope) -> None:
    """Two places count visits that a single change would have spared: they agree, and none is avoidable already."""
    told = scope.ask("reasons_of_repeats")
    with reader(scope.warehouse) as con:
        counted = con.execute(
            "select reason, count(distinct event_id_b) from intermediate.lone_reasons "
            "inner join marts.audits_in_totals on event_id_b = event_id group by reason"
        ).fetchall()
    assert {row.reason: row.lone_audit_count for row in told.itertuples() if row.lone_audit_count} == dict(counted)
    assert len(counted) > 3
