"""What the overlap briefing asks of the published marts: one function per figure or box, each returning a frame.

Every function narrows to one ``Scope``. Rows that only their owner or case workers may see are left out of all of it;
rows that members may see in totals only are left out of what is shown per site.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from conjoin.schemas.vocabularies import vocabulary
from conjoin.warehouse.connection import reader

#: How far timelines look back from the last visit in scope, and how many years stand apart before they are lumped.
RECENT_YEARS = 5
_TOTALS = "visibility in ('public', 'consortium_site', 'consortium_aggregate')"
_PER_SITE = "visibility in ('public', 'consortium_site')"


@dataclass(frozen=True)
class Scope:
    """What a briefing speaks of.

    Attributes:
        warehouse: The published file.
        country: ISO code; None for all.
        from_date: First day of visits; None for no limit.
        to_date: Last day of visits; None for no limit.
    """

    warehouse: Path
    country: str | None = None
    from_date: date | None = None
    to_date: date | None = None

    @classmethod
    def of(cls, warehouse: str, country: str | None, from_date: str | None, to_date: str | None) -> "Scope":
        """A scope from the plain values of a notebook's parameters."""
        bounds = [date.fromisoformat(text) if text else None for text in (from_date, to_date)]
        return cls(Path(warehouse), country, *bounds)

    @property
    def title(self) -> str:
        """The scope in words."""
        place = vocabulary("country").titles[self.country] if self.country else "all countries"
        start = self.from_date.isoformat() if self.from_date else "the beginning"
        end = self.to_date.isoformat() if self.to_date else "the last delivery"
        return f"{place}, visits from {start} to {end}"

    def ask(self, sql: str) -> pd.DataFrame:
        """The answer to ``sql``; ``events`` stands for the counted audit events in scope that may enter totals."""
        scoped = f"""
            with events as (
                select events.*, sites.country_code
                from marts.audit_events as events inner join marts.sites as sites on events.site_id = sites.site_id
                where events.counts_as_audit and events.{_TOTALS}
                    and ($country::varchar is null or sites.country_code = $country)
                    and ($from_date::date is null or events.visit_start >= $from_date)
                    and ($to_date::date is null or events.visit_start <= $to_date)
            ) {sql}
        """
        given = {"country": self.country, "from_date": self.from_date, "to_date": self.to_date}
        with reader(self.warehouse) as con:
            return con.execute(scoped, given).df()


def headline(scope: Scope) -> pd.DataFrame:
    """One row: audits, sites, avoidable audits, auditor days (low, central, high of what was avoidable), estimates."""
    return scope.ask(
        "select count(*) as audit_count, count(distinct site_id) as site_count, "
        "count(*) filter (where is_avoidable) as avoidable_count, "
        "count(*) filter (where avoidable_now) as avoidable_now_count, "
        "sum(auditor_days_low) filter (where is_avoidable) as days_low, "
        "sum(auditor_days) filter (where is_avoidable) as days_central, "
        "sum(auditor_days_high) filter (where is_avoidable) as days_high, "
        "count(*) filter (where days_estimated) as estimated_count, "
        "sum(1 - event_probability) as doubtful_audits from events"
    )


def coverage(scope: Scope) -> pd.DataFrame:
    """One row per source and kind of record that enters a briefing (cases do not): rows, first and last month."""
    return scope.ask(
        "select any_value(coverage.source_title) as source_title, coverage.source_name, coverage.source_kind, "
        "coverage.record_kind, sum(coverage.record_count)::bigint as record_count, "
        "min(coverage.month_from) as month_from, max(coverage.month_to) as month_to "
        "from marts.data_coverage as coverage "
        "where coverage.record_kind <> 'complaints' "
        "and ($country::varchar is null or coverage.country_code = $country) "
        "group by coverage.source_name, coverage.source_kind, coverage.record_kind "
        "order by coverage.source_kind, coverage.source_name, coverage.record_kind"
    )


def audit_months(coverage: pd.DataFrame) -> pd.DataFrame:
    """One row per source that delivered audits or certificates: rows, and the months from and to which they reach."""
    audits = coverage[coverage["record_kind"].isin(["audit_records", "certificates"]) & coverage["month_from"].notna()]
    return audits.groupby("source_title", sort=False, as_index=False).agg(
        month_from=("month_from", "min"), month_to=("month_to", "max"), record_count=("record_count", "sum")
    )


def freshness(scope: Scope) -> pd.DataFrame:
    """One row per source and feed that is stale: last file and the reason."""
    return scope.ask(
        "select source_title, feed, last_landed_file_name, stale_reason, rows_refused_count "
        "from marts.source_freshness where is_stale order by source_title, feed"
    )


