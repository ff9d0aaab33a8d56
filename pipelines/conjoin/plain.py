"""Text that can be shown: control and direction characters of other people's files never reach a screen or a file raw.

A name that holds an escape sequence can repaint a terminal, one with a direction mark can read as another name.
"""

import re

#: Control characters, line and paragraph separators, marks that turn the direction of writing, byte order marks.
HARMFUL = r"\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff"
#: The same for DuckDB's regular expressions.
HARMFUL_SQL = r"\x00-\x1f\x7f-\x{9f}\x{2028}\x{2029}\x{200e}\x{200f}\x{61c}\x{202a}-\x{202e}\x{2066}-\x{2069}\x{feff}"
_HARMFUL = re.compile(f"[{HARMFUL}]")
_HARMFUL_IN_MESSAGES = re.compile(f"(?!\n)[{HARMFUL}]")
_LONGEST = 4000


def is_harmful(text: str) -> bool:
    """Whether the text holds a character that must not be shown as it is."""
    return bool(_HARMFUL.search(text))


def visible(text: str) -> str:
    """The text with every such character spelt out, on one line."""
    return _HARMFUL.sub(_spelt, text)


def message(text: str) -> str:
    """A message for people: its own line ends stay, nothing else harmful does, and it has an end."""
    told = _HARMFUL_IN_MESSAGES.sub(_spelt, text)
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]} ... and {len(told) - _LONGEST:,} more characters"


def listed(names: list[str], most: int = 12) -> str:
    """Names as people list them: the first few quoted, and how many more there are."""
    shown = ", ".join(repr(visible(name[:80])) for name in names[:most])
    return f"{shown} and {len(names) - most:,} more" if len(names) > most else shown


def _spelt(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
