"""Names whose letters were set apart ("B r and i x") written together again.

Text taken out of PDF tables comes in pieces. A name that consists mostly of pieces of up to three letters is squashed
and cut again along the likeliest path through the words that other names of the same column use.
"""

from math import log

import numpy as np

from conjoin.matching.tokens import BoolArray, Tokens

_SHORT = 3
_MIN_PIECES = 4
_SHORT_SHARE = 0.6
_LONGEST_WORD = 20
_UNKNOWN_LETTER_COST = 4.5
_MAX_ROWS = 20_000
_SHORTEST_JOINED = 5


def rejoin_letters(tokens: Tokens) -> Tokens:
    """The column with letter-spaced rows cut into likely words; all other rows are as they were."""
    if len(tokens.word) == 0:
        return tokens
    is_word = np.fromiter((word.isalpha() for word in tokens.words), np.bool_, len(tokens.words))
    length = np.fromiter((len(word) for word in tokens.words), np.int64, len(tokens.words))
    short = (is_word & (length <= _SHORT))[tokens.word]
    single = (is_word & (length == 1))[tokens.word]
    letters = np.bincount(tokens.row[is_word[tokens.word]], minlength=tokens.row_count)
    shorts = np.bincount(tokens.row[short], minlength=tokens.row_count)
    singles = np.bincount(tokens.row[single], minlength=tokens.row_count)
    spaced = (shorts >= _MIN_PIECES) & (shorts >= _SHORT_SHARE * letters) & (singles >= 2)
    rows = np.flatnonzero(spaced)[:_MAX_ROWS]
    if len(rows) == 0:
        return tokens
    is_spaced = np.zeros(tokens.row_count, dtype=np.bool_)
    is_spaced[rows] = True
    costs = _word_costs(tokens, is_spaced)
    return _recut(tokens, is_spaced, costs)


def _word_costs(tokens: Tokens, is_spaced: BoolArray) -> dict[str, float]:
    """Negative log share of each word of two letters or more among the rows that are not letter-spaced."""
    plain = tokens.word[~is_spaced[tokens.row]]
    counts = np.bincount(plain, minlength=len(tokens.words))
    total = max(int(counts.sum()), 1) + len(tokens.words)
    return {
        word: log(total / count)
        for word, count in zip(tokens.words, counts.tolist(), strict=True)
        if count > 0 and len(word) > 1 and word.isalpha()
    }


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
    return known if known is not None else 6.0 + _UNKNOWN_LETTER_COST * len(stretch) * 0.5


def _recut(tokens: Tokens, is_spaced: BoolArray, costs: dict[str, float]) -> Tokens:
    """Spaced rows cut again; runs of letters between digits and brackets are squashed each for itself."""
    words = list(tokens.words)
    number = {word: position for position, word in enumerate(words)}
    replaced: dict[int, list[tuple[int, int, bool]]] = {}
    chosen = np.flatnonzero(is_spaced[tokens.row])
    runs: list[tuple[int, int, bool, str]] = []
    for position in chosen.tolist():
        word, row = tokens.words[tokens.word[position]], int(tokens.row[position])
        gap, inside = int(tokens.gap[position]), bool(tokens.inside[position])
        if runs and runs[-1][0] == row and word.isalpha() and runs[-1][3].isalpha() and runs[-1][2] == inside:
            runs[-1] = (row, runs[-1][1], inside, runs[-1][3] + word)
        else:
            runs.append((row, gap, inside, word))
    for row, gap, inside, letters in runs:
        pieces = segment(letters, costs) if letters.isalpha() else [letters]
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
        words,
        np.concatenate((tokens.word[keep], word_nos)).astype(np.int32)[order],
        np.concatenate((tokens.row[keep], row_nos)).astype(np.int32)[order],
        np.concatenate((tokens.gap[keep], gaps)).astype(np.uint8)[order],
        np.concatenate((tokens.inside[keep], insides)).astype(np.bool_)[order],
        tokens.row_count,
    )


def join_known_pairs(tokens: Tokens) -> Tokens:
    """Two neighbouring words written as one where the column also knows them as one: "knit wear", "long nan"."""
    if len(tokens.word) < 2:
        return tokens
    known = {word: number for number, word in enumerate(tokens.words) if len(word) >= _SHORTEST_JOINED}
    neighbours = np.flatnonzero((tokens.row[1:] == tokens.row[:-1]) & (tokens.inside[1:] == tokens.inside[:-1]))
    words = tokens.words
    left, right = tokens.word[neighbours].tolist(), tokens.word[neighbours + 1].tolist()
    joined = np.fromiter(
        (known.get(words[a] + words[b], -1) for a, b in zip(left, right, strict=True)), np.int64, len(left)
    )
    hits = neighbours[joined >= 0]
    targets = joined[joined >= 0]
    apart = np.ones(len(hits), dtype=np.bool_)
    apart[1:] = hits[1:] > hits[:-1] + 1  # of overlapping pairs the first counts
    word = tokens.word.copy()
    word[hits[apart]] = targets[apart]
    keep = np.ones(len(word), dtype=np.bool_)
    keep[hits[apart] + 1] = False
    return Tokens(tokens.words, word, tokens.row, tokens.gap, tokens.inside, tokens.row_count).take(keep)
