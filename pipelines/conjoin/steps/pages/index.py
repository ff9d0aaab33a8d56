"""The index of what a night made: every page and answer with its scope, day, size and state, and the checks.

It is one page like those that it links: nothing is loaded from outside, and nothing in a name is markup.
"""

import html
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from conjoin.keeping.folders import let_readers_in, open_to_readers
from conjoin.plain import visible
from conjoin.schemas.plain_page import plain_page
from conjoin.settings import Settings
from conjoin.steps.pages.kept import KeptPage, is_current, kept_pages
from conjoin.warehouse.versions import Version, published_version

NAME = "index.html"
_HEADS = ("What", "Scope", "As of", "Size", "State")
_STYLE = """
body { max-width: 62rem; }
td:first-child { min-width: 14rem; } td:nth-child(4) { white-space: nowrap; }
.wrong { color: #9b3a1c; } .lead { font-size: 1.15rem; } .small { color: #46505e; font-size: .9rem; }
a { color: #1f5580; }
@media (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  tr { display: block; border-bottom: 1px solid #d5dbe3; padding: .5rem 0; }
  td { display: block; border: 0; padding: .1rem 0; min-width: 0; }
  td[data-head]:not(:first-child):not(:empty)::before { content: attr(data-head) ": "; color: #46505e; }
}
"""


def write_index(settings: Settings) -> Path:
    """Write the index of the pages anew, and return it."""
    folder = settings.briefings
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / NAME
    building = target.with_name(f".{NAME}.{os.getpid()}")
    building.write_text(_page(settings), encoding="utf-8")
    building.replace(target)
    open_to_readers(target, settings.reader_mode)
    for entered in (settings.data, folder):
        let_readers_in(entered, settings.reader_mode)
    return target


def state_of(page: KeptPage, is_fresh: bool) -> str:
    """How a page stands, in a sentence that ends without a stop."""
    if page.failure:
        stays = f"the one of {page.day} stays" if page.day else "there is none yet"
        return f"failed since {page.failed_on}: {page.failure}; {stays}"
    if not is_fresh:
        return f"stale: another warehouse has been published since; {page.day or 'its day'} is what it speaks of"
    return "up to date"


def _page(settings: Settings) -> str:
    kept = kept_pages(settings)
    fresh = {page.file_name: is_current(settings, page) for page in kept}
    shown = published_version(settings)
    parts = [_lead(kept, fresh, shown)]
    for kind, heading, nothing in (
        ("page", "Pages", "No page has been made yet: <code>conjoin run</code> or <code>conjoin brief</code> does."),
        ("answer", "Answers", "No answer is made by the night: [[answers]] in conjoin.toml names those that shall be."),
    ):
        told = [page for page in kept if page.kind == kind]
        rows = "".join(_row(settings, page, fresh[page.file_name]) for page in told)
        parts.append(f"<h2>{heading}</h2>{_table(rows) if told else f'<p>{nothing}</p>'}")
    parts += ["<h2>Checks</h2>", _checks(settings), _unknown(settings, kept)]
    return plain_page("Pages, answers and checks", "\n".join(parts), _STYLE)


def _lead(kept: Sequence[KeptPage], fresh: dict[str, bool], shown: Version | None) -> str:
    """What somebody wants to know first: whether all is of the last night."""
    failed = [page for page in kept if page.failure]
    stale = [page for page in kept if not page.failure and not fresh[page.file_name]]
    if not kept:
        told = "Nothing has been made yet."
    elif not failed and not stale:
        told = f"All {len(kept)} are up to date." if len(kept) > 1 else "It is up to date."
    else:
        counts = [f"{len(some)} {word}" for some, word in ((failed, "failed"), (stale, "stale")) if some]
        told = f"Of {len(kept)}, {' and '.join(counts)}; the others are up to date."
    warehouse = (
        f"Warehouse: version {shown.number}, published {shown.published_at:%Y-%m-%d %H:%M} UTC." if shown else ""
    )
    kind = ' class="lead wrong"' if failed or stale else ' class="lead"'
    return f'<p{kind}>{told}</p><p class="small">{warehouse} For readers of the warehouse, not for handing out.</p>'


def _table(rows: str) -> str:
    heads = "".join(f'<th scope="col">{head}</th>' for head in _HEADS)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def _row(settings: Settings, page: KeptPage, is_fresh: bool) -> str:
    file = settings.briefings / page.file_name
    there = file.is_file()
    title = _safe(page.title or page.file_name)
    links = f'<a href="{quote(page.file_name)}">{title}</a>' if there else title
    printed = file.with_suffix(".pdf")
    if page.kind == "page" and printed.is_file():
        links += f' <a href="{quote(printed.name)}">PDF<span hidden> of {title}</span></a>'
    elif page.no_pdf:
        links += f'<br><span class="small">{_safe(page.no_pdf)}</span>'
    state = _safe(state_of(page, is_fresh))
    cells = [
        links,
        _safe(page.scope or "everything"),
        str(page.day or ""),
        _size(file.stat().st_size) if there else "",
        f"<span{'' if is_fresh else ' class=wrong'}>{state}</span>",
    ]
    told = "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in zip(_HEADS, cells, strict=True))
    return f"<tr>{told}</tr>"


def _checks(settings: Settings) -> str:
    if not (settings.checks / "index.html").is_file():
        return "<p>No warehouse has been checked and published yet.</p>"
    place = Path(os.path.relpath(settings.checks, settings.briefings))
    links = [f'<a href="{quote(str(place / "index.html"))}">What failed, and every check of each load</a>']
    if (settings.checks / "warehouse.html").is_file():
        links.append(f'<a href="{quote(str(place / "warehouse.html"))}">Every check of the warehouse</a>')
    return f"<ul>{''.join(f'<li>{link}</li>' for link in links)}</ul>"


def _unknown(settings: Settings, kept: Sequence[KeptPage]) -> str:
    """Pages that lie there and of which nothing is remembered."""
    known = {NAME, *(page.file_name for page in kept)}
    others = sorted(path.name for path in settings.briefings.glob("[!.]*.html") if path.name not in known)
    if not others:
        return ""
    links = "".join(f'<li><a href="{quote(name)}">{_safe(name)}</a></li>' for name in others)
    told = "Of these nothing is known: an earlier version or somebody else put them here."
    return f"<h2>Others</h2><p>{told}</p><ul>{links}</ul>"


def _safe(text: str) -> str:
    return html.escape(visible(text.replace("\n", " ")), quote=True)


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(count // 1000, 1)} kB"
