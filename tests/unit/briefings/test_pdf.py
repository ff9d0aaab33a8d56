"""Pages as PDF: the words of the page, the same bytes for the same page, nothing fetched, nothing left behind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from conjoin.briefings import pdf
from conjoin.briefings.pdf import CHROMIUM, html_to_pdf, printers
from conjoin.errors import ConjoinError
from support.pdf_text import letters

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Izmir</title></head>
<body><h1>Öz Çınar Tekstil</h1><table><thead><tr><th>Visit</th></tr></thead><tbody><tr><td>2026</td></tr></tbody>
</table>{more}</body></html>"""

needs_chromium = pytest.mark.skipif(CHROMIUM not in printers(), reason="no Chromium on this machine")


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Noting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Noting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.slow
@needs_chromium
def test_a_page_is_printed_to_the_same_bytes_and_fetches_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    with listening() as (port, asked):
        more = f'<img src="http://127.0.0.1:{port}/picture" alt=""><img src="http://localhost:{port}/other" alt="">'
        page.write_text(PAGE.format(more=more), encoding="utf-8")
        for name in ("first.pdf", "second.pdf"):
            assert html_to_pdf(page, tmp_path / name)
        assert asked == []
    first = (tmp_path / "first.pdf").read_bytes()
    assert first == (tmp_path / "second.pdf").read_bytes()
    assert "ÖzÇınarTekstil" in letters(first)
    assert b"CreationDate" not in first
    assert {path.name for path in tmp_path.iterdir()} == {"page.html", "first.pdf", "second.pdf"}


def test_a_printer_that_fails_is_told_and_leaves_the_earlier_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin" / "chromium"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho 'no \033[31mdisplay' >&2\nexit 7\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent), prepend=":")
    (tmp_path / "page.html").write_text(PAGE.format(more=""), encoding="utf-8")
    (tmp_path / "page.pdf").write_bytes(b"earlier")
    with pytest.raises(ConjoinError) as told:
        html_to_pdf(tmp_path / "page.html", tmp_path / "page.pdf", by=CHROMIUM)
    assert "page.html: no PDF could be printed; Chromium: it printed nothing and ended with code 7: no" in str(
        told.value
    )
    assert "\033" not in str(told.value)
    assert (tmp_path / "page.pdf").read_bytes() == b"earlier"


def test_a_file_that_was_cut_off_midway_is_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up: the browser leaves what it could write, and ends as if all were well."""
    cut = tmp_path / "bin" / "chromium"
    cut.parent.mkdir()
    cut.write_text(
        "#!/bin/sh\nfor one in \"$@\"; do case $one in --print-to-pdf=*) printf '%%PDF-1.4 1 0 obj' "
        '> "${one#*=}";; esac; done\n',
        encoding="utf-8",
    )
    cut.chmod(0o755)
    monkeypatch.setenv("PATH", str(cut.parent), prepend=":")
    (tmp_path / "page.html").write_text(PAGE.format(more=""), encoding="utf-8")
    with pytest.raises(ConjoinError, match="no PDF could be printed"):
        html_to_pdf(tmp_path / "page.html", tmp_path / "page.pdf", by=CHROMIUM)
    assert {path.name for path in tmp_path.iterdir()} == {"bin", "page.html"}


def test_a_machine_on_which_nothing_prints_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf.importlib.util, "find_spec", lambda name: None)
    (tmp_path / "page.html").write_text(PAGE.format(more=""), encoding="utf-8")
    assert not html_to_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
    assert not (tmp_path / "page.pdf").exists()
