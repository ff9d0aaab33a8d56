"""The inverse of the conversions: from the value of a field to the text of a cell, as one feed writes it.

Whole columns at a time. A column that feeds several fields is written so that reading it gives as many of them as
possible; what cannot be said truthfully in a feed's own words is reported, so that its row can be left out.
"""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from conjoin.schemas.fields import field
from conjoin.schemas.vocabularies import vocabulary
from conjoin.simulate.writing.templates import filled
from conjoin.simulate.writing.words import IRRELEVANT, Words, declared_words, is_coded
from conjoin.sources.descriptor import WORKER_COUNT, Feed

_BANDS = ((1, 100), (101, 500), (501, 1000), (1001, 5000), (5001, 10000), (10001, None))
_TEXT_DATES_SHARE = 0.05  # of the date cells of a workbook that somebody typed as text


@dataclass(frozen=True)
class Written:
    """Cells of one column, and which of them say what they should."""

    cells: pd.Series
    is_true: npt.NDArray[np.bool_]


class CellWriter:
    """Writes the columns of one feed."""

    def __init__(self, feed: Feed, rng: np.random.Generator) -> None:
        """Keeps the feed's ways of writing."""
        self._feed, self._rng = feed, rng
        self._words: dict[tuple[str, ...], Words] = {}

    def write(self, header: str, wanted: pd.DataFrame, ordinal: pd.Series | None = None) -> Written:
        """The cells under ``header`` that read as ``wanted``.

        Args:
            header: Column of the file.
            wanted: One row per row of the file; a column per field that the header feeds. Dates are dates, numbers
                numbers, anything else text; null where nothing is known, IRRELEVANT where nothing is read.
            ordinal: For columns of a key: the how-manieth row of its group; equally good words are then taken in turn.
        """
        targets = list(wanted.columns)
        kinds = {target: self._kind(target) for target in targets}
        dates = [target for target, kind in kinds.items() if kind == "date"]
        if dates:
            return self._all_true(self._dates(wanted[dates].bfill(axis=1).iloc[:, 0]))
        if "coded" in kinds.values():
            return self._coded(header, wanted, ordinal)
        target = targets[0]
        if kinds[target] == "list":
            return self._all_true(self._lists(target, wanted[target]))
        if kinds[target] == "number":
            return self._all_true(self._numbers(header, target, wanted[target]))
        return self._all_true(wanted[target].astype(object).where(wanted[target].notna(), None))

    def extracted(self, column: str, groups: dict[str, pd.DataFrame]) -> pd.Series:
        """Cells from which the feed's expression for ``column`` extracts the groups' values.

        Args:
            column: The column of the file.
            groups: Name of a group to what it should read as, as in ``write``.
        """
        pattern = self._feed.extract[column]
        choices = {name: self._spellings_of_group(name, wanted) for name, wanted in groups.items()}
        index = next(iter(groups.values())).index
        cells = np.full(len(index), None, dtype=object)
        for place in range(max(len(options) for options in choices.values())):
            texts = [options[min(place, len(options) - 1)].to_numpy(dtype=object) for options in choices.values()]
            rows = [row for row in np.flatnonzero(cells == None) if any(column[row] is not None for column in texts)]  # noqa: E711 - elementwise
            given = [tuple(column[row] for column in texts) for row in rows]
            found = {parts: filled(pattern, _given(tuple(choices), parts)) for parts in set(given)}
            cells[rows] = [found[parts] for parts in given]
        return pd.Series(cells, index=index, dtype=object)

    @staticmethod
    def _all_true(cells: pd.Series) -> Written:
        return Written(cells, np.ones(len(cells), bool))

    def _kind(self, target: str) -> str:
        if target == WORKER_COUNT:
            return "number"
        entry = field(target)
        if entry.type == "date":
            return "date"
        if entry.type == "text_list":
            return "list"
        if is_coded(self._feed, target) and target not in ("latitude", "longitude"):
            return "coded"
        return "number" if entry.type in ("integer", "number") else "text"

    # --- dates, numbers, lists -----------------------------------------------------------------------------------

    @cached_property
    def _date_format(self) -> str:
        full = [text for text in self._feed.dates.formats if "%d" in text and "%Y" in text]
        return (full or self._feed.dates.formats)[0]

    def _dates(self, dates: pd.Series) -> pd.Series:
        """Dates as text; those of a workbook in ISO, which ``workbooks`` makes real dates, but for a few typed ones."""
        dates = pd.to_datetime(dates)
        text = self._formatted(dates, self._date_format)
        if self._feed.format != "workbook":
            return text
        typed = self._rng.random(len(dates)) < _TEXT_DATES_SHARE
        return text.where(typed, self._formatted(dates, "%Y-%m-%d"))

    @staticmethod
    def _formatted(dates: pd.Series, text: str) -> pd.Series:
        written: pd.Series = dates.dt.strftime(text).astype(object)
        return written.where(dates.notna(), None)

    def _spellings_of_group(self, name: str, wanted: pd.DataFrame) -> list[pd.Series]:
        if self._kind(str(wanted.columns[0])) == "date":
            dates = pd.to_datetime(wanted.iloc[:, 0])
            formats = sorted(self._feed.dates.formats, key=lambda text: "%d" not in text)
            formats += ["%Y-%m-%d"] if self._feed.format == "workbook" else []
            return [self._formatted(dates, text) for text in formats]
        return [self.write(name, wanted).cells]

    def _numbers(self, header: str, target: str, numbers: pd.Series) -> pd.Series:
        numbers = pd.to_numeric(numbers)
        if target == WORKER_COUNT and re.search(r"band|range|size", header, re.IGNORECASE):
            return numbers.map(_band).astype(object).where(numbers.notna(), None)
        whole = target == WORKER_COUNT or field(target).type == "integer"
        style = self._feed.numbers
        is_grouped = whole and style.thousands

        def written(number: float) -> str:
            text = (
                f"{int(number):,}".replace(",", style.thousands)
                if is_grouped
                else f"{number:.5f}".rstrip("0").rstrip(".")
            )
            return text if is_grouped else text.replace(".", style.decimal)

        return numbers.map(written, na_action="ignore").astype(object).where(numbers.notna(), None)

    def _lists(self, target: str, wanted: pd.Series) -> pd.Series:
        known = {
            given: frozenset(filter(None, (ours or "").split("|")))
            for given, ours in declared_words(self._feed, target).items()
        }
        if not any(known.values()):
            known |= {code: frozenset([code]) for code in vocabulary(str(field(target).vocabulary)).codes}
        whole = next((given for given, topics in known.items() if not topics), None)
        words = {text: self._covering(known, frozenset(text.split("|"))) for text in wanted.dropna().unique()}
        return wanted.map(words).astype(object).where(wanted.notna(), whole)

    def _covering(self, known: dict[str, frozenset[str]], topics: frozenset[str]) -> str | None:
        """Few words that cover the topics and little else."""
        found: list[str] = []
        left = set(topics)
        for given, covered in sorted(known.items(), key=lambda item: (len(item[1] - topics), -len(item[1]))):
            if covered & left and (covered <= topics or not found):
                found.append(given)
                left -= covered
        return self._feed.list_separator.join(found) or None

    # --- words of closed lists -----------------------------------------------------------------------------------

    def _coded(self, header: str, wanted: pd.DataFrame, ordinal: pd.Series | None) -> Written:
        targets = list(wanted.columns)
        texts = wanted.astype(object).where(wanted.notna(), None)
        rows = list(texts.itertuples(index=False, name=None))
        chosen = {row: self._best_words(header, dict(zip(targets, row, strict=True))) for row in set(rows)}
        turn = self._turns(len(rows), ordinal)
        cells = [chosen[row][0][place % len(chosen[row][0])] for row, place in zip(rows, turn, strict=True)]
        is_true = np.array([chosen[row][1] for row in rows], bool)
        return Written(pd.Series(cells, index=wanted.index, dtype=object), is_true)

    def _best_words(self, header: str, wanted: dict[str, object]) -> tuple[list[str | None], bool]:
        read = {target: value for target, value in wanted.items() if value != IRRELEVANT}
        key = (header, *read)
        if key not in self._words:
            self._words[key] = Words(self._feed, header, list(read))
        return self._words[key].best(read) if read else ([None], True)

    def _turns(self, count: int, ordinal: pd.Series | None) -> npt.NDArray[np.int64]:
        return self._rng.integers(0, 1000, count) if ordinal is None else ordinal.to_numpy(dtype=np.int64)


def _given(names: tuple[str, ...], row: tuple[object, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, row, strict=True) if isinstance(value, str)}


def _band(number: float) -> str | None:
    for low, high in _BANDS:
        if high is None or number <= high:
            return f">{low - 1}" if high is None else f"{low}-{high}"
    return None
