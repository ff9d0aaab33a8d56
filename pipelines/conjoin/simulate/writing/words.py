"""Which word of a source says what is wanted, where several fields are read from one cell of closed words."""

import re

from conjoin.schemas.fields import Field, field
from conjoin.schemas.vocabularies import fold_case, vocabulary
from conjoin.sources.conversions import is_closed_list, spellings_of
from conjoin.sources.descriptor import Feed

#: Fields that must be read back as they are, or the row would say something untrue.
TRUTHFUL = (
    "scheme", "audit_kind", "audit_status", "country_code", "commissioner", "commissioner_type", "audit_firm", "topic",
    "finding_kind", "case_kind", "certificate_status", "initiative", "buyer_name", "company_name",
)  # fmt: skip
_MAY_BE_EMPTY = ("audit_firm", "topic", "initiative")
_WEIGHTS = dict.fromkeys(TRUTHFUL, 8.0) | {"auditor_party": 3.0, "severity_band": 2.0, "grade_raw": 0.5, "clause": 0.1}
#: Kinds that one source tells apart and another does not, the nearest first.
NEAR_KINDS: dict[str, tuple[str, ...]] = {
    "initial_full": ("initial_full", "periodic_full"),
    "periodic_full": ("periodic_full", "initial_full"),
    "followup_full": ("followup_full", "followup_partial"),
    "followup_partial": ("followup_partial", "followup_full"),
    "certification_stage": ("certification_stage", "initial_full", "periodic_full"),
    "recertification": ("recertification", "certification_stage", "periodic_full"),
}
#: Fields for which a source uses the vocabulary's own spellings beside the words that it declares.
_COMMON = ("scheme", "country_code")
_COMPLETED = ("certificate_status", "severity_band", "notice", "finding_status", "case_status")
_NEARLY_ALWAYS = 0.9  # fill rate from which a field that is known must not be left empty
_DECLARED = 0.01  # of words that say the same, those of the declaration are used
_INVALID = object()
#: Stands for what is wanted of a field that is not read from the row at all, since its emit makes no record of it.
IRRELEVANT = "(not read)"

Wanted = dict[str, object]
Reading = dict[str, object]


def declared_words(feed: Feed, target: str) -> dict[str, str]:
    """The words that the feed translates for a field, and what they mean."""
    return feed.values.get(target, {})


def is_coded(feed: Feed, target: str) -> bool:
    """Whether cells of the field hold words of a list rather than free text."""
    return is_closed_list(field(target)) or bool(declared_words(feed, target))


class Words:
    """The words that one column of a feed may hold."""

    def __init__(self, feed: Feed, header: str, targets: list[str]) -> None:
        """Lists every word with what each target reads from it; the empty cell is among them."""
        self._feed, self._targets = feed, targets
        self._expected = {name for name, rate in feed.expect.min.fill_rate.items() if rate >= _NEARLY_ALWAYS}
        self._known: dict[str | None, Reading] = {None: dict.fromkeys(targets, None)}
        for word in dict.fromkeys(word for target in targets for word in self._words_for(header, target)):
            self._add(self._known, word)

    def best(self, wanted: Wanted) -> tuple[list[str | None], bool]:
        """The words that say most of what is wanted, and whether they say nothing untrue."""
        known = dict(self._known)
        for target, value in wanted.items():
            if isinstance(value, str) and not is_closed_list(field(target)):
                self._add(known, value)
        declared = {word for target in wanted for word in declared_words(self._feed, target)}
        scores = {
            word: sum(_score(target, wanted[target], read[target]) for target in wanted)
            + _DECLARED * (word in declared)
            for word, read in known.items()
        }
        top = max(scores.values())
        best = [word for word, score in scores.items() if score >= top - 1e-9]
        read = known[best[0]]
        says_enough = not any(wanted[n] is not None and read[n] is None for n in self._expected & wanted.keys())
        return best, says_enough and all(_is_truthful(target, wanted, read[target]) for target in wanted)

    def _words_for(self, header: str, target: str) -> list[str]:
        entry, listed = field(target), declared_words(self._feed, target)
        if entry.vocabulary and (not listed or target in (*_COMMON, *_COMPLETED)):
            return [*listed, *_usual_words(header, entry, set(listed.values()) if target in _COMPLETED else set())]
        return [*listed] or (["Yes", "No"] if entry.type == "boolean" else [])

    def _add(self, known: dict[str | None, Reading], word: str) -> None:
        read = {target: self._read(word, target) for target in self._targets}
        if word not in known and _INVALID not in read.values():
            known[word] = read

    def _read(self, word: str, target: str) -> object:
        entry = field(target)
        spellings = spellings_of(self._feed, target, entry)
        if fold_case(word) in spellings:
            return spellings[fold_case(word)]
        if is_closed_list(entry):
            return _INVALID
        if entry.type in ("integer", "number"):
            return word if re.fullmatch(r"-?\d+(\.\d+)?", word) else _INVALID
        return word


def _usual_words(header: str, entry: Field, told: set[str]) -> list[str]:
    """One spelling per code that is not ``told`` yet: the code itself for codes of countries, else a synonym."""
    as_code = entry.vocabulary == "country" and re.search(r"code|iso", header, re.IGNORECASE) is not None
    words = []
    for code, item in vocabulary(str(entry.vocabulary)).values.items():
        if code not in told:
            is_title = fold_case(item.title) in {fold_case(word) for word in item.synonyms}
            words.append(code if as_code or not item.synonyms else item.title if is_title else item.synonyms[0])
    return words


def _score(target: str, wanted: object, read: object) -> float:
    weight = _WEIGHTS.get(target, 1.0)
    if _is_same(target, wanted, read):
        return weight
    if target == "audit_kind" and read in NEAR_KINDS.get(str(wanted), ()):
        return weight * (0.9 - 0.1 * NEAR_KINDS[str(wanted)].index(str(read)))
    return -weight / 2 if read is None else -weight


def _is_same(target: str, wanted: object, read: object) -> bool:
    return wanted == read


def _is_truthful(target: str, wanted: Wanted, read: object) -> bool:
    """Whether the reading of one field may stand for what is wanted of it."""
    value = wanted[target]
    if target not in TRUTHFUL or _is_same(target, value, read) or value is None:
        return True
    if target == "audit_kind":
        return read in NEAR_KINDS.get(str(value), ())
    if target == "commissioner" and wanted.get("commissioner_type") == "facility":
        return True  # some logs write "site" for whichever site it is
    return read is None and target in _MAY_BE_EMPTY
