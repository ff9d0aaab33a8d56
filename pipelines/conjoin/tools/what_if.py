"""What another rule would have meant: the published audits judged again under other numbers, no file touched.

The inputs of the published warehouse are read where they are, the models run again in memory, and the two verdicts are
set side by side: visits that the change would have spared, the days in them, and what it would have risked, as the
findings that the later audit made on topics on which the earlier one had found nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import duckdb
import pandas as pd

from conjoin.errors import SettingsError
from conjoin.schemas.vocabularies import vocabulary
from conjoin.settings import Settings
from conjoin.sql import quote_identifier, quote_literal
from conjoin.warehouse.build import create_schemas, run_models
from conjoin.warehouse.connection import reader, workbench
from conjoin.warehouse.models import INPUTS, Model, models_for
from conjoin.warehouse.rules import Parameter, parameters

_WANTED = ("marts.audit_events", "marts.audit_pairs", "marts.found_topics")
_POLICY = ("max_age_months", "notice_required", "min_grade", "auditor_requirement")
_NOTHING = "none"
_SHOWN = 80  # letters of what somebody typed, in a message

#: One row per scheme of the audit that would have done; the last row holds all.
_COMPARED = """
with changed as (
    select coalesce(under.event_id, told.event_id) as event_id,
        coalesce(under.best_earlier_event_id, told.best_earlier_event_id) as earlier_event_id,
        if(under.event_id is not null, 1, -1) as sign
    from (select * from marts.audit_events where is_avoidable) as under
    full join (select * from published.marts.audit_events where is_avoidable) as told on under.event_id = told.event_id
    where under.event_id is null or told.event_id is null
), new_findings as (
    select later.event_id, count(*) as finding_count, count(*) filter (later.severity_band = 'critical') as critical
    from changed
    inner join marts.found_topics as later on changed.event_id = later.event_id
    anti join marts.found_topics as earlier
        on changed.earlier_event_id = earlier.event_id and later.topic = earlier.topic
    where changed.sign = 1
    group by later.event_id
)
select coalesce(earlier.scheme, 'all') as earlier_scheme,
    coalesce(sum(changed.sign), 0)::bigint as visits_spared,
    sum(changed.sign * later.auditor_days_low) as auditor_days_low,
    sum(changed.sign * later.auditor_days) as auditor_days_central,
    sum(changed.sign * later.auditor_days_high) as auditor_days_high,
    count(new_findings.event_id) as visits_with_new_findings,
    coalesce(sum(new_findings.finding_count), 0)::bigint as topics_newly_found,
    coalesce(sum(new_findings.critical), 0)::bigint as critical_topics_newly_found
from changed
inner join marts.audit_events as later on changed.event_id = later.event_id
inner join marts.audit_events as earlier on changed.earlier_event_id = earlier.event_id
left join new_findings on changed.event_id = new_findings.event_id
group by grouping sets ((earlier.scheme), ())
order by grouping(earlier.scheme), earlier_scheme
"""


@dataclass(frozen=True)
class WhatIf:
    """What the change would have meant.

    Attributes:
        avoidable_now: Avoidable audits as they are published.
        avoidable_then: Avoidable audits under the change.
        by_scheme: One row per scheme of the audit that would have done, and one for all; empty if nothing changes.
    """

    avoidable_now: int
    avoidable_then: int
    by_scheme: pd.DataFrame


@dataclass(frozen=True)
class Change:
    """One assumption: SQL on the reference tables, or another value of a rule's parameter."""

    sql: str = ""
    parameter: str = ""
    value: str = ""


def what_if(settings: Settings, assumptions: list[str]) -> WhatIf:
    """Judge the published audits again under other numbers.

    Args:
        settings: Where the published warehouse is, and how much memory there is.
        assumptions: ``NAME=VALUE`` each, see ``change``.

    Raises:
        SettingsError: An assumption names nothing that can be changed, or a value that cannot be meant.
        ConjoinError: Nothing is published.
    """
    changes = [change(text) for text in assumptions]
    with reader(settings.warehouse):
        pass  # says in words what is wrong with the file
    with workbench(settings) as con:
        con.execute(f"attach {quote_literal(str(settings.warehouse))} as published (read_only)")
        _read_inputs(con)
        for one in changes:
            if one.sql:
                con.execute(one.sql)
        run_models(con, [_under(model, changes) for model in models_for(_WANTED)])
        frame = con.execute(_COMPARED).df()
        now, then = (
            int(con.execute(f"select count(*) from {schema} where is_avoidable").fetchall()[0][0])
            for schema in ("published.marts.audit_events", "marts.audit_events")
        )
    return WhatIf(now, then, frame[frame["visits_spared"].ne(0) | frame["earlier_scheme"].ne("all")])


