"""The page of a statement: what it says of which facts, and that no text of the data gets out of its place."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from conjoin.packs.statement.facts import Facts
from conjoin.packs.statement.page import MOST_AUDITS, statement_page

DAY = date(2026, 12, 1)
HOSTILE = "</p><script>alert(1)</script>{{ 7 * 7 }} \u202eABC\u0007 <img src=x onerror=y>"


def audit(number: int = 1, **values: Any) -> dict[str, Any]:
    told = {
        "event_id": f"e{number}",
        "visit_start": date(2026, 6, 3),
        "visit_end": date(2026, 6, 5),
        "date_kind": "visit",
        "scheme_title": "SMETA 4-pillar",
        "kind_title": "Full, periodic",
        "notice_title": "Announced",
        "ordered_by": "Alder Retail",
        "audit_firm": "Quince Assurance",
        "topics": ["wages", "osh"],
        "is_whole_code": False,
        "valid_to": date(2027, 6, 5),
        "is_in_force": True,
        "is_by_grade": False,
        "accepted_by": [],
    }
    return told | values


def takes(buyer: str, until: date = date(2027, 6, 5)) -> dict[str, Any]:
    return {"event_id": "e1", "buyer_name": buyer, "accepted_until": until}


def facts(**values: Any) -> Facts:
    site = {"site_name": "Mulberry Mill", "site_name_native": None, "site_address": "12 Mill Road", "is_closed": False}
    site |= {"city_name": "Izmir", "region_name": "Izmir", "postal_code": "35000", "country_code": "TR"}
    told = Facts("CJ0000000000A", DAY, site, [], [audit()], [], [], [], [], [], ["A list"])
    return replace(told, **values)


def words(page: str) -> str:
    """The letters of the body, tags left out."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<body>")[1]).split())


def test_the_answer_comes_first_and_counts_right() -> None:
    assert "The one audit told here still holds on 1 December 2026." in words(statement_page(facts()))
    ended = audit(2, is_in_force=False, valid_to=date(2025, 1, 1))
    assert "1 of the 2 audits told here still holds on" in words(statement_page(facts(audits=[audit(), ended])))
    assert "The one audit told here no longer holds on" in words(statement_page(facts(audits=[ended])))
    assert "None of the 2 audits told here" in words(statement_page(facts(audits=[ended, ended])))
    assert "No audit of this factory is published, or allowed" in words(statement_page(facts(audits=[])))


def test_it_says_whose_policies_an_audit_meets_and_until_when() -> None:
    taken = audit(accepted_by=[takes("Alder"), takes("Birch"), takes("Cedar", date(2027, 1, 31))])
    page = words(statement_page(facts(audits=[taken])))
    assert (
        "SMETA 4-pillar, 3–5 Jun 2026: meets the policies of Cedar until 31 Jan 2027 ; Alder and Birch until 5 Jun 2027"
        in page
    )
    assert "one new audit of the kind, ordered once and shared, can serve them again" in page


def test_what_the_factory_says_stands_beside_ours() -> None:
    said = {"stated_date": date(2026, 10, 6), "scheme_title": None, "near_visit_start": None, "near_scheme_title": None}
    rows = [
        {**said, "stated_about": "site_address", "subject_title": "Its address", "stated_text": "14 Mill Road"},
        {**said, "stated_about": "missing_audit", "subject_title": "An audit", "stated_text": None},
    ]
    rows = [{"stated_visit_date": None, **row} for row in rows]
    rows[1] |= {"stated_visit_date": date(2026, 2, 17), "scheme_title": "SLCP verification"}
    page = words(statement_page(facts(said=rows)))
    assert "12 Mill Road, Izmir, 35000, Türkiye The factory says: 14 Mill Road (6 Oct 2026)" in page
    assert "SLCP verification, 17 Feb 2026 as named no audit near that day 6 Oct 2026" in page


def test_a_city_that_the_street_line_names_is_not_said_twice() -> None:
    site = facts().site | {"site_address": "12 Mill Road, Konak / IZMIR"}
    assert "12 Mill Road, Konak / IZMIR, 35000, Türkiye" in words(statement_page(facts(site=site)))


def test_topics_go_to_the_last_audit_that_looked_at_them() -> None:
    older = audit(2, visit_start=date(2025, 6, 3), visit_end=date(2025, 6, 3), topics=["wages", "child_labour"])
    page = words(statement_page(facts(audits=[audit(), older])))
    assert (
        "SMETA 4-pillar, 3–5 Jun 2026 Wages, Health and safety SMETA 4-pillar, 3 Jun 2025 Child labour No audit" in page
    )


