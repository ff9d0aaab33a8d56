"""From a notebook to a page: run with parameters, shown without code, self-contained."""

import base64
import html
import io
import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from matplotlib.figure import Figure
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from traitlets.config import Config

from conjoin.errors import ConjoinError

_TIMEOUT_SECONDS = 300

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""

_STYLE = """
body { font: 16px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; color: #1d2530; background: #fff; margin: 0; }
main { max-width: 66rem; margin: 0 auto; padding: 1.2rem 1.5rem 3rem; }
h1 { font-size: 1.3rem; line-height: 1.25; margin: 0; font-weight: 600; color: #46505e; }
h2 { font-size: 1.4rem; margin: 2.6rem 0 .5rem; border-top: 2px solid #1d2530; padding-top: .8rem; line-height: 1.25; }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; line-height: 1.3; }
p, ul, ol { margin: .5rem 0; max-width: 48rem; }
figure { margin: 1.4rem 0 0; }
.scope { color: #46505e; margin: .1rem 0 0; max-width: none; }
.answer { font-size: 1.75rem; line-height: 1.25; margin: .7rem 0 .8rem; max-width: none; font-weight: 600; }
.figures { display: flex; flex-wrap: wrap; gap: .8rem; margin: .8rem 0; }
.figures div { flex: 1 1 12rem; background: #f2f5f9; border-top: 3px solid #2f6690; padding: .6rem .9rem;
  font-size: .92rem; line-height: 1.4; }
.figures strong { display: block; font-size: 1.55rem; line-height: 1.25; }
.halves { display: flex; flex-wrap: wrap; gap: 1.2rem 2rem; align-items: flex-start; }
.halves > * { flex: 1 1 24rem; min-width: 0; margin: 0; }
.halves h2 { border: 0; padding: 0; margin: .2rem 0 .4rem; font-size: 1.15rem; }
.halves figcaption { font-size: .85rem; line-height: 1.35; }
.next ol { padding-left: 1.3rem; }
.next li { margin: .45rem 0; line-height: 1.4; }
.picture img, .picture svg { max-width: 100%; height: auto; }
.picture svg { display: block; width: 100%; }
.timeline { flex: 1.7 1 32rem; }
.next { flex: 1 1 18rem; }
figcaption, .note { color: #46505e; font-size: .92rem; max-width: 48rem; }
.source { display: block; color: #46505e; font-size: .82rem; margin: .2rem 0 0; }
code { overflow-wrap: anywhere; }
.grid { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; margin: .5rem 0; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d5dbe3; vertical-align: top; }
thead th { border-bottom: 2px solid #46505e; vertical-align: bottom; }
tbody th { font-weight: 400; min-width: 7.5rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th.number { white-space: normal; }
.day { white-space: nowrap; }
.box { background: #f2f5f9; border-left: 4px solid #2f6690; padding: .6rem 1.1rem; margin: 1rem 0; }
.box h3 { margin-top: 0; }
.warning { border-left-color: #b3541e; background: #fdf3ec; padding: .2rem 1.1rem; margin: .6rem 0; font-size: .92rem; }
.warning p { max-width: none; }
.empty { color: #46505e; font-style: italic; }
.bar { display: inline-block; width: 3.2rem; height: .7rem; background: #e4e9f0; margin-right: .4rem;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.bar i { display: block; height: 100%; background: #2f6690; print-color-adjust: exact; }
.world { max-width: 60rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; padding: 0; font-size: .9rem;
  max-width: none; }
@media screen and (max-width: 40rem) {
  main { padding: .8rem 1rem 2rem; }
  .answer { font-size: 1.35rem; }
  .figures { gap: .5rem; }
  .figures div { flex-basis: 9rem; padding: .4rem .6rem; font-size: .85rem; }
  .figures strong { font-size: 1.2rem; }
  .picture { overflow-x: auto; }
  .grid td:not(.number) { min-width: 10rem; }
  .picture img, .picture svg { max-width: none; width: 42rem; } /* readable; the picture scrolls, not the page */
  .halves .picture img { width: 100%; max-width: 100%; min-width: 21rem; }
}
@page { size: A4; margin: 14mm 14mm 16mm; }
@media print {
  body { font-size: 10.5pt; line-height: 1.4; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 12pt; }
  h2, h3, thead { break-after: avoid; }
  h2 { margin-top: 1.4rem; }
  figure, .box, .world, tr, li, .figures div { break-inside: avoid; }
  /* The rows of open questions have many lines each: they may part. */
  section.told:not(:has(tr:nth-child(15))):not([data-question="questions_by_effect"]) { break-inside: avoid; }
  p { orphans: 3; widows: 3; }
  .answer { font-size: 17pt; }
  .halves { gap: .8rem 1.4rem; flex-wrap: nowrap; }
  .halves > * { flex-basis: 0; }
  .figures { flex-wrap: nowrap; gap: .5rem; }
  .figures div { flex-basis: 0; padding: .4rem .6rem; font-size: 9pt; }
  .figures strong { font-size: 13pt; }
  .halves figcaption, .next li { font-size: 9pt; }
  .first { break-after: page; }
  .grid { overflow: visible; }
  table, .note, figcaption { font-size: 9pt; }
  ul, ol { break-inside: avoid; } /* or the last line of the rules has a page of its own */
  .picture img { max-height: 200mm; }
}
"""


