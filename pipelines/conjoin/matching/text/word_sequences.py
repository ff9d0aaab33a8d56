"""Finding word sequences (legal forms, markers) in flat word arrays, all rows at once."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from conjoin.matching.text.tokens import COMMA, OPENS, SLASH, BoolArray, Tokens, Words


class SequenceFinder:
    """Looks up sequences of words in one column's words.

    Words are compared by number; a sequence with a word that the column does not hold costs nothing.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._number = tokens.words.numbers
        self._order, self._bounds = tokens.places

    def find(self, sequence: Sequence[str]) -> npt.NDArray[np.int64]:
        """Positions at which the sequence begins, within one row."""
        numbers = [self._number.get(word, -1) for word in sequence]
        if min(numbers) < 0:
            return np.zeros(0, dtype=np.int64)
        first = numbers[0]
        starts = self._order[self._bounds[first] : self._bounds[first + 1]]
        tokens = self._tokens
        for step, number in enumerate(numbers[1:], start=1):
            starts = starts[starts + step < len(tokens.word)]
            same = (tokens.word[starts + step] == number) & (tokens.row[starts + step] == tokens.row[starts])
            starts = starts[same]
        return starts

    def mark(self, sequences: Iterable[Sequence[str]]) -> BoolArray:
        """Which words belong to any of the sequences."""
        marked = np.zeros(len(self._tokens.word), dtype=np.bool_)
        for sequence in sequences:
            starts = self.find(sequence)
            for step in range(len(sequence)):
                marked[starts + step] = True
        return marked


def join_sequences(tokens: Tokens, joined: Mapping[tuple[str, ...], str]) -> Tokens:
    """The column with each of some sequences written as one word, the longest first."""
    finder = SequenceFinder(tokens)
    words, word = list(tokens.words), tokens.word.copy()
    numbers = dict(tokens.words.numbers)
    keep = np.ones(len(word), dtype=np.bool_)
    for sequence in sorted(joined, key=lambda found: (-len(found), tuple(found))):
        starts = finder.find(sequence)
        for step in range(len(sequence)):
            starts = starts[keep[starts + step]]
            starts = starts[tokens.gap[starts + step] & (COMMA | OPENS | SLASH) == 0] if step else starts
        if len(starts) == 0:
            continue
        number = numbers.setdefault(joined[sequence], len(words))
        if number == len(words):
            words.append(joined[sequence])
        word[starts] = number
        for step in range(1, len(sequence)):
            keep[starts + step] = False
    if keep.all():
        return tokens
    return Tokens(Words(words), word, tokens.row, tokens.gap, tokens.inside, tokens.row_count).take(keep)


def row_edges(tokens: Tokens) -> tuple[BoolArray, BoolArray]:
    """Whether each word is the first, and the last, of its row."""
    first = np.ones(len(tokens.row), dtype=np.bool_)
    first[1:] = tokens.row[1:] != tokens.row[:-1]
    last = np.ones(len(tokens.row), dtype=np.bool_)
    last[:-1] = first[1:]
    return first, last
