"""Which feed a file belongs to: by its name alone."""

import re
from fnmatch import translate

from conjoin.sources.descriptor import PERIOD, Source

_PERIOD_TEXT = r"(?P<period>\d{4}(?:-?[Qq][1-4]|-\d{2}(?:-\d{2})?)?)"


def match_feed(source: Source, file_name: str) -> tuple[str, str | None] | None:
    """The feed whose pattern the name matches, and the period in it; None when no feed claims the file.

    Of several, the longest pattern counts: it says most.
    """
    found = []
    for name, feed in source.feed.items():
        matched = _expression(feed.pattern).fullmatch(file_name)
        if matched:
            found.append((-len(feed.pattern), name, matched.groupdict().get("period")))
    if not found:
        return None
    _, name, period = min(found)
    return name, period


def _expression(pattern: str) -> re.Pattern[str]:
    before, mark, after = pattern.partition(PERIOD)
    parts = [_glob(before), _PERIOD_TEXT, _glob(after)] if mark else [_glob(before)]
    return re.compile("".join(parts), re.IGNORECASE)


def _glob(pattern: str) -> str:
    return re.sub(r"^\(\?s:(.*)\)\\[zZ]$", r"\1", translate(pattern), flags=re.DOTALL)
