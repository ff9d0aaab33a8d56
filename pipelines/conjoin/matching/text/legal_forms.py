"""Legal forms in names: which words they are, and which kind of company they stand for.

The table is ``schemas/matching/legal_forms.toml``. Longer spellings win. A spelling that is also a word elsewhere
counts only in its own countries, only at the start or the end of a name or beside a bracket, and never when nothing
else would be left of the name.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from conjoin.matching.text.tokens import CLOSES, COMMA, DASH, OPENS, SLASH, BoolArray, IntArray, Tokens, cut_texts
from conjoin.matching.text.word_lists import read_content
from conjoin.matching.text.word_sequences import SequenceFinder, row_edges

_BREAKS = OPENS | CLOSES | COMMA | DASH | SLASH


@dataclass(frozen=True)
class LegalForm:
    """One spelling of a legal form: its words, the kind of company, where it counts and whether only at an edge."""

    words: tuple[str, ...]
    kind: str
    countries: frozenset[str]
    is_edge_only: bool


@cache
def legal_forms() -> tuple[LegalForm, ...]:
    """All spellings, longest first."""
    forms = []
    for entry in read_content("legal_forms.toml")["form"]:
        countries, edge = frozenset(entry["countries"]), bool(entry.get("edge", False))
        latin = set(cut_texts(entry.get("spellings", [])))
        native = set(cut_texts(entry.get("native", []))) - {()}
        forms += [LegalForm(words, entry["kind"], countries, edge) for words in sorted(latin)]
        forms += [LegalForm(words, entry["kind"], countries, edge) for words in sorted(native - latin)]
    return tuple(sorted(forms, key=lambda form: (-len(form.words), form.words, sorted(form.countries))))


@cache
def form_kinds() -> tuple[str, ...]:
    """The kinds of legal form, in a fixed order; 0 means none, so the first kind is 1."""
    return tuple(sorted({form.kind for form in legal_forms() if form.kind not in ("prefix", "company")}))


@dataclass(frozen=True)
class FoundForms:
    """Legal forms of a column: which words belong to one, and the kind per row (0: none)."""

    is_form: BoolArray
    row_kind: IntArray


def find_legal_forms(tokens: Tokens, countries: npt.NDArray[np.str_]) -> FoundForms:
    """The legal forms in a column of names.

    Args:
        tokens: The words of the names.
        countries: ISO code of each row; empty where unknown.
    """
    finder = SequenceFinder(tokens)
    is_form = np.zeros(len(tokens.word), dtype=np.bool_)
    row_kind = np.zeros(tokens.row_count, dtype=np.int32)
    if len(tokens.word) == 0:
        return FoundForms(is_form, row_kind)
    first, last = row_edges(tokens)
    breaks_after = np.ones(len(tokens.word), dtype=np.bool_)
    breaks_after[:-1] = last[:-1] | ((tokens.gap[1:] & _BREAKS) > 0)
    breaks_before = first | ((tokens.gap & _BREAKS) > 0)
    words_in_row = np.bincount(tokens.row, minlength=tokens.row_count)
    for form in legal_forms():
        starts = finder.find(form.words)
        if len(starts) == 0:
            continue
        ends = starts + len(form.words) - 1
        fits = ~is_form[starts] & ~is_form[ends] & (words_in_row[tokens.row[starts]] > len(form.words))
        if form.countries:
            row_country = countries[tokens.row[starts]]
            fits &= np.isin(row_country, [*form.countries, ""])
        if form.is_edge_only:
            at_start = breaks_before[starts]
            after = np.minimum(ends + 1, len(is_form) - 1)
            at_end = breaks_after[ends] | (is_form[after] & (tokens.row[after] == tokens.row[ends]))
            fits &= at_start | at_end
        starts, ends = starts[fits], ends[fits]
        for step in range(len(form.words)):
            is_form[starts + step] = True
        if form.kind in form_kinds():
            rows = tokens.row[starts]
            row_kind[rows] = np.where(row_kind[rows] == 0, form_kinds().index(form.kind) + 1, row_kind[rows])
    left_over = np.bincount(tokens.row[~is_form], minlength=tokens.row_count)
    is_form &= left_over[tokens.row] > 0
    return FoundForms(is_form, row_kind)
