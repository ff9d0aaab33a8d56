"""The pages on checks: nothing is fetched when one is opened, and what failed comes first."""

import re
from pathlib import Path

from conjoin.schemas.check_pages import write_check_pages
from conjoin.schemas.expectations import Check, judge

CHECKS = [Check("rows", "refuse", 1, 10, "rows in the file"), Check("share", "warn", 0, 1, "share of <refused> rows")]


def test_pages_fetch_nothing_and_tell_failures(tmp_path: Path) -> None:
    results = judge("landing", {"load-1": {"rows": 5.0, "share": 0.0}, "load-2": {"rows": 12.0, "share": 2.0}}, CHECKS)
    index = write_check_pages(tmp_path / "checks", {"landing": results, "warehouse": []})
    pages = {page: page.read_text(encoding="utf-8") for page in (tmp_path / "checks").rglob("*.html")}
    assert len(pages) >= 3
    for page, text in pages.items():
        assert not re.search(r"<script|(src|<link[^>]*href)=\"?https?:|@import|url\(https?:", text), page
        assert "default-src 'none'" in text
    told = pages[index]
    assert "4 checks, 2 failed" in told
    assert "0 checks, 0 failed" in told
    rows = re.findall(r"<tr><td>(.*?)</td></tr>", told.replace('<td class="failed">', "<td>"))
    assert [row.split("</td><td>") for row in rows] == [
        ["load-2", "rows", "12", "at least 1 and at most 10", "rows in the file", "refused"],
        ["load-2", "share", "2", "at least 0 and at most 1", "share of &lt;refused&gt; rows", "warned"],
    ]
    links = re.findall(r'<a href="([^"]+)"', told)
    assert links
    assert all((tmp_path / "checks" / link).is_file() for link in links)
