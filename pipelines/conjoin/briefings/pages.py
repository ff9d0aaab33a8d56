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
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 1rem 0 .5rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .5rem; border-top: 1px solid #d5dbe3; padding-top: 1.2rem; }
figure { margin: 1rem 0 0; }
figure h3, .box h3 { margin: 0 0 .4rem; font-size: 1.05rem; }
.picture { overflow-x: auto; }
.picture img { max-width: 100%; height: auto; }
figcaption { color: #46505e; font-size: .92rem; max-width: 46rem; }
.source { display: block; font-size: .85rem; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: .9rem; margin: .8rem 0; }
th, td { text-align: left; padding: .3rem .7rem; border-bottom: 1px solid #d5dbe3; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.box { background: #f2f5f9; border-left: 4px solid #2f6690; padding: .8rem 1.1rem; margin: 1rem 0; }
.empty { color: #46505e; font-style: italic; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
.figures div { flex: 1 1 12rem; background: #f2f5f9; padding: .8rem 1rem; }
.figures strong { display: block; font-size: 1.7rem; line-height: 1.2; }
@media screen and (max-width: 40rem) {
  main { padding: 1rem; }
  .picture img { max-width: none; width: 42rem; } /* readable; the picture scrolls, not the page */
}
@media print { main { max-width: none; } h2, figure { break-inside: avoid; } }
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
        raise ConjoinError(f"{path}: {error.ename}: {error.evalue}") from error
    exporter = HTMLExporter(template_name="basic", exclude_input=True, exclude_input_prompt=True)
    exporter.exclude_output_prompt = True
    exporter.exclude_anchor_links = True
    body, _ = exporter.from_notebook_node(notebook)
    found = re.search(r"<h1[^>]*>(.*?)</h1>", body, flags=re.DOTALL)
    title = re.sub(r"<[^>]+>|¶", "", found[1]).strip() if found else path.stem
    return _PAGE.format(title=title, style=_STYLE, body=body)


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


def figure_html(figure: Figure, alt: str, title: str, note: str, source: str) -> str:
    """A figure as HTML: its title, the picture inside the page, the finding in words, how to read it, its source."""
    encoded = base64.b64encode(svg_bytes(figure)).decode("ascii")
    finding, title, note, source = (html.escape(text, quote=True) for text in (alt, title, note, source))
    return (
        f'<figure><h3>{title}</h3><div class="picture"><img src="data:image/svg+xml;base64,{encoded}" '
        f'alt="{finding}"></div><figcaption><b>{finding}.</b> {note} '
        f'<span class="source">Source: {source}</span></figcaption></figure>'
    )
