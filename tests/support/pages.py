"""A rendered page, taken apart: elements in order, with attributes and text."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element with all that stands inside it."""

    tag: str
    attributes: dict[str, str]
    position: int
    children: list["Element"] = field(default_factory=list)
    text: str = ""

    def find(self, tag: str, css_class: str = "") -> list["Element"]:
        """Every element of that tag and class below this one, in order."""
        found = []
        for child in self.children:
            if child.tag == tag and (not css_class or css_class in child.attributes.get("class", "").split()):
                found.append(child)
            found += child.find(tag, css_class)
        return found

    def everything(self) -> list["Element"]:
        """Every element below this one, in order."""
        return [element for child in self.children for element in (child, *child.everything())]

    @property
    def words(self) -> str:
        """All text below this element, blanks as one."""
        return re.sub(r"\s+", " ", self.text).strip()


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("page", {}, 0)]
        self.count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1
        element = Element(tag, {name: value or "" for name, value in attrs}, self.count)
        self.open[-1].children.append(element)
        if tag not in _EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert tag in _EMPTY or self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        if tag not in _EMPTY:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def parse(text: str) -> Element:
    """The page as a tree; every element must be closed in its turn."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    assert [element.tag for element in parser.open] == ["page"]
    return parser.open[0]
