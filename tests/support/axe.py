"""axe-core over the page that a browser has open."""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from support.browser import Browser

#: What reaches beyond the window and does not scroll by itself.
WIDER = """
[...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > screen.width + 1 && !one.parentElement.closest('.scroll, .grid'))
  .map(one => one.outerHTML.slice(0, 160)).slice(0, 5)
"""


@cache
def _script() -> str:
    found = find_spec("axe_playwright_python")
    assert found, "axe-core is missing: make test-browser installs it"
    assert found.origin
    return Path(found.origin).with_name("axe.min.js").read_text(encoding="utf-8")


def faults(browser: Browser) -> list[tuple[str, list[str]]]:
    """Every rule that the page breaks, with the beginnings of up to three elements that do."""
    browser.value(_script())
    told = browser.promised("axe.run().then(found => JSON.stringify(found.violations))")
    return [(fault["id"], [node["html"][:120] for node in fault["nodes"][:3]]) for fault in json.loads(told)]