def audits_per_site(scope: Scope) -> pd.DataFrame:
    """One row per number of audits: how many sites had so many, and how many parties ordered them at most."""
    return scope.ask(
        "select audit_count, count(*) as site_count from (select site_id, count(*) as audit_count from events "
        "group by site_id) group by audit_count order by audit_count"
    )


def organisations_that_meet(scope: Scope, most: int = 14) -> pd.DataFrame:
    """One row per two organisations that ordered audits at a common site; facilities themselves are left out.

    ``smallest_cell`` is the number of sites from which a cell may be shown, as the rules in force had it.
    """
    return scope.ask(
        ", orders as (select * from events where commissioner is not null and commissioner_type is distinct from "
        "'facility'), largest as (select commissioner from orders group by commissioner "
        f"order by count(distinct site_id) desc, commissioner limit {most}) "
        "select a.commissioner as organisation_a, b.commissioner as organisation_b, "
        "count(distinct a.site_id) as shared_site_count, "
        "(select smallest_cell from intermediate.rule_parameters) as smallest_cell from orders as a "
        "inner join orders as b on a.site_id = b.site_id and a.commissioner <> b.commissioner "
        "where a.commissioner in (select commissioner from largest) "
        "and b.commissioner in (select commissioner from largest) "
        "group by all order by organisation_a, organisation_b"
    )


def smallest_cell(scope: Scope) -> int:
    """How many sites a cell must rest on to be shown: the parameter of the rules in force when the file was built."""
    return int(scope.ask("select smallest_cell from intermediate.rule_parameters")["smallest_cell"].iloc[0])


def busiest_timelines(scope: Scope, most: int = 10) -> pd.DataFrame:
    """One row per audit of recent years at the busiest sites, which are numbered, never named."""
    return scope.ask(
        f", recent as (select * from events where {_PER_SITE} and visit_start > "
        f"(select max(visit_start) from events) - interval {RECENT_YEARS} years) "
        "select site_rank, country_code, visit_start, commissioner_type, is_avoidable from ("
        "select counted.*, dense_rank() over (order by site_audits desc, site_id) as site_rank from ("
        "select *, count(*) over (partition by site_id) as site_audits from recent) as counted) "
        f"where site_rank <= {most} order by site_rank, visit_start, event_id"
    )


def avoidable_by_year(scope: Scope) -> pd.DataFrame:
    """One row per year: all audits, and those that could have been one visit less; the first holds all before it."""
    return scope.ask(
        "select greatest(year(visit_start), (select max(year(visit_start)) from events) "
        f"- {RECENT_YEARS}) as visit_year, count(*) as audit_count, "
        "count(*) filter (where is_avoidable) as avoidable_count, min(year(visit_start)) as first_year "
        "from events where visit_start is not null group by visit_year order by visit_year"
    )


def days_to_next_audit(scope: Scope) -> pd.DataFrame:
    """One row per full audit: days to the next full audit at the site, or to the last day known (is_followed false)."""
    return scope.ask(
        ", full_audits as (select site_id, event_id, visit_start, lead(visit_start) over (partition by site_id "
        "order by visit_start, event_id) as next_start, max(visit_start) over () as last_day from events "
        "where visit_start is not null and audit_kind in (select code from vocabulary.audit_kind where is_full)) "
        "select date_diff('day', visit_start, coalesce(next_start, last_day)) as days, "
        "next_start is not null as is_followed from full_audits where visit_start < last_day order by days, event_id"
    )


def pair_classes(scope: Scope) -> pd.DataFrame:
    """One row per class of audit pairs at one site: how many pairs, and at how many sites."""
    return scope.ask(
        "select classes.pair_class, classes.class_title, classes.is_avoidable, count(*) as pair_count, "
        "count(distinct pairs.site_id) as site_count "
        "from marts.audit_pairs as pairs inner join events as later on pairs.event_id_b = later.event_id "
        "inner join marts.pair_classes as classes on pairs.pair_class = classes.pair_class "
        f"where pairs.{_TOTALS} group by all order by pair_count desc, classes.pair_class"
    )


def identity_certainty(scope: Scope) -> pd.DataFrame:
    """One row per site with several records: the probability of its weakest link, and its number of sources."""
    return scope.ask(
        "select site_id, source_count, weakest_link_probability from marts.sites "
        "where record_count > 1 and ($country::varchar is null or country_code = $country) "
        "order by weakest_link_probability, site_id"
    )
