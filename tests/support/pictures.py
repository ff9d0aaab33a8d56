"""Take the pictures of the README anew: ``python tests/support/pictures.py LINK BRIEFING``.

LINK is what ``conjoin desk`` prints over the invented samples, BRIEFING the page of the demo. Needs Chromium.
"""

import sys
from pathlib import Path

from support.browser import chromium

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Write docs/desk.png and docs/briefing.png."""
    link, briefing = sys.argv[1:]
    with chromium() as browser:
        browser.go(link)
        browser.until("document.title.includes('Overview')")
        browser.go(link.split("/enter")[0])
        browser.picture(DOCS / "desk.png")
        browser.open(Path(briefing), 1280)
        browser.picture(DOCS / "briefing.png")


if __name__ == "__main__":
    main()
