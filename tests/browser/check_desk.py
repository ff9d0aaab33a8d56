"""The desk in a headless Chromium, as coordinators and reviewers use it: `make test-browser`.

Every page at two widths: no complaint on the console, no request to anybody else, nothing wider than the window,
nothing that moves while it loads, nothing that axe-core finds fault with. Ten questions are answered by clicking, in
three steps each at most, and a review is done by keyboard alone.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conjoin.settings import Settings
from conjoin.tools.project import make_project
from conjoin.warehouse.connection import reader
from support import axe
from support.browser import Browser, chromium
from support.published import all_samples, warehouse_of


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder whose published warehouse is that of the samples."""
    root = make_project(tmp_path_factory.mktemp("desk") / "project")
    target = Settings(data=root / ".data").warehouse
    target.parent.mkdir(parents=True)
    shutil.copy(warehouse_of(all_samples, tmp_path_factory), target)
    return root


@pytest.fixture(scope="module")
def link(root: Path) -> Iterator[str]:
    """The link that a real ``conjoin desk`` prints."""
    command = [Path(sys.executable).with_name("conjoin"), "desk"]
    environment = {**os.environ, "CONJOIN_PROJECT": str(root), "COLUMNS": "200"}
    with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout
        found = re.search(r"http\S+", desk.stdout.readline())
        assert found
        yield found[0]
        desk.terminate()
        assert desk.wait(20) == 0


@pytest.fixture(scope="module")
def browser(link: str) -> Iterator[Browser]:
    """A browser that came through the link."""
    with chromium() as opened:
        opened.go(link)
        opened.until("document.title.includes('Overview')")
        yield opened


@pytest.fixture
def base(link: str) -> str:
    return link.split("/enter")[0]


@pytest.fixture(scope="module")
def addresses(root: Path) -> list[str]:
    with reader(Settings(data=root / ".data").warehouse) as con:

        def first(select: str) -> tuple[str, ...]:
            return tuple(con.execute(f"{select} limit 1").fetchall()[0])

        (site,) = first("select site_id from marts.sites order by audit_count desc, site_id")
        earlier, later = first("select event_id_a, event_id_b from marts.audit_pairs order by all")
        left, right = first("select record_id_left, record_id_right from marts.site_links order by all")
    return [
        "/",
        "/sites",
        "/sites?q=isklar+konfeksyon",
        f"/sites/{site}",
        f"/links/{left}/{right}",
        f"/override/{earlier}/{later}",
        "/review",
        "/questions",
        "/questions/busiest_sites",
        "/questions/openrefine",
        "/reference",
        "/reference/acceptance_policies?row=1",
        "/nowhere",
    ]


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_quiet_fits_and_is_accessible(
    width: int, base: str, addresses: list[str], browser: Browser
) -> None:
    for address in addresses:
        browser.go(base + address, width)
        expected = ["404"] if address == "/nowhere" else []
        complaints = [json.dumps(event) for event in browser.complaints()]
        assert [one for one in complaints if not any(code in one for code in expected)] == [], address
        assert [one for one in browser.requests() if not one.startswith((base, "data:"))] == []
        assert browser.value("document.documentElement.scrollWidth") <= width, (address, browser.value(axe.WIDER))
        assert browser.promised(_SHIFT) < 0.02, address
        assert axe.faults(browser) == [], address


#: How much the page moved while it loaded: the sum of its layout shifts.
_SHIFT = """
new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 120);
})
"""