def render_notebook(path: Path, parameters: dict[str, Any]) -> str:
    """Run a notebook and return its page.

    Args:
        path: The notebook. The cell tagged ``parameters`` holds defaults; a cell with ``parameters`` follows it.
        parameters: Names and plain values.

    Raises:
        ConjoinError: A cell failed; the message names the notebook and shows the end of the error.
    """
    notebook = nbformat.read(path, as_version=4)
    _inject(notebook, parameters)
    try:
        _execute(notebook)
    except CellExecutionError as error:
        known = {kind.__name__ for kind in _errors(ConjoinError)}
        # What a section refused on purpose says itself where to look and what to do.
        told = error.evalue if error.ename in known else f"{path}: {error.ename}: {error.evalue}"
        raise ConjoinError(told) from error
    exporter = HTMLExporter(template_name="basic", exclude_input=True, exclude_input_prompt=True)
    exporter.exclude_output_prompt = True
    exporter.exclude_anchor_links = True
    body, _ = exporter.from_notebook_node(notebook)
    found = re.search(r"<h1[^>]*>(.*?)</h1>", body, flags=re.DOTALL)
    title = re.sub(r"<[^>]+>|¶", "", found[1]).strip() if found else path.stem
    return _PAGE.format(title=title, style=_STYLE, body=body)


def _errors(kind: type[ConjoinError]) -> list[type[ConjoinError]]:
    return [kind, *(one for below in kind.__subclasses__() for one in _errors(below))]


def _execute(notebook: Any) -> None:
    """Run all cells. The kernel listens on Unix sockets, which nobody else on the machine can reach."""
    # In a folder with a short name: the name of a socket has room for about a hundred letters.
    with tempfile.TemporaryDirectory(prefix="conjoin-") as folder:
        kernel = {"transport": "ipc", "connection_file": str(Path(folder, "kernel.json"))}
        config = Config({"KernelManager": kernel})
        NotebookClient(notebook, timeout=_TIMEOUT_SECONDS, kernel_name="python3", config=config).execute()


def _inject(notebook: Any, parameters: dict[str, Any]) -> None:
    source = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cell = nbformat.v4.new_code_cell(source, id="given-parameters")  # a random id would make every page another one
    tagged = [n for n, c in enumerate(notebook.cells) if "parameters" in c.get("metadata", {}).get("tags", [])]
    notebook.cells.insert(tagged[0] + 1 if tagged else 0, cell)


def svg_bytes(figure: Figure) -> bytes:
    """The figure as SVG, without date and program, so that the same figure gives the same bytes."""
    picture = io.BytesIO()
    figure.savefig(picture, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    return picture.getvalue()


def figure_html(figure: Figure, alt: str, title: str, note: str, source: str, question: str = "") -> str:
    """A figure as HTML: its title, the picture inside the page, the finding in words, how to read it, its source."""
    encoded = base64.b64encode(svg_bytes(figure)).decode("ascii")
    finding, title, note, source = (html.escape(text, quote=True) for text in (alt, title, note, source))
    return (
        f'<figure data-question="{question}"><h3>{title}</h3><div class="picture" tabindex="0">'
        f'<img src="data:image/svg+xml;base64,{encoded}" alt="{finding}"></div><figcaption><b>{finding}.</b> {note} '
        f'<span class="source">{source}</span></figcaption></figure>'
    )