def test_one_new_audit_is_proposed_to_whom_none_serves() -> None:
    buyers = [
        {"buyer_name": "Alder", "audits": [audit() | {"accepted_until": DAY}], "scheme_titles": ["SLCP", "SA8000"]},
        {"buyer_name": "Birch", "audits": [], "scheme_titles": ["SA8000", "SLCP", "WRAP"]},
    ]
    held = {"scheme_title": "SA8000", "is_in_force": True, "certificate_id_source": "1", "certification_body": "B"}
    held |= {"issued_date": DAY, "valid_to": DAY, "is_by_grade": False, "status_title": "Active", "is_ended": False}
    page = words(statement_page(facts(buyers=buyers, certificates=[held])))
    assert "No audit on this page would do for Birch today. SLCP is named in the policies of Alder and Birch" in page
    assert "SA8000 certificate in force until 1 Dec 2026 ; SA8000 is named in the policies of Alder and Birch." in page


def test_what_there_is_no_room_for_is_counted() -> None:
    many = [audit(number, visit_start=date(2026, 6, 3)) for number in range(MOST_AUDITS + 2)]
    page = words(statement_page(facts(audits=many)))
    assert page.count("Quince Assurance") == MOST_AUDITS
    assert "2 older audits, back to June 2026, are left out for room." in page


def test_the_same_words_stand_there_whatever_is_left_out() -> None:
    """What may be missing is said of every factory alike, so that it tells of none."""
    always = "What is not published, or not allowed on statements by whoever delivered it, is not here"
    assert all(always in words(statement_page(made)) for made in (facts(), facts(audits=[], sources=[])))


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def hostile_page() -> str:
    """A page in which every text of the data is hostile."""

    def spoilt(row: dict[str, Any], *kept: str) -> dict[str, Any]:
        return {name: HOSTILE if isinstance(value, str) and name not in kept else value for name, value in row.items()}

    said = {"stated_about": "other", "subject_title": "x", "stated_date": DAY, "stated_text": "x", "scheme_title": "x"}
    said |= {"stated_visit_date": DAY, "near_visit_start": DAY, "near_scheme_title": "x"}
    held = {"scheme_title": "x", "is_in_force": True, "certificate_id_source": "x", "certification_body": "x"}
    held |= {"issued_date": DAY, "valid_to": DAY, "is_by_grade": False, "status_title": "x", "is_ended": False}
    plan = {"visit_month": DAY, "scheme_title": "x", "covered_until": DAY, "covering_title": "x", "joint_month": None}
    taken = audit(accepted_by=[takes(HOSTILE), takes("x" + HOSTILE)])
    return statement_page(
        facts(
            site=spoilt(facts().site | {"site_name_native": "x"}, "country_code"),
            identifiers=[{"scheme_title": HOSTILE, "id_value": HOSTILE}],
            audits=[spoilt(taken, "date_kind", "event_id")],
            buyers=[{"buyer_name": HOSTILE, "audits": [], "scheme_titles": [HOSTILE]}],
            certificates=[spoilt(held)],
            findings=[{"topic_title": HOSTILE, "open_count": 1, "closed_count": 0, "untold_count": 2}],
            planned=[spoilt(plan)],
            said=[spoilt(said, "stated_about"), spoilt(said) | {"stated_about": "site_name"}],
            sources=[HOSTILE],
        )
    )


def test_no_text_of_the_data_becomes_a_part_of_the_page() -> None:
    plain, hostile = Tags(statement_page(facts())), Tags(hostile_page())
    assert hostile.tags - plain.tags <= {"b", "br", "strong"}
    assert not hostile.tags & {"script", "img", "a", "link", "iframe", "form", "svg"}
    assert not {name for name in hostile.attributes if name.startswith("on") or name in ("src", "href", "style")}
    assert hostile_page().count("&lt;script&gt;") > 15
    assert "49" not in words(hostile_page()).replace("{{ 7 * 7 }}", "")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u0007]", hostile_page())


def test_the_page_loads_and_runs_nothing_and_its_policy_knows_its_one_style() -> None:
    page = statement_page(facts())
    style = page.split("<style>")[1].split("</style>")[0]
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{allowed}'" in page
    assert not re.search(r"https?:|url\(|@import|style=", page)


def test_the_same_facts_give_the_same_bytes() -> None:
    assert statement_page(facts()) == statement_page(facts())


@pytest.mark.parametrize(
    ("start", "end", "kind", "told"),
    [
        (date(2026, 6, 3), date(2026, 6, 3), "visit", "3 Jun 2026"),
        (date(2026, 6, 30), date(2026, 7, 2), "visit", "30 Jun 2026 – 2 Jul 2026"),
        (date(2026, 6, 3), None, "visit", "3 Jun 2026"),
        (date(2026, 6, 3), date(2026, 6, 3), "uploaded", "report of 3 Jun 2026"),
    ],
)
def test_days_are_told_for_what_they_are(start: date, end: date | None, kind: str, told: str) -> None:
    shown = audit(visit_start=start, visit_end=end, date_kind=kind)
    assert f"Holds until {told} SMETA" in words(statement_page(facts(audits=[shown])))
