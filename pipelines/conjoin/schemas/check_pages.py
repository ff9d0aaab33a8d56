"""Pages on the checks of a run: an index that leads with what failed, and a page with every check of each load.

They are read by people with confidential data: nothing is fetched when one is opened (a content security policy holds
the browser to it), and nothing needs a script.
"""

import html
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from conjoin.schemas.expectations import CheckResult
from conjoin.schemas.plain_page import plain_page

_INTRODUCTION = """<p>A check that refuses keeps a file out of landing, or a warehouse from being published; one that
warns lets it pass. Judged by Great Expectations. The same results stand in the tables
<code>landing.check_results</code> and <code>marts.failed_checks</code>.</p>"""
_HEADINGS = ("What", "Check", "Found", "Expected", "Meaning", "Effect")


def write_check_pages(folder: Path, suites: Mapping[str, Sequence[CheckResult]], kept_from: Path | None = None) -> Path:
    """Write the pages into ``folder``, which must not exist, and return their index.

    Args:
        folder: Where to.
        suites: What was checked (landing, warehouse) to the results; there is a page for each target of the suite
            ``landing``, which is a load, and one for the whole of each other suite.
        kept_from: Earlier pages. The page of a load never changes, so it is taken over from there.
    """
    (folder / "loads").mkdir(parents=True)
    sections = []
    for name, results in suites.items():
        pages = _by_target(results) if name == "landing" else {name: list(results)}
        links = [_page_of(folder, "loads" if name == "landing" else "", *page, kept_from) for page in pages.items()]
        sections.append(_section(name, results, links))
    index = folder / "index.html"
    index.write_text(
        plain_page(title="Checks of the last run", body=_INTRODUCTION + "\n".join(sections)), encoding="utf-8"
    )
    return index


def _by_target(results: Iterable[CheckResult]) -> dict[str, list[CheckResult]]:
    found: dict[str, list[CheckResult]] = {}
    for result in results:
        found.setdefault(result.target, []).append(result)
    return found


def _page_of(folder: Path, inside: str, target: str, results: Sequence[CheckResult], kept_from: Path | None) -> str:
    """Write the page with every check of one target, or take it over; its link."""
    name = f"{target}.html"
    page = folder / inside / name
    kept = kept_from / inside / name if kept_from and inside else None
    if kept and kept.is_file():
        os.link(kept, page)
    else:
        page.write_text(plain_page(title=html.escape(f"Checks of {target}"), body=_table(results)), encoding="utf-8")
    return f'<a href="{html.escape(str(page.relative_to(folder)))}">{html.escape(target)}</a>'


def _section(name: str, results: Sequence[CheckResult], links: Sequence[str]) -> str:
    failed = sorted((r for r in results if not r.is_passed), key=lambda r: (r.severity, r.target, r.check_name))
    told = f"{len(results):,} checks, {len(failed):,} failed"
    every = f"<p>Every check: {', '.join(links)}</p>" if results else ""
    heading = f"<h2>{html.escape(name.capitalize())}</h2><p>{told}.</p>"
    return heading + (_table(failed) if failed else "") + every


def _table(results: Sequence[CheckResult]) -> str:
    head = "".join(f"<th>{title}</th>" for title in _HEADINGS)
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in _cells(result))}{_effect(result)}</tr>"
        for result in results
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(result: CheckResult) -> tuple[str, ...]:
    return result.target, result.check_name, result.observed_value, result.expected_value, result.note


def _effect(result: CheckResult) -> str:
    if result.is_passed:
        return "<td>passed</td>"
    return f'<td class="failed">{"refused" if result.severity == "refuse" else "warned"}</td>'
