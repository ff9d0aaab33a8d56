"""Pages and answers of a night as conjoin.toml declares them: made, linked, told when they fail, never half-done."""

import csv
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from conjoin.briefings.pdf import printers
from support.notebooks import COUNTING, write_notebook
from support.processes import Office
from support.published_office import GOOD, office_after_a_run

pytestmark = pytest.mark.slow

RUN = "\n[run]\nsettle_seconds = 0\n"
DECLARED = """
[[briefings]]
notebook = "ours"

[[briefings]]
notebook = "ours"
months   = 24

[[answers]]
question = "busiest_sites"
format   = "csv"
country  = "TR"
"""
NIGHT = {"ours.html", "ours_months_24.html", "busiest_sites_TR.csv", "index.html"}


class Links(HTMLParser):
    """Where the links of a page lead."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [unquote(value) for name, value in attrs if tag == "a" and name == "href" and value]


@pytest.fixture
def place(tmp_path: Path, prefect: str, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A project after its first run, whose next ones make pages of a notebook of its own."""
    made = office_after_a_run(tmp_path, prefect, tmp_path_factory)
    declare(made, DECLARED)
    write_notebook(made.root, "ours", title="Ours <b>and</b> theirs")
    return made


def declare(place: Office, pages: str, run: str = f"{RUN}pdf = false\n") -> None:
    (place.root / "conjoin.toml").write_text(pages + run, encoding="utf-8")


def briefings(place: Office) -> Path:
    return place.root / ".data" / "briefings"


def told(page: Path) -> str:
    """The words of a page."""
    body = page.read_text(encoding="utf-8").partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_a_night_makes_what_is_declared_and_an_index_of_it(place: Office) -> None:
    code, printed = place.run("run")
    assert code == 0, printed
    folder = briefings(place)
    assert {path.name for path in folder.iterdir()} == NIGHT
    assert "10 records after 12 months" in told(folder / "ours.html")
    assert "10 records after 24 months" in told(folder / "ours_months_24.html")
    with (folder / "busiest_sites_TR.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) > 0

    links = Links(folder / "index.html").found
    assert {link for link in links if "/" not in link} == NIGHT - {"index.html"}
    assert [link for link in links if not (folder / link).is_file()] == []  # those on checks are there as well
    assert "All 3 are up to date" in told(folder / "index.html")
    assert "months: 24" in told(folder / "index.html")
    assert "Türkiye" in told(folder / "index.html")

    made = {path.name: path.stat().st_mtime_ns for path in folder.iterdir() if path.name != "index.html"}
    assert place.run("run")[0] == 0  # nothing is new: what is there stays, to the file
    assert {name: (folder / name).stat().st_mtime_ns for name in made} == made

    place.deliver("quillhaven", "visits_2026-04.csv", with_another_city())
    declare(place, "answers = []\n" + DECLARED.partition("[[answers]]")[0].replace("ours", "other"))
    write_notebook(place.root, "other")
    code, printed = place.run("run")
    assert code == 0, printed
    assert "stale: another warehouse has been published since" in told(folder / "index.html")
    assert "Of 5, 3 stale" in told(folder / "index.html")  # two pages and an answer that nobody declares any more
    assert place.run("publish", "--previous")[0] == 0
    assert "Of 5, 2 stale" in told(folder / "index.html")  # those of the night that was taken back


def test_a_page_that_fails_stops_no_other_and_is_told_until_it_is_made(place: Office) -> None:
    assert place.run("run")[0] == 0
    folder = briefings(place)
    before = (folder / "ours.html").read_bytes()
    write_notebook(place.root, "ours", "raise ValueError('no <i>such</i> month')")
    write_notebook(place.root, "second")
    declare(place, 'answers = []\n[[briefings]]\nnotebook = "ours"\n[[briefings]]\nnotebook = "second"\n')
    shutil.rmtree(place.root / ".data" / "pages")  # nothing is known of the pages: all are made anew

    code, printed = place.run("run")

    assert code == 3, printed
    assert "Not made: ours.html" in printed
    assert "ValueError: no <i>such</i> month" in printed
    assert (folder / "ours.html").read_bytes() == before
    assert "10 records" in told(folder / "second.html")
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert "1 failed" in index
    assert "no &lt;i&gt;such&lt;/i&gt; month" in index
    code, printed = place.run("status")
    assert code == 3
    assert "FAILED" in printed
    assert "ours.html" in printed

    write_notebook(place.root, "ours")
    code, printed = place.run("run")
    assert code == 0, printed
    assert "failed" not in told(folder / "index.html").lower().replace("what failed", "")


def with_another_city() -> bytes:
    """The delivery of the first run, corrected."""
    return GOOD.replace(b"Izmir", b"Bursa")


@pytest.mark.skipif(not printers(), reason="nothing on this machine prints pages")
def test_pages_are_printed_beside_them_and_a_pdf_of_an_earlier_page_never_stays(place: Office) -> None:
    declare(place, '[[briefings]]\nnotebook = "ours"\n', RUN)
    code, printed = place.run("run")
    assert code == 0, printed
    pdf = briefings(place) / "ours.pdf"
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert "ours.pdf" in Links(briefings(place) / "index.html").found
    assert not place.calls.exists()
    code, printed = place.run("brief", "--notebook", "ours", "--no-pdf")
    assert code == 0, printed
    assert not pdf.exists()
    assert "ours.pdf" not in Links(briefings(place) / "index.html").found


def test_what_is_declared_wrongly_is_told_before_anything_runs(place: Office) -> None:
    declare(place, '[[briefings]]\nnotebook = "ours"\n[[briefings]]\nnotebook = "theirs"\n')
    place.deliver("quillhaven", "visits_2026-04.csv", with_another_city())
    for command in ("run", "doctor"):
        code, printed = place.run(command)
        assert code != 0
        assert "conjoin.toml: [[briefings]] number 2, notebook = 'theirs': there is no such" in " ".join(
            printed.split()
        )
        assert "Traceback" not in printed
    assert not (briefings(place) / "ours.html").exists()


def test_what_is_erased_leaves_with_pages_answers_and_what_is_remembered_of_them(place: Office) -> None:
    """An error of a notebook may quote what was delivered."""
    name = "Zanzibar Quokka Mills"
    place.deliver("quillhaven", "visits_2026-06.csv", with_another_city().replace(b"Alder Loom", name.encode()))
    shown = COUNTING + 'print(con.execute("select list(site_name) from marts.sites").fetchall())'
    write_notebook(place.root, "ours", shown)
    write_notebook(place.root, "failing", shown + "\nraise ValueError('Zanzibar Quokka Mills')")
    declare(place, DECLARED.replace("ours", "failing", 1))
    assert place.run("run")[0] == 3
    data = place.root / ".data"

    def holding(*parts: str) -> list[Path]:
        files = [path for part in parts for path in (data / part).rglob("*") if path.is_file()]
        return [path for path in files if name.encode() in path.read_bytes()]

    assert len(holding("briefings")) >= 2
    assert len(holding("pages")) == 1
    code, printed = place.run("withdraw", "quillhaven", "--file", "visits_2026-06.csv", "--reason", "asked", "--erase")
    assert code == 0, printed
    assert holding("briefings", "pages") == []
    assert "Removed briefings made before: busiest_sites_TR.csv" in printed
