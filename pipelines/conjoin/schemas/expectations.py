"""Great Expectations: the judge of canonical tables, envelopes and marts. Its only importer.

DuckDB measures (``profile.measure``), Great Expectations judges the figures: one row of a frame is one load (or one
mart), one column one measure. So a table of a million rows costs the same as one of ten, and every result says which
figure was seen and which bounds it had to keep. Suites are generated from schemas/ and the declarations, never
written by hand.
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import asdict, dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pandas as pd

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

    @property
    def check(self) -> Check:
        """The check behind the result."""
        return Check(self.check_name, self.severity, self.min_value, self.max_value, self.note)

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
    with _quiet() as gx:
        context = gx.get_context(mode="ephemeral")
        validation = _define(gx, context, suite_name, rows, checks)
        if validation is None:
            return []
        outcome = validation.run(
            batch_parameters={"dataframe": _frame(rows)},
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": ["target"]},
        )
        return _results(outcome, rows, checks)


def write_pages(folder: Path, suites: Mapping[str, Sequence[CheckResult]]) -> None:
    """Write Great Expectations' pages (Data Docs) below ``folder``.

    Args:
        folder: Replaced as a whole.
        suites: Suite name to the results to show.
    """
    with _quiet() as gx:
        context = gx.get_context(mode="ephemeral")
        context.variables.data_docs_sites = {}
        site = {
            "class_name": "SiteBuilder",
            "show_how_to_buttons": False,
            "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
        }
        context.add_data_docs_site("pages", site)
        for name, results in suites.items():
            rows, checks = _suite_of(results)
            validation = _define(gx, context, name, rows, checks)
            if validation is not None:
                checkpoint = context.checkpoints.add(gx.Checkpoint(name=name, validation_definitions=[validation]))
                checkpoint.run(batch_parameters={"dataframe": _frame(rows)})
        context.build_data_docs(site_names=["pages"])


def _suite_of(results: Iterable[CheckResult]) -> tuple[dict[str, dict[str, float | None]], list[Check]]:
    """The rows and checks behind results, as ``judge`` takes them."""
    rows: dict[str, dict[str, float | None]] = {}
    checks: dict[Check, None] = {}
    for result in results:
        rows.setdefault(result.target, {})[result.check_name] = float(result.observed_value)
        checks[result.check] = None
    return rows, list(checks)


def _none(measure: str, note: str) -> Check:
    return Check(measure, "refuse", 0, 0, note)


def _frame(rows: dict[str, dict[str, float | None]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index").astype("float64")
    return frame.rename_axis("target").reset_index()


def _define(gx: Any, context: Any, name: str, rows: dict[str, dict[str, float | None]], checks: Iterable[Check]) -> Any:
    known = {measure for measures in rows.values() for measure in measures}
    judged = [check for check in checks if check.measure in known]
    if not judged:
        return None
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    suite = gx.ExpectationSuite(name=name)
    for check in judged:
        suite.add_expectation(
            gx.expectations.ExpectColumnValuesToBeBetween(
                column=check.measure,
                min_value=check.min_value,
                max_value=check.max_value,
                notes=check.note or None,
                severity="critical" if check.severity == "refuse" else "warning",
            )
        )
    batch = asset.add_batch_definition_whole_dataframe(name)
    return context.validation_definitions.add(
        gx.ValidationDefinition(name=name, data=batch, suite=context.suites.add(suite))
    )


def _results(outcome: Any, rows: dict[str, dict[str, float | None]], checks: Sequence[Check]) -> list[CheckResult]:
    by_bounds = {(check.measure, check.min_value, check.max_value): check for check in checks}
    found = []
    for result in outcome.results:
        plain = json.loads(json.dumps(result.to_json_dict(), default=str))
        wanted = plain["expectation_config"]["kwargs"]
        check = by_bounds[wanted["column"], wanted.get("min_value"), wanted.get("max_value")]
        failed = {entry["target"] for entry in plain["result"].get("unexpected_index_list") or []}
        for target, measures in rows.items():
            value = measures.get(check.measure)
            if value is not None:
                found.append(
                    CheckResult(
                        target,
                        check.measure,
                        target not in failed,
                        check.severity,
                        f"{value:g}",
                        check.expected,
                        check.note,
                        check.min_value,
                        check.max_value,
                    )
                )
    return found


@contextmanager
def _quiet() -> Any:
    """Great Expectations, imported late (it takes seconds) and without progress bars and chatter."""
    chatter = logging.getLogger("great_expectations")  # its modules set levels of their own: nothing goes further up
    chatter.propagate = False
    chatter.addHandler(logging.NullHandler())
    with redirect_stderr(StringIO()):
        import great_expectations as gx

        yield gx
