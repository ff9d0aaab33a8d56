"""The sheet that says what an answer is: question, grain, limits, day, versions, who may see it, what columns mean."""

import pandas as pd

from conjoin import __version__
from conjoin.briefings.answering.telling import AnswerScope, said_below, told_columns
from conjoin.briefings.queries import Question
from conjoin.schemas.vocabularies import visibility_rank, vocabulary
from conjoin.sheets import SheetColumn, TableSheet


def about_sheet(question: Question, frame: pd.DataFrame, scope: AnswerScope) -> TableSheet:
    """The sheet that goes with an answer."""
    rows: list[tuple[str, str]] = [
        ("Question", question.title),
        ("Asked by", f"conjoin ask {question.name}"),
        ("What it says", question.sidecar.description),
        ("One row is", question.grain),
        ("Rows", f"{len(frame):,}"),
        *_limits(question, scope),
        ("Made for", scope.whose.told),
        ("Who may see it", _audience(question, frame, scope)),
        ("Reckoned on", str(scope.whose.day or "a day that the file does not tell")),
        ("Warehouse", scope.version or "a file beside the published versions"),
        ("Conjoin", __version__),
        *(("Note", note) for note in said_below(question, frame, scope)),
    ]
    for column in told_columns(question, frame):
        unit = f" ({column.field.unit})" if column.field.unit else ""
        meaning = column.field.description or "what the question's SQL makes of it"
        rows.append((f"Column {column.heading}", f"{column.name}: {meaning}{unit}"))
    return TableSheet("About", [SheetColumn("About this answer"), SheetColumn("")], rows, has_filter=False)


def _limits(question: Question, scope: AnswerScope) -> list[tuple[str, str]]:
    """Country and days, as far as the question looks at them."""
    found = []
    if "$country" in question.sql:
        code = scope.narrowed.country
        found.append(("Country", f"{vocabulary('country').titles.get(code, code)} ({code})" if code else "all"))
    if "_date" in question.sql and scope.narrowed.parameters_of(question.sql).keys() & {"from_date", "to_date"}:
        found.append(("Days", scope.narrowed.period or "all"))
    return found


def _audience(question: Question, frame: pd.DataFrame, scope: AnswerScope) -> str:
    """Who may see the answer: as few as may see its most restricted row, or the file that it counts over."""
    codes = [str(code) for code in frame["visibility"].dropna().unique()] if "visibility" in frame else []
    codes += [question.sidecar.visibility] if question.sidecar.visibility else []
    if codes:
        entries = vocabulary("visibility").values  # noqa: PD011 - of a vocabulary, no frame
        entry = entries[max(codes, key=visibility_rank)]
        return f"The most restricted row: {entry.title}. {entry.description or ''}".strip()
    if scope.whose.is_pack:
        return f"{scope.whose.title}: it counts over the pack."
    return "The coordinator alone: it counts over everything. Others get packs and releases."
