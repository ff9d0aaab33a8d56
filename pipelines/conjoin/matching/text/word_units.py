"""Units that have a word instead of a number: "(Washing)", "Dyeing Unit", "- Head Office", "North Tower"."""

import numpy as np
import numpy.typing as npt

from conjoin.matching.text.designator_words import LETTERS, designator_words
from conjoin.matching.text.tokens import COMMA, DASH, OPENS, SLASH, STARTS, BoolArray, IntArray, Tokens
from conjoin.matching.text.word_lists import word_lists
from conjoin.matching.text.word_sequences import SequenceFinder

_LONGEST_ASIDE = 4
"""Words in brackets that say what is done; more are another name of the company, in another script perhaps."""
Found = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]
"""Row, class and value of some designators."""


def joined(parts: list[Found]) -> Found:
    """Several findings as one."""
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return none, none, none
    row, kind, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return row, kind, value


def find_word_units(
    tokens: Tokens, kinds: IntArray, used: BoolArray, is_name: bool, is_legal: BoolArray | None
) -> Found:
    """Units that have a word instead of a number: "(Washing)", "Dyeing Unit", "- Head Office", and "North Tower".

    Addresses are read for those beside a building alone: a road to the south is no unit.
    """
    legal = np.zeros(len(tokens.word), dtype=np.bool_) if is_legal is None else is_legal
    finder = SequenceFinder(tokens)
    building = designator_words().number("building")
    is_unit = np.isin(kinds, [designator_words().unit, building]) & ~used
    breaks = np.ones(len(tokens.word) + 1, dtype=np.bool_)  # before a word, or at the end
    breaks[:-1] = (tokens.gap & (STARTS | OPENS | DASH | SLASH | COMMA)) > 0
    general = _membership_of_general(tokens)
    plain = ~(legal | used | general)
    last_plain = np.zeros(tokens.row_count, dtype=np.int64)
    np.maximum.at(last_plain, tokens.row[plain], np.flatnonzero(plain))
    aside = np.bincount(tokens.row[tokens.inside], minlength=tokens.row_count) <= _LONGEST_ASIDE
    parts: list[Found] = []
    relation, process, craft = (designator_words().number(name) for name in ("relation", "process", "craft"))
    for kind, meaning, words, only_beside in designator_words().meanings:
        if not is_name and kind != relation:
            continue
        starts = finder.find(words)
        if len(starts) == 0:
            continue
        after = starts + len(words)
        following = np.minimum(after, len(tokens.word) - 1)
        in_row = (after < len(tokens.word)) & (tokens.row[following] == tokens.row[starts])
        beside = (in_row & is_unit[following]) | ((starts > 0) & is_unit[starts - 1] & ~breaks[starts])
        beside &= tokens.row[np.maximum(starts - 1, 0)] == tokens.row[starts]
        closes = ~in_row | (tokens.inside[following] != tokens.inside[starts]) | is_unit[following]
        whole = tokens.inside[starts] & ((tokens.gap[starts] & OPENS) > 0) & closes
        is_first = (tokens.gap[starts] & STARTS) > 0
        if not is_name:
            counts = beside & (kinds[following] == building)
        elif only_beside:
            counts = (whole | beside) & ~is_first
        else:
            counts = (tokens.inside[starts] & aside[tokens.row[starts]]) | beside | breaks[starts]
            counts |= (last_plain[tokens.row[starts]] <= after - 1) & (kind != process)
            counts &= ~is_first
        if kind == process:
            parts.append(_meant(tokens, starts[counts if only_beside else ~is_first], craft, meaning))
        parts.append(_meant(tokens, starts[counts], kind, meaning))
    return joined(parts)


def _meant(tokens: Tokens, starts: npt.NDArray[np.int64], kind: int, meaning: int) -> Found:
    row = tokens.row[starts].astype(np.int64)
    return row, np.full(len(row), kind, np.int64), np.full(len(row), meaning * LETTERS, np.int64)


def _membership_of_general(tokens: Tokens) -> BoolArray:
    """Words that say nothing of the trade, in any spelling: they do not hide the end of a name either."""
    lists = word_lists()
    spellings = {word for word, spelled in lists.canonical.items() if spelled in lists.general}
    return tokens.are(lists.general | spellings)
