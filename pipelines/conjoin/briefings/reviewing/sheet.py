"""The review queue as a sheet that a person fills in: both records beside the judgement, and help on a second sheet."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from conjoin.briefings.reviewing.side_by_side import ReviewPair
from conjoin.schemas.vocabularies import vocabulary
from conjoin.sheets import Form, write_form

#: What a person fills in, under the names by which the sheet is read again.
TO_FILL = ("judgement", "reviewer", "role", "note", "moved_on", "decided_at")
#: Heading to width, in letters, in the order of the sheet; headings in TO_FILL and ids are read again by these names.
_COLUMNS = {
    "name, left": 30,
    "name, right": 30,
    "address, left": 36,
    "address, right": 36,
    "judgement": 18,
    "note": 30,
    "reviewer": 12,
    "role": 14,
    "moved_on": 12,
    "distance": 12,
    "differences": 44,
    "place, left": 24,
    "place, right": 24,
    "country, left": 14,
    "country, right": 14,
    "other names, left": 34,
    "other names, right": 34,
    "source, left": 24,
    "source, right": 24,
    "on file": 24,
    "question": 30,
    "what speaks for and against": 50,
    "if same": 30,
    "if different": 30,
    "visible to": 18,
    "probability": 12,
    "decided_at": 12,
    "record_id_left": 28,
    "record_id_right": 28,
}
_HELP = (
    (
        "What is asked",
        "Does one row speak of the same factory as the other: one place of production under one management? Ask "
        "whether one audit visit would have covered both.",
    ),
    (
        "How to fill in",
        "Choose a judgement, write who you are, and the evidence in one sentence. Rows that you leave empty wait for "
        "another day. Do not change the last two columns: they say which rows the judgement speaks of.",
    ),
    (
        "How to hand it in",
        "conjoin reviews import and the name of this file. All judgements are taken, or none if a cell is wrong; what "
        "is wrong is told with its row.",
    ),
    ("note", "The evidence, in one sentence. No names of persons, no text of a complaint."),
    ("reviewer", "Initials or a function, no e-mail address."),
    ("role", "For whom you judge: coordinator, initiative, brand, factory, trade union."),
    (
        "moved_on",
        "Of moved alone: the day from which the factory is at its new place, as 2026-11-23; empty if unknown.",
    ),
    ("moved from right to left", "The same as moved, where the right row is the old place."),
    ("decided_at", "The day of the judgement, as 2026-11-23; empty for the day on which the sheet is handed in."),
    (
        "differences",
        "Words that only one of the two has, or what only one tells. The same words in other letters are no "
        "contradiction; missing parts of an address are none.",
    ),
    (
        "distance",
        "Between the two points, as delivered. Distance and identical points prove nothing: points are often those of "
        "a town, or of an office.",
    ),
    ("other names", "What other records call the site of this row today."),
    ("on file", "The latest judgement on the pair that is on file already, if the sheet was asked to hold those too."),
    ("if same, if different", "What each answer would bring together or part."),
    ("probability", "What the model holds of it. Never decide by it: it has not seen more than you."),
    ("visible to", "Who may see both rows. Give a sheet to nobody who may not."),
    (
        "If the rows do not tell",
        "Look at a licence or a map, ask the buyer or the factory. If that does not help: unsure, and say what was "
        "missing.",
    ),
)


def write_review_sheet(pairs: Sequence[ReviewPair], on_file: Mapping[tuple[str, str], str], path: Path) -> None:
    """Write questions as a workbook to be filled in; the same questions give the same bytes.

    Args:
        pairs: The questions, in the order of the sheet.
        on_file: What has been judged already, in words, by pair of record ids.
        path: The .xlsx file to write.
    """
    verdicts = vocabulary("judgement").values
    words = {entry.synonyms[0]: entry.description or entry.title for entry in verdicts.values()}
    form = Form(
        widths=_COLUMNS,
        to_fill=TO_FILL,
        choices={"judgement": [*words, "moved from right to left"]},
        frozen="C2",
        help=[_HELP[0], *words.items(), *_HELP[1:]],
    )
    rows = [_cells(pair, on_file.get(pair.pair, "")) for pair in pairs]
    write_form(list(_COLUMNS), [[row.get(name) for name in _COLUMNS] for row in rows], form, path, "judgements")


def _cells(pair: ReviewPair, on_file: str) -> dict[str, object]:
    """The cells of one question by heading; those to be filled in are left out."""
    countries, questions = vocabulary("country").titles, vocabulary("review_question").titles
    told: dict[str, object] = {
        "distance": pair.distance,
        "differences": pair.differences,
        "on file": on_file,
        "question": questions.get(pair.question, pair.question),
        "what speaks for and against": pair.reason,
        "if same": pair.if_same,
        "if different": pair.if_different,
        "visible to": vocabulary("visibility").titles.get(pair.visibility, pair.visibility),
        "probability": round(pair.match_probability, 2),
        "record_id_left": pair.left.record_id,
        "record_id_right": pair.right.record_id,
    }
    for name, side in (("left", pair.left), ("right", pair.right)):
        told[f"name, {name}"] = " / ".join(part for part in (side.name, side.native_name) if part)
        told[f"address, {name}"] = side.address
        told[f"place, {name}"] = side.city
        told[f"country, {name}"] = countries.get(side.country_code, side.country_code)
        told[f"other names, {name}"] = "; ".join(side.other_names)
        told[f"source, {name}"] = side.source_title
    return told
