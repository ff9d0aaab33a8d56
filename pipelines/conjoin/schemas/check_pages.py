"""Pages on the checks of a run: Great Expectations' own, made fit for confidential data, behind an index of ours.

As delivered, those pages fetch styles, scripts and pictures from a dozen strangers whenever somebody opens one, and are
empty without them. Here nothing is fetched (a content security policy holds the browser to it) and nothing needs a
script; the index leads with what failed.
"""

import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from conjoin.schemas.expectations import CheckResult, write_pages

_POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file: data:; "
    "style-src 'self' 'unsafe-inline' file:; font-src 'self' file:\">"
)
_FETCHED = re.compile(
    r"<script\b.*?</script>|<footer\b.*?</footer>|<link\b[^>]*\bhref=\"https?:[^>]*>|<img\b[^>]*\bsrc=\"https?:[^>]*>",
    flags=re.DOTALL,
)
# What the pages take from the styles that they no longer fetch.
_STYLE = """<style>
body { font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1d2530; margin: 0 auto; max-width: 72rem;
  padding: 1rem; position: static; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; }
table { border-collapse: collapse; font-size: .9rem; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d5dbe3; vertical-align: top;
  overflow-wrap: anywhere; }
.ge-section { border-top: 1px solid #d5dbe3; padding: .6rem 0; }
.badge, .alert { background: #f2f5f9; padding: .2rem .5rem; }
.card, .modal, .btn, .btn-group, .popover, nav ol, .fa-comment, [href="#walkthrough"], a[data-toggle] { display: none; }
.sticky { position: static; }
.navbar { height: auto !important; }
.fa-check-circle::before { content: "passed"; color: #23632f; }
.fa-times::before, .fa-exclamation-triangle::before { content: "failed"; color: #9b1c1c; }
.failed { color: #9b1c1c; font-weight: 600; }
</style>"""
_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{policy}
<title>Checks of the last run</title>
{style}
</head>
<body>
<h1>Checks of the last run</h1>
<p>A check that refuses keeps a file out of landing, or a warehouse from being published; one that warns lets it pass.
The same results stand in the tables <code>landing.check_results</code> and <code>marts.failed_checks</code>.</p>
{sections}
</body>
</html>
"""


def write_check_pages(folder: Path, suites: Mapping[str, Sequence[CheckResult]]) -> Path:
    """Write the pages below ``folder`` and return their index.

    Args:
        folder: Replaced as a whole.
        suites: What was checked (landing, warehouse) to the results.
    """
    write_pages(folder, suites)
    for page in sorted(folder.rglob("*.html")):
        text = _FETCHED.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", f"{_POLICY}{_STYLE}</head>", 1), encoding="utf-8")
    sections = "\n".join(_section(folder, name, results) for name, results in suites.items())
    index = folder / "index.html"
    index.write_text(_INDEX.format(policy=_POLICY, style=_STYLE, sections=sections), encoding="utf-8")
    return index


def _section(folder: Path, name: str, results: Sequence[CheckResult]) -> str:
    failed = sorted((r for r in results if not r.is_passed), key=lambda r: (r.severity, r.target, r.check_name))
    links = [
        f'<a href="{html.escape(str(page.relative_to(folder)))}">every check, by Great Expectations</a>'
        for page in sorted(folder.glob(f"validations/{name}/**/*.html"))
    ]
    told = f"{len(results):,} checks, {len(failed):,} failed"
    heading = f"<h2>{html.escape(name.capitalize())}</h2><p>{told}. {' '.join(links)}</p>"
    return heading + (_failures(failed) if failed else "")


def _failures(failed: Sequence[CheckResult]) -> str:
    head = "".join(f"<th>{title}</th>" for title in ("What", "Check", "Found", "Expected", "Meaning", "Effect"))
    rows = "".join(
        f"<tr>{''.join(f'<td>{html.escape(text)}</td>' for text in _cells(result))}"
        f'<td class="failed">{"refused" if result.severity == "refuse" else "warned"}</td></tr>'
        for result in failed
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(result: CheckResult) -> tuple[str, ...]:
    return result.target, result.check_name, result.observed_value, result.expected_value, result.note
