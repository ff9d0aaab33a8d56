"""The smallest set of joint visits that serves every planned visit of a site, as a plan by months."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from conjoin.briefings.emptiness import RestsOn
from conjoin.briefings.queries import QuerySidecar, Question
from conjoin.errors import ConjoinError

#: How many months a planned visit may be moved to meet another.
DEFAULT_SHIFT_MONTHS = 1
#: What the plan is drawn from.
RESTS_ON = RestsOn(
    what="planned visits still to come",
    table="marts.planned_overlaps",
    day="visit_month",
    meets="needs a visit of its own: an audit already there serves each",
    set_aside=["cancelled", "planned_without_a_day", "planned_day_has_passed", "planned_and_done_since"],
)
#: The plan as an answer: what its columns are, and what adds up.
PLAN = Question(
    "",
    "joint_visits",
    "",
    QuerySidecar(
        title="Planned visits that no audit would serve, by the months in which the fewest visits serve them",
        description="Planned visits that another party's audit will not serve, each with the month in which one visit "
        "would serve several of its site.",
        grain="one row per planned visit",
        columns=[
            "site_id", "record_id", "commissioner", "scheme", "visit_month", "joint_month", "visits_planned",
            "visits_needed", "visits_saved",
        ],
        narrow=["site_id", "commissioner", "scheme", "visit_month", "joint_month"],
        rests_on=RESTS_ON,
        own_columns={
            name: {"type": kind, "heading": heading, "description": meaning}
            for name, kind, heading, meaning in (
                ("joint_month", "date", "Joint month", "The month in which the visit would be served."),
                ("visits_planned", "integer", "Planned there", "Visits planned at the site."),
                ("visits_needed", "integer", "Needed there", "The fewest visits that would serve them."),
                ("visits_saved", "integer", "Saved there", "Visits that need not be made."),
            )
        },
    ),
)  # fmt: skip


def joint_visit_plan(
    con: duckdb.DuckDBPyConnection, country: str | None = None, shift_months: int = DEFAULT_SHIFT_MONTHS
) -> pd.DataFrame:
    """Planned visits with the month in which each would be served by the fewest visits.

    Args:
        con: A connection to a published warehouse.
        country: ISO code; None for all.
        shift_months: How many months a visit may be moved, earlier or later.

    Returns:
        One row per planned visit, key record_id, ordered by site and month: ``visit_month`` as planned,
        ``joint_month`` as served, ``visits_planned`` and ``visits_needed`` of the site, ``visits_saved``. Months only:
        days of planned visits stay with their owners. Visits that an audit already there would serve are left out.
    """
    planned = con.execute(
        "select planned.site_id, planned.record_id, planned.commissioner, planned.scheme, planned.visit_month "
        "from marts.planned_overlaps as planned inner join marts.sites as sites on planned.site_id = sites.site_id "
        "where planned.accepted_event_count = 0 and ($country::varchar is null or sites.country_code = $country) "
        "order by planned.site_id, planned.visit_month, planned.record_id",
        {"country": country},
    ).df()
    columns = [*planned.columns, "joint_month", "visits_planned", "visits_needed", "visits_saved"]
    if planned.empty:
        return planned.reindex(columns=columns)
    by_site = planned.groupby("site_id")
    # Most sites: every visit in one month already, so that there is nothing to solve.
    is_one_month = by_site["visit_month"].transform("nunique") == 1
    count = by_site["visit_month"].transform("size")
    together = planned.assign(
        joint_month=pd.to_datetime(planned["visit_month"]).dt.date,
        visits_planned=count,
        visits_needed=1,
        visits_saved=count - 1,
    )[is_one_month]
    apart = planned[~is_one_month].groupby("site_id", sort=True)
    parts = [together, *(_with_joint_months(site, shift_months) for _, site in apart)]
    return pd.concat(parts).sort_index().reset_index(drop=True)[columns]


def fewest_months(months: list[int], shift_months: int) -> list[int]:
    """For each planned month the month in which it is served, such that the fewest different months are used.

    A cover of the visits by months within reach, solved exactly as an integer programme.

    Args:
        months: Months as running numbers, one per planned visit.
        shift_months: How far a visit may be moved.

    Raises:
        ConjoinError: The solver gives up, which a problem of this kind never makes it do.
    """
    choices = sorted({month + move for month in months for move in range(-shift_months, shift_months + 1)})
    reach = np.abs(np.subtract.outer(months, choices)) <= shift_months
    # Of equally few visits, those that move least: all moves together weigh less than one visit.
    moves = np.abs(np.subtract.outer(months, choices)).min(axis=0)
    cost = 1 + moves / (1 + moves.sum())
    solved = milp(
        cost,
        constraints=LinearConstraint(reach.astype(float), lb=1),
        integrality=np.ones(len(choices), dtype=np.int64),
        bounds=Bounds(0, 1),
    )
    if not solved.success:
        raise ConjoinError(f"no plan of joint visits was found: {solved.message}")
    used = np.flatnonzero(solved.x > 0.5)
    nearest = np.abs(np.subtract.outer(months, np.array(choices)[used])).argmin(axis=1)
    return [choices[used[place]] for place in nearest]


def _with_joint_months(site: pd.DataFrame, shift_months: int) -> pd.DataFrame:
    months = [month.year * 12 + month.month - 1 for month in pd.to_datetime(site["visit_month"])]
    served = fewest_months(months, shift_months)
    visits = len(set(served))
    return site.assign(
        joint_month=[date(month // 12, month % 12 + 1, 1) for month in served],
        visits_planned=len(site),
        visits_needed=visits,
        visits_saved=len(site) - visits,
    )
