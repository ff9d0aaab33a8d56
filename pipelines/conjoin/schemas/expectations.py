"""Great Expectations: the judge of canonical tables, envelopes and marts. Its only importer.

DuckDB measures (``profile.measure``), Great Expectations judges the figures: one row of a frame is one check of one
load (or of one mart), with what was observed and the bounds that it has to keep. So a table of a million rows costs the
same as one of ten, a thousand checks the same two expectations as one, and every result says which figure was seen and
which bounds it had to keep. Checks are generated from schemas/ and the declarations, never written by hand.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass
from io import StringIO
from typing import Any, Literal

import pandas as pd

from conjoin.errors import SchemaError
from conjoin.schemas.tables import Table

# Before the first import: nothing may call home.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

Severity = Literal["refuse", "warn"]


@dataclass(frozen=True)
class Check:
    """Bounds for one measure of one kind of row."""

    measure: str
    severity: Severity
    min_value: float | None = None
    max_value: float | None = None
    note: str = ""

    @property
    def expected(self) -> str:
        """The bounds in words."""
        if self.min_value == self.max_value:
            return f"{self.min_value:g}"
        low = "" if self.min_value is None else f"at least {self.min_value:g}"
        high = "" if self.max_value is None else f"at most {self.max_value:g}"
        return " and ".join(part for part in (low, high) if part)


@dataclass(frozen=True)
class CheckResult:
    """What one check saw in one row of measures."""

    target: str  # what was checked: the row's name
    check_name: str
    is_passed: bool
    severity: Severity
    observed_value: str
    expected_value: str
    note: str
    min_value: float | None
    max_value: float | None
    checked_by: str = "great_expectations"

    def as_dict(self) -> dict[str, Any]:
        """The result as plain values."""
        return asdict(self)


def table_checks(table: Table) -> list[Check]:
    """What every canonical row of ``table`` must satisfy, as bounds on its measures."""
    checks = [_none(f"{table.name}.duplicate_keys", f"{' + '.join(table.key)} identifies a row")]
    for entry in table.fields:
        if entry.name in table.required:
            checks.append(_none(f"{table.name}.missing.{entry.name}", "never empty"))
        if entry.vocabulary:
            checks.append(_none(f"{table.name}.unknown.{entry.name}", f"only codes of {entry.vocabulary}"))
        if entry.min is not None and entry.max is not None:
            note = f"between {entry.min:g} and {entry.max:g}"
            checks.append(_none(f"{table.name}.out_of_range.{entry.name}", note))
        if entry.pattern and entry.name in table.key:
            checks.append(_none(f"{table.name}.malformed.{entry.name}", "has the declared form"))
    return checks


def judge(suite_name: str, rows: dict[str, dict[str, float | None]], checks: Sequence[Check]) -> list[CheckResult]:
    """The results of ``checks`` for every row of measures.

    Args:
        suite_name: Names the suite.
        rows: Row name (a load, a mart) to its measures. A measure that a row lacks, or that is null, is not judged.
        checks: Bounds by measure.
    """
    judged = [
        (target, check, value)
        for check in checks
        for target, measures in rows.items()
        if (value := measures.get(check.measure)) is not None
    ]
    failed = _outside_bounds(suite_name, _frame(judged)) if judged else set()
    return [_result(target, check, value, number not in failed) for number, (target, check, value) in enumerate(judged)]


def _none(measure: str, note: str) -> Check:
    return Check(measure, "refuse", 0, 0, note)


def _result(target: str, check: Check, value: float, is_passed: bool) -> CheckResult:
    return CheckResult(
        target,
        check.measure,
        is_passed,
        check.severity,
        f"{value:g}",
        check.expected,
        check.note,
        check.min_value,
        check.max_value,
    )


def _frame(judged: Sequence[tuple[str, Check, float]]) -> pd.DataFrame:
    """One row per check of one target; key ``number``. A bound that a check does not set is missing."""
    values = [(value, check.min_value, check.max_value) for _, check, value in judged]
    frame = pd.DataFrame(values, columns=["observed", "lowest", "highest"], dtype="float64")
    return frame.rename_axis("number").reset_index()


def _outside_bounds(suite_name: str, frame: pd.DataFrame) -> set[int]:
    """Numbers of the rows whose observed figure lies below the lowest or above the highest one allowed."""
    with _quiet() as gx:
        context = gx.get_context(mode="ephemeral")
        asset = context.data_sources.add_pandas(suite_name).add_dataframe_asset(suite_name)
        suite = gx.ExpectationSuite(name=suite_name)
        for larger, smaller in (("observed", "lowest"), ("highest", "observed")):
            suite.add_expectation(
                gx.expectations.ExpectColumnPairValuesAToBeGreaterThanB(
                    column_A=larger, column_B=smaller, or_equal=True, ignore_row_if="either_value_is_missing"
                )
            )
        validation = gx.ValidationDefinition(
            name=suite_name,
            data=asset.add_batch_definition_whole_dataframe(suite_name),
            suite=context.suites.add(suite),
        )
        outcome = context.validation_definitions.add(validation).run(
            batch_parameters={"dataframe": frame},
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["number"]},
        )
        return {int(entry["number"]) for result in outcome.results for entry in _unexpected(result)}


def _unexpected(result: Any) -> list[dict[str, Any]]:
    """The rows that an expectation found outside; an expectation that could not be run at all is no pass.

    Raises:
        SchemaError: It could not be run.
    """
    if result.exception_info and any(
        entry.get("raised_exception") for entry in result.exception_info.values() if isinstance(entry, dict)
    ):
        raise SchemaError(f"Great Expectations could not judge: {result.exception_info}")
    found: list[dict[str, Any]] = result.result.get("unexpected_index_list") or []
    if result.success == bool(found):
        raise SchemaError(f"Great Expectations says neither passed nor what failed: {result.result}")
    return found


@contextmanager
def _quiet() -> Iterator[Any]:
    """Great Expectations, imported late (it takes seconds) and without progress bars and chatter."""
    chatter = logging.getLogger("great_expectations")  # its modules set levels of their own: nothing goes further up
    chatter.propagate = False
    chatter.addHandler(logging.NullHandler())
    with redirect_stderr(StringIO()):
        import great_expectations as gx

        yield gx