#: What a coordinator wants to know, the clicks that lead there, and what the page then says.
QUESTIONS = {
    "how many audits could have been spared": ([], r"of 228 audits could have been one visit less"),
    "which deliveries are missing": (["details.banner summary"], r"late: 2026-Q3 was due by"),
    "which site is audited most": (["a[href='/sites']"], r"13\s+2\s+7"),
    "what repeated what there, and why": (["a[href='/sites']", "tbody tr a"], r"It would have done"),
    "how is a site called that I cannot spell": ([("#find", "isklar konfeksyon")], r"Işıklar Konfeksiyon"),
    "which sites in Türkiye were audited": (["tbody a[href='/sites?country=TR']"], r"\d+ sites"),
    "which planned visits would be served": (["a[href='/questions/planned_visits_already_covered']"], r"covering"),
    "which certificates end soon": (
        ["a[href='/questions']", "a[href='/questions/certificates_about_to_expire']"],
        r"(?i)certificate",
    ),
    "who orders the visits": (["a[href='/questions']", "a[href='/questions/who_commissions']"], r"(?i)brand"),
    "what is in doubt": (["a[href='/review']"], r"Are these two one site"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_coordinator_finds_it_in_three_steps(question: str, base: str, browser: Browser) -> None:
    steps, answer = QUESTIONS[question]
    assert len(steps) <= 3
    browser.go(base)
    for step in steps:
        if isinstance(step, tuple):
            browser.click(step[0])
            browser.type(step[1])
            browser.events.clear()
            browser.press("Enter")
            browser._loaded()
        elif "summary" in step:
            browser.click(step)
        else:
            browser.follow(step)
    assert re.search(answer, browser.value("document.body.innerText")), browser.value("document.body.innerText")[:2000]


def test_a_review_is_done_by_keyboard_alone(base: str, browser: Browser, root: Path) -> None:
    browser.go(f"{base}/review")
    for _ in range(40):  # to the field that asks who judges
        browser.press("Tab")
        if browser.value("document.activeElement.id") == "reviewer":
            break
    assert browser.value("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.type("AB")
    browser.events.clear()
    browser.press("Enter")
    browser._loaded()
    decisions = root / "sources" / "reviews" / "decisions.csv"
    before = len(decisions.read_text(encoding="utf-8").splitlines()) if decisions.exists() else 1
    taken = []
    for key, judgement in (("d", "NEGATIVE"), ("u", "UNSURE"), ("k", "")):
        pair = browser.value(_PAIR)
        begun = time.perf_counter()
        browser.press(key)
        browser.until(f"JSON.stringify({_PAIR}) != {json.dumps(json.dumps(pair, separators=(',', ':')))}")
        taken.append(time.perf_counter() - begun)
        lines = decisions.read_text(encoding="utf-8").splitlines()
        assert not judgement or lines[-1].startswith(f"{pair[0]},{pair[1]},{judgement},AB,")
    assert len(lines) == before + 2
    browser.press("z")
    browser.until("document.body.innerText.includes('Taken back')")
    assert len(decisions.read_text(encoding="utf-8").splitlines()) == before + 1
    assert min(taken) < 1.0
    assert browser.complaints() == []


_PAIR = "['left', 'right'].map(side => document.querySelector(`#pair input[name=${side}]`)?.value)"


def test_a_letter_typed_into_a_note_judges_nothing(base: str, browser: Browser, root: Path) -> None:
    browser.go(f"{base}/review")
    browser.click("#pair form summary")
    pair = browser.value(_PAIR)
    browser.click("#note")
    for letter in "sdmukz":
        browser.press(letter)
    assert browser.value("document.querySelector('#note').value") == "sdmukz"
    assert browser.value(_PAIR) == pair


def test_on_paper_there_is_nothing_to_click(base: str, addresses: list[str], browser: Browser) -> None:
    browser.go(base + addresses[3])
    browser.ask("Emulation.setEmulatedMedia", media="print")
    try:
        shown = "e => e.closest('details:not([open])') ? false : e.checkVisibility()"
        assert not browser.value(f"[...document.querySelectorAll('header, button, nav')].some({shown})")
        for needed in ("h1", "svg", "table"):
            assert browser.value(f"[...document.querySelectorAll('{needed}')].some({shown})"), needed
    finally:
        browser.ask("Emulation.setEmulatedMedia", media="")
