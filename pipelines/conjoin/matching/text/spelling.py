"""What was written apart and belongs together: letter-spaced names ("B r and i x") and Arabic articles.

Text taken out of PDF tables comes in pieces. A name that consists mostly of pieces of up to three letters is squashed
and cut again along the likeliest path through the words of ``common_words.csv``. What other rows of the list say does
not count, so that a record reads the same whatever comes with it.
"""

from functools import cache
from math import log

import numpy as np
import numpy.typing as npt

from conjoin.matching.text.tokens import BoolArray, Tokens, Words
from conjoin.matching.text.word_lists import common_words, word_lists

_SHORT = 3
_MIN_PIECES = 4
_SHORT_SHARE = 0.6
_LONGEST_WORD = 20
_UNKNOWN_WORD_COST, _UNKNOWN_LETTER_COST = 6.0, 2.25
_SCRAP, _SCRAP_COST = 2, 14.0


def rejoin_letters(tokens: Tokens, is_form: BoolArray) -> Tokens:
    """The column with letter-spaced rows cut into likely words; all other rows are as they were.

    Args:
        tokens: The words of names.
        is_form: Words of legal forms; they stay as they are, for "a s" and "l l c" are no scattered letters.
    """
    if len(tokens.word) == 0:
        return tokens
    length = np.fromiter((len(word) if word.isalpha() else 0 for word in tokens.words), np.int64, len(tokens.words))
    known = np.fromiter((word in _word_costs() or word in word_lists().stop for word in tokens.words), np.bool_)
    is_piece = (length <= _SHORT) & ~known | (length == 1)
    length = np.where(is_form, 0, length[tokens.word])
    words, shorts, singles = (
        np.bincount(tokens.row[found], minlength=tokens.row_count)
        for found in (length > 0, (length > 0) & is_piece[tokens.word], length == 1)
    )
    spaced = (shorts >= _MIN_PIECES) & (shorts >= _SHORT_SHARE * words) & (singles >= 2)
    return _recut(tokens, spaced, is_form) if spaced.any() else tokens


@cache
def _word_costs() -> dict[str, float]:
    """Negative log share of each known word: of names in open lists, and of every spelling in the word lists."""
    everywhere = {word: count for (country, word), count in common_words().name_rows.items() if not country}
    counts = dict.fromkeys(word_lists().canonical, 1) | everywhere
    total = sum(counts.values())
    return {word: log(total / count) for word, count in counts.items() if len(word) > 1}


def segment(letters: str, costs: dict[str, float]) -> list[str]:
    """The cheapest cut of ``letters`` into known words and unknown stretches."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(letters) + 1):
        options = [
            (best[start][0] + _stretch_cost(letters[start:end], costs), start)
            for start in range(max(0, end - _LONGEST_WORD), end)
        ]
        best.append(min(options))
    words: list[str] = []
    end = len(letters)
    while end > 0:
        start = best[end][1]
        words.append(letters[start:end])
        end = start
    return words[::-1]


def _stretch_cost(stretch: str, costs: dict[str, float]) -> float:
    known = costs.get(stretch)
    if known is not None:
        return known
    return (_UNKNOWN_WORD_COST if len(stretch) > _SCRAP else _SCRAP_COST) + _UNKNOWN_LETTER_COST * len(stretch)


def _recut(tokens: Tokens, is_spaced: BoolArray, is_form: BoolArray) -> Tokens:
    """Spaced rows cut again; runs of letters between digits, brackets and legal forms are squashed each for itself."""
    words = list(tokens.words)
    number = {word: position for position, word in enumerate(words)}
    replaced: dict[int, list[tuple[int, int, bool]]] = {}
    runs: list[tuple[int, int, bool, str]] = []
    was_letters = False
    for position in np.flatnonzero(is_spaced[tokens.row]).tolist():
        word, row = tokens.words[tokens.word[position]], int(tokens.row[position])
        gap, inside = int(tokens.gap[position]), bool(tokens.inside[position])
        is_letters = word.isalpha() and not is_form[position]
        if was_letters and is_letters and (runs[-1][0], runs[-1][2]) == (row, inside):
            runs[-1] = (row, runs[-1][1], inside, runs[-1][3] + word)
        else:
            runs.append((row, gap, inside, word))
        was_letters = is_letters
    for row, gap, inside, letters in runs:
        pieces = segment(letters, _word_costs()) if letters.isalpha() else [letters]
        for index, piece in enumerate(pieces):
            word_no = number.setdefault(piece, len(words))
            if word_no == len(words):
                words.append(piece)
            replaced.setdefault(row, []).append((word_no, gap if index == 0 else 0, inside))
    keep = ~is_spaced[tokens.row]
    added = [(row, *piece) for row, pieces in replaced.items() for piece in pieces]
    row_nos, word_nos, gaps, insides = (np.array(column) for column in zip(*added, strict=True))
    order = np.argsort(np.concatenate((tokens.row[keep], row_nos)), kind="stable")
    return Tokens(
        Words(words),
        np.concatenate((tokens.word[keep], word_nos)).astype(np.int32)[order],
        np.concatenate((tokens.row[keep], row_nos)).astype(np.int32)[order],
        np.concatenate((tokens.gap[keep], gaps)).astype(np.uint8)[order],
        np.concatenate((tokens.inside[keep], insides)).astype(np.bool_)[order],
        tokens.row_count,
    )


def join_articles(tokens: Tokens, countries: npt.NDArray[np.str_]) -> Tokens:
    """Arabic articles written to their word, always as "al": "El Hasan", "Al-Hasan" and "Alhasan" are one word."""
    lists = word_lists()
    wanted = tokens.look_up(dict.fromkeys(lists.article, 1)).astype(np.bool_)
    long = np.fromiter((word.isalpha() and len(word) > 2 for word in tokens.words), np.bool_, len(tokens.words))
    at = np.flatnonzero(wanted[tokens.word[:-1]] & long[tokens.word[1:]] & (tokens.row[1:] == tokens.row[:-1]))
    at = at[np.isin(countries[tokens.row[at]], list(lists.article_countries))]
    if len(at) == 0:
        return tokens
    followed, place = np.unique(tokens.word[at + 1], return_inverse=True)
    words = [*tokens.words, *(f"al{tokens.words[number]}" for number in followed.tolist())]
    word = tokens.word.copy()
    word[at + 1] = len(tokens.words) + place
    gap = tokens.gap.copy()
    gap[at + 1] = tokens.gap[at]
    keep = np.ones(len(word), dtype=np.bool_)
    keep[at] = False
    return Tokens(Words(words), word, tokens.row, gap, tokens.inside, tokens.row_count).take(keep)