def change(text: str) -> Change:
    """What an assumption changes.

    ``SCHEME.validity_months=N`` lets whole audits of a scheme, or of all schemes of a family, hold so long;
    ``policies.FIELD=VALUE`` has every acceptance policy say so (``none``: ask for nothing); ``PARAMETER=VALUE`` sets a
    parameter of the rules.

    Raises:
        SettingsError: It names nothing of these, or a value that cannot be meant.
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not name or not value:
        raise SettingsError(f"--set {text[:_SHOWN]}: write NAME=VALUE, such as smeta.validity_months=18")
    subject, _, what = name.partition(".")
    if subject == "policies" and what in _POLICY:
        return _policy(what, value)
    if what == "validity_months":
        return _validity(subject, value)
    spells = [entry for entry in parameters() if entry.name == name]
    if spells:
        return Change(parameter=name, value=_parameter_value(spells[-1], value))
    raise SettingsError(
        f"--set: there is no {name[:_SHOWN]}; what can be set is SCHEME.validity_months for a scheme or family "
        f"({', '.join(sorted(_families()))}), policies.{', policies.'.join(_POLICY)}, and the parameters of "
        "docs/RULES.md"
    )


def _validity(subject: str, value: str) -> Change:
    schemes = _families().get(subject, [subject] if subject in vocabulary("scheme").codes else [])
    if not schemes:
        raise SettingsError(
            f"--set {subject}.validity_months: there is no scheme or family {subject}; there are "
            f"{', '.join(sorted({*_families(), *vocabulary('scheme').codes}))}"
        )
    months = _whole("validity_months", value)
    listed = ", ".join(map(quote_literal, schemes))
    # A grade that fails holds for no time at all under any rule.
    return Change(
        sql=f"update reference.scheme_validity set months_central = {months} "
        f"where scheme in ({listed}) and months_central > 0"
    )


def _families() -> dict[str, list[str]]:
    """Every family with its schemes."""
    return vocabulary("scheme").grouped_by("family")


def _policy(what: str, value: str) -> Change:
    readers: dict[str, Callable[[str], str]] = {
        "max_age_months": lambda text: str(_whole(what, text)),
        "notice_required": partial(_code, what, vocabulary("notice").codes),
        "auditor_requirement": partial(_code, what, ["apsca_member", "accredited_body"]),
        "min_grade": quote_literal,
    }
    written = "null" if value == _NOTHING else readers[what](value)
    return Change(sql=f"update reference.acceptance_policies set {quote_identifier(what)} = {written}")


def _code(what: str, codes: list[str], value: str) -> str:
    if value not in codes:
        raise SettingsError(f"--set policies.{what}={value}: write one of {', '.join([*codes, _NOTHING])}")
    return quote_literal(value)


def _whole(what: str, value: str) -> int:
    if not value.isdecimal() or int(value) > 1200:
        raise SettingsError(f"--set {what}={value}: write a whole number of months, at most 1200")
    return int(value)


def _parameter_value(entry: Parameter, value: str) -> str:
    if isinstance(entry.value, list):
        raise SettingsError(f"--set {entry.name}: it is a list; change it in warehouse/rules/parameters.toml")
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not 0 <= number <= 1e6:
        raise SettingsError(f"--set {entry.name}={value}: write a number from 0 on")
    return str(int(number)) if isinstance(entry.value, int) else f"{number}::double"


def _read_inputs(con: duckdb.DuckDBPyConnection) -> None:
    """Everything that models read: where it is published, reference tables as copies that may be changed."""
    create_schemas(con)
    listed = ", ".join(map(quote_literal, INPUTS))
    tables = con.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'published' and schema_name in "
        f"({listed}) order by all"
    ).fetchall()
    for schema, table in tables:
        name = f"{schema}.{quote_identifier(table)}"
        kind = "table" if schema == "reference" else "view"
        con.execute(f"create {kind} {name} as select * from published.{name}")


def _under(model: Model, changes: list[Change]) -> Model:
    """The model with the changed parameters in it."""
    own = [one for one in changes if one.parameter]
    if model.name != "intermediate.rule_parameters" or not own:
        return model
    replaced = ", ".join(f"{one.value} as {quote_identifier(one.parameter)}" for one in own)
    return replace(model, sql=f"select * replace ({replaced}) from ({model.sql}) as given")
