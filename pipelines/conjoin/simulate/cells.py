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

from conjoin.schemas.fields import Field, field
from conjoin.schemas.vocabularies import fold_case, vocabulary
from conjoin.simulate.templates import filled
from conjoin.sources.conversions import is_closed_list, spellings_of
from conjoin.sources.descriptor import WORKER_COUNT, Feed

#: Fields that must be read back as they are, or the row would say something untrue.
TRUTHFUL = (
    "scheme", "audit_kind", "audit_status", "country_code", "commissioner", "commissioner_type", "audit_firm", "topic",
    "finding_kind", "case_kind", "certificate_status", "initiative", "buyer_name", "company_name",
)  # fmt: skip
_MAY_BE_EMPTY = ("audit_firm", "topic", "initiative")
_WEIGHTS = {name: 8.0 for name in TRUTHFUL} | {"auditor_party": 3.0, "severity_band": 2.0, "grade_raw": 0.5, "clause": 0.1}
#: Kinds that one source tells apart and another does not.
NEAR_KINDS: dict[str, tuple[str, ...]] = {
    "initial_full": ("initial_full", "periodic_full"),
    "periodic_full": ("periodic_full", "initial_full"),
    "followup_full": ("followup_full", "followup_partial"),
    "followup_partial": ("followup_partial", "followup_full"),
    "certification_stage": ("certification_stage", "initial_full", "periodic_full"),
    "recertification": ("recertification", "certification_stage", "periodic_full"),
    "pilot": ("pilot",),
}
#: Fields for which a source uses the vocabulary's own spellings beside the words that it declares.
_COMMON = ("scheme", "country_code")
_COMPLETED = ("certificate_status", "severity_band", "notice", "finding_status", "case_status")
_BANDS = ((1, 100), (101, 500), (501, 1000), (1001, 5000), (5001, 10000), (10001, None))
_NEARLY_ALWAYS = 0.9  # fill rate from which a field that is known must not be left empty
_DECLARED = 0.01  # of words that say the same, those of the declaration are used
_INVALID = object()
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
        self._expected = {name for name, rate in feed.expect.min.fill_rate.items() if rate >= _NEARLY_ALWAYS}

    def write(self, header: str, wanted: pd.DataFrame, ordinal: pd.Series | None = None) -> Written:
        """The cells under ``header`` that read as ``wanted``.

        Args:
            header: Column of the file.
            wanted: One row per row of the file; a column per field that the header feeds. Dates are dates, numbers
                numbers, anything else text; null where nothing is known.
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
        if is_closed_list(entry) or target in self._feed.values:
            return "coded" if entry.name not in ("latitude", "longitude") else "number"
        return "number" if entry.type in ("integer", "number") else "text"

    # --- dates, numbers, lists -----------------------------------------------------------------------------------

    @cached_property
    def _date_format(self) -> str:
        full = [text for text in self._feed.dates.formats if "%d" in text and "%Y" in text]
        return (full or self._feed.dates.formats)[0]

    def _dates(self, dates: pd.Series) -> pd.Series:
        """Dates as text; those of a workbook as ISO text, which ``files`` makes real dates, but for a few typed ones."""
        dates = pd.to_datetime(dates)
        text = self._formatted(dates, self._date_format)
        if self._feed.format != "workbook":
            return text
        typed = self._rng.random(len(dates)) < _TEXT_DATES_SHARE
        return text.where(typed, self._formatted(dates, "%Y-%m-%d"))

    @staticmethod
    def _formatted(dates: pd.Series, text: str) -> pd.Series:
        return dates.dt.strftime(text).astype(object).where(dates.notna(), None)

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
            text = f"{int(number):,}".replace(",", style.thousands) if is_grouped else f"{number:.5f}".rstrip("0").rstrip(".")
            return text if is_grouped else text.replace(".", style.decimal)

        return numbers.map(written, na_action="ignore").astype(object).where(numbers.notna(), None)

    def _lists(self, target: str, wanted: pd.Series) -> pd.Series:
        known = {
            given: frozenset(filter(None, (ours or "").split("|"))) for given, ours in self._feed.values.get(target, {}).items()
        }
        if not known:
            known = {code: frozenset([code]) for code in vocabulary(str(field(target).vocabulary)).codes}
        whole = next((given for given, topics in known.items() if not topics), None)
        words = {text: self._covering(known, frozenset(text.split("|"))) for text in wanted.dropna().unique()}
        return wanted.map(words).astype(object).where(wanted.notna(), whole)

    def _covering(self, known: dict[str, frozenset[str]], topics: frozenset[str]) -> str | None:
        """Few words that cover the topics and little else."""
        found, left = [], set(topics)
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
        options = self._words(header, targets)
        chosen = {row: self._best(dict(zip(targets, row, strict=True)), options) for row in set(rows)}
        turn = np.zeros(len(rows), int) if len(rows) == 0 else self._turns(len(rows), ordinal)
        cells = [chosen[row][0][place % len(chosen[row][0])] for row, place in zip(rows, turn, strict=True)]
        is_true = np.array([chosen[row][1] for row in rows], bool)
        if ordinal is not None:
            is_true &= np.array([place < len(chosen[row][0]) or place == 0 for row, place in zip(rows, turn, strict=True)], bool)
        return Written(pd.Series(cells, index=wanted.index, dtype=object), is_true)

    def _turns(self, count: int, ordinal: pd.Series | None) -> npt.NDArray[np.int64]:
        return self._rng.integers(0, 1000, count) if ordinal is None else ordinal.to_numpy(dtype=np.int64)

    def _words(self, header: str, targets: list[str]) -> dict[str | None, dict[str, object]]:
        """Every word that the column may hold, with what each target reads from it; the empty cell among them."""
        words: list[str] = []
        for target in targets:
            entry, listed = field(target), self._feed.values.get(target, {})
            words += list(listed)
            if entry.vocabulary and (not listed or target in (*_COMMON, *_COMPLETED)):
                told = set(listed.values()) if target in _COMPLETED else set()
                words += self._usual_words(header, entry, told)
            elif entry.type == "boolean" and not listed:
                words += ["Yes", "No"]
        found: dict[str | None, dict[str, object]] = {None: dict.fromkeys(targets, None)}
        for word in dict.fromkeys(words):
            read = {target: self._read(word, target) for target in targets}
            if _INVALID not in read.values():
                found[word] = read
        return found

    @staticmethod
    def _usual_words(header: str, entry: Field, told: set[str]) -> list[str]:
        """One spelling per code that is not ``told`` yet: the code itself for codes of countries, else a synonym."""
        values = vocabulary(str(entry.vocabulary)).values
        as_code = entry.vocabulary == "country" and re.search(r"code|iso", header, re.IGNORECASE) is not None
        words = []
        for code, item in values.items():
            if code in told:
                continue
            is_title = fold_case(item.title) in {fold_case(word) for word in item.synonyms}
            words.append(code if as_code or not item.synonyms else item.title if is_title else item.synonyms[0])
        return words

    def _read(self, word: str, target: str) -> object:
        entry = field(target)
        spellings = self._spellings(target)
        if fold_case(word) in spellings:
            return spellings[fold_case(word)]
        if is_closed_list(entry):
            return _INVALID
        if entry.type in ("integer", "number"):
            return word if re.fullmatch(r"-?\d+(\.\d+)?", word) else _INVALID
        return word

    def _spellings(self, target: str) -> dict[str, str | None]:
        return spellings_of(self._feed, target, field(target))

    def _best(
        self, wanted: dict[str, object], words: dict[str | None, dict[str, object]]
    ) -> tuple[list[str | None], bool]:
        """The words that say most of what is wanted, and whether they say nothing untrue."""
        words = dict(words)
        for target, value in wanted.items():
            if isinstance(value, str) and not is_closed_list(field(target)) and value not in words:
                read = {other: self._read(value, other) for other in wanted}
                if _INVALID not in read.values():
                    words[value] = read
        declared = {word for target in wanted for word in self._feed.values.get(target, {})}
        scored = {
            word: sum(_score(target, wanted[target], read[target]) for target in wanted) + (_DECLARED if word in declared else 0)
            for word, read in words.items()
        }
        top = max(scored.values())
        best = [word for word, score in scored.items() if score >= top - 1e-9]
        read = words[best[0]]
        is_true = all(_is_truthful(target, wanted[target], read[target], wanted) for target in wanted)
        return best, is_true and not any(wanted[name] is not None and read[name] is None for name in self._expected & wanted.keys())


def _score(target: str, wanted: object, read: object) -> float:
    weight = _WEIGHTS.get(target, 1.0)
    if _same(target, wanted, read):
        return weight
    if target == "audit_kind" and read in NEAR_KINDS.get(str(wanted), ()):
        return weight * (0.9 - 0.1 * NEAR_KINDS[str(wanted)].index(str(read)))
    return -weight / 2 if read is None else -weight


def _same(target: str, wanted: object, read: object) -> bool:
    if target == "commissioner" and isinstance(wanted, str) and isinstance(read, str):
        return set(wanted.split("; ")) == set(read.split("; "))
    return wanted == read


def _is_truthful(target: str, wanted: object, read: object, row: dict[str, object]) -> bool:
    if target not in TRUTHFUL or _same(target, wanted, read):
        return True
    if target == "audit_kind":
        return read in NEAR_KINDS.get(str(wanted), ())
    if target == "commissioner" and row.get("commissioner_type") == "facility":
        return True
    return (read is None and target in _MAY_BE_EMPTY) or wanted is None


def _given(names: tuple[str, ...], row: tuple[object, ...]) -> dict[str, str]:
    return {name: value for name, value in zip(names, row, strict=True) if isinstance(value, str)}


def _band(number: float) -> str | None:
    for low, high in _BANDS:
        if high is None or number <= high:
            return f">{low - 1}" if high is None else f"{low}-{high}"
    return None
