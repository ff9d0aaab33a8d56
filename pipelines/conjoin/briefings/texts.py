"""The building blocks of a briefing's page as HTML: figures and tables that say what they rest on."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from conjoin.briefings.figures import Picture
from conjoin.briefings.pages import figure_html
from conjoin.briefings.queries import find_question
from conjoin.briefings.words import MISSING, number, share
from conjoin.plain import visible

_DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_NOTHING = "Nothing in this scope to show here."


class Html(str):
    """Text that a notebook shows as HTML."""

    def _repr_html_(self) -> str:
        return str(self)


def safe(text: object) -> str:
    """Text of a file as HTML: nothing in it is markup, nothing in it hides."""
    return html.escape(visible(str(text)), quote=True)


def source_line(question: str) -> str:
    """What an answer rests on, in words."""
    asked = find_question(question)
    rests = asked.sidecar.rests_on
    return f"Rests on {rests.what}; answers “{asked.title.rstrip('?')}?”"


def show(
    draw: Callable[[pd.DataFrame], Picture],
    frame: pd.DataFrame,
    title: str,
    note: str,
    question: str,
    empty: str = "",
) -> Html:
    """A figure of ``frame`` with its title, its finding, a note on how to read it, and what it rests on.

    Without rows there is nothing to draw, and the page says so in the figure's place.
    """
    if frame.empty:
        return nothing(title, empty or why_empty(frame))
    picture = draw(frame)
    return Html(figure_html(picture.figure, picture.alt, title, note, source_line(question), question))


def why_empty(frame: pd.DataFrame) -> str:
    """Why an answer of a scope is empty, in a sentence."""
    return str(frame.attrs.get("why_empty", _NOTHING))


def nothing(title: str, empty: str = _NOTHING) -> Html:
    """A heading, and in place of its figure or table a word that there is none."""
    return Html(f'<section><h3>{html.escape(title)}</h3><p class="empty">{html.escape(empty)}</p></section>')


def table(
    title: str,
    heads: Mapping[str, bool],
    rows: Sequence[Sequence[object]],
    question: str = "",
    note: str = "",
    empty: str = _NOTHING,
    rests_on: str = "",
) -> Html:
    """A table with its title, a note, and what it rests on.

    Args:
        title: What it shows.
        heads: The heading of each column, and whether it holds numbers.
        rows: Cells as they shall read; numbers are written with separators, ``Html`` stands as it is.
        question: The saved question that it answers; "" where ``rests_on`` tells what it rests on.
        note: How to read it.
        empty: What to say without rows.
        rests_on: What it rests on, where no saved question says it.
    """
    if not rows:
        return nothing(title, empty)
    told = f'<p class="note">{html.escape(note)}</p>' if note else ""
    asked = f' data-question="{question}"' if question else ""
    source = source_line(question) if question else f"Rests on {rests_on}."
    return Html(
        f'<section class="told"{asked}><h3>{html.escape(title)}</h3>{told}{grid(heads, rows)}'
        f'<p class="source">{html.escape(source)}</p></section>'
    )


def grid(heads: Mapping[str, bool], rows: Sequence[Sequence[object]]) -> str:
    """The table itself."""
    head = "".join(f'<th scope="col"{_kind(is_number)}>{html.escape(name)}</th>' for name, is_number in heads.items())
    lines = []
    for row in rows:
        cells = [f'<th scope="row">{_whole_days(safe(row[0]))}</th>']
        for cell, is_number in list(zip(row, heads.values(), strict=True))[1:]:
            told_cell = cell if isinstance(cell, Html) else _whole_days(safe(_cell(cell)))
            cells.append(f"<td{_kind(is_number)}>{told_cell}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return (
        '<div class="grid" '
        f'tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    )


def _whole_days(told: str) -> str:
    """Text of a cell whose days are not broken at the ends of lines."""
    return _DAY.sub(r'<span class="day">\g<0></span>', told)


def bar(part: Any, whole: Any) -> Html:
    """A share as a bar with its percent beside it; the percent says all that the bar does."""
    if not whole:
        return Html(MISSING)
    percent = 100 * float(part) / float(whole)
    return Html(f'<span class="bar" aria-hidden="true"><i style="width:{percent:.0f}%"></i></span>{share(part, whole)}')


def tiles(told: Sequence[tuple[str, str]]) -> str:
    """Figures in a row, each with what it is and what it rests on; both are HTML already."""
    return f'<div class="figures">{"".join(f"<div><strong>{value}</strong>{text}</div>" for value, text in told)}</div>'


def to_do(steps: Sequence[str]) -> str:
    """What to do next, in order, as HTML."""
    told = "".join(f"<li>{safe(step)}.</li>" for step in steps)
    return f'<section class="next"><h2>What to do next</h2><ol>{told}</ol></section>'


def beside(picture: str, steps: str) -> str:
    """A figure and what to do, side by side; no heading stands above the figure's."""
    return f'<div class="halves">{picture.replace("<h3>", "<h2>").replace("</h3>", "</h2>")}{steps}</div>'


def _kind(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _cell(cell: Any) -> str:
    return cell if isinstance(cell, str) else number(cell)


def items(parts: Sequence[str], tag: str = "ul") -> str:
    """A list of parts that are HTML already."""
    return f"<{tag}>{''.join(f'<li>{part}</li>' for part in parts)}</{tag}>"
