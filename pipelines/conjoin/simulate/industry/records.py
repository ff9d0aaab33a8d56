"""What is known of the events: results, scope, size; certificates, complaints and findings that belong to them."""

import numpy as np
import pandas as pd

from conjoin.simulate.industry.programmes import INVESTIGATORS
from conjoin.simulate.industry.stories import story_sites
from conjoin.simulate.industry.truth import AS_OF, START, chosen, days_after, stacked

TOPICS = (
    "wages",
    "working_hours",
    "overtime_pay",
    "osh",
    "foa_cb",
    "discrimination",
    "regular_employment",
    "harsh_treatment",
)
_PARTIAL_SCOPES = ("wages|working_hours", "osh", "overtime_pay|working_hours", "foa_cb", "wages|overtime_pay", "wages")
_CASES = (
    ("ccc", "urgent_appeal", 0.03),
    ("fair_wear", "helpline_complaint", 0.05),
    ("fla", "third_party_complaint", 0.02),
    ("wrc", "investigation", 0.03),
)
_CASE_STATUS = ("filed", "investigated", "grounded", "ungrounded", "remediation", "resolved", "closed")
_FINDINGS_PER_AUDIT = 1.6
_CORRECTION_DAYS = 90  # until a corrective action is due
_BSCI_GRADES = ("A", "B", "C", "D", "E", "Zero Tolerance")
_BSCI_SHARES = (0.12, 0.22, 0.42, 0.18, 0.05, 0.01)
_WRAP_YEARS = {"Platinum": 2, "Gold": 1}
_BANDS = ("minor", "major", "critical")


def build_cases(rng: np.random.Generator, site_count: int, in_stories: pd.DataFrame) -> pd.DataFrame:
    """Complaints at sites; one row per case, key ``true_case_id``. At a site with a story, those of the story alone."""
    told = in_stories.assign(initiative="ccc", case_kind="urgent_appeal", scheme=None, topic="wages")
    parts = [told.assign(case_status="grounded")]
    for initiative, kind, share in _CASES:
        sites = np.flatnonzero((rng.random(site_count) < share) & ~story_sites(site_count))
        days = rng.integers(0, (AS_OF - START).days - 60, len(sites))
        month = pd.Series(days_after(START, days)).dt.to_period("M").dt.to_timestamp("s")
        cases = pd.DataFrame({"site_index": sites, "complaint_month": month})
        cases["initiative"], cases["case_kind"] = initiative, kind
        cases["scheme"] = INVESTIGATORS[initiative][0] if initiative in INVESTIGATORS else None
        cases["topic"] = chosen(rng, TOPICS, len(sites))
        cases["case_status"] = chosen(rng, _CASE_STATUS, len(sites))
        parts.append(cases)
    cases = stacked(parts)
    cases["true_case_id"] = "K" + pd.Series(np.arange(1, len(cases) + 1)).astype(str).str.zfill(6)
    cases["case_id"] = cases["true_case_id"]
    return cases


def with_results(rng: np.random.Generator, events: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """The events with grade, severity, scope, validity, effort, size of the site and who may see the report."""
    count, done = len(events), events["audit_status"].eq("done")
    events = events.copy()
    visited = done & events["visit_start"].notna() & ~events["audit_kind"].isin(["self_assessment", "pilot"])
    events["severity_band"] = (
        pd.Series(rng.choice(_BANDS, count, p=(0.6, 0.32, 0.08))).astype(object).where(visited, None)
    )
    is_bsci = events["scheme"].eq("bsci") & visited
    grade = pd.Series(rng.choice(_BSCI_GRADES, count, p=_BSCI_SHARES))
    grade = events["story_grade"].where(events["story_grade"].notna(), grade)
    bands = grade.map(
        dict(zip(_BSCI_GRADES, ("minor", "minor", "minor", "major", "critical", "critical"), strict=True))
    )
    events["grade_raw"] = grade.astype(object).where(is_bsci, None)
    events["severity_band"] = bands.astype(object).where(is_bsci, events["severity_band"])
    in_story = events["story"].notna()
    events.loc[in_story & visited & ~is_bsci, "severity_band"] = "minor"
    months = grade.map({"A": 24, "B": 24, "C": 12, "D": 12}).where(is_bsci)
    events["valid_to"] = _months_later(events["uploaded_date"].where(is_bsci), months)
    scopes = pd.Series(chosen(rng, _PARTIAL_SCOPES, count))
    partial = events["audit_kind"].isin(["followup_partial", "desktop"])
    given = events["topics_in_scope"].where(events["topics_in_scope"].notna(), None)
    events["topics_in_scope"] = given.where(~partial, scopes)
    events.loc[events["scheme"].eq("accord"), "topics_in_scope"] = "osh"
    events.loc[events["scheme"].eq("fem"), "topics_in_scope"] = "environment"
    events.loc[events["scheme"].eq("jo_in"), "topics_in_scope"] = "foa_cb|wages|working_hours"
    site = events["site_index"].to_numpy()
    grown = events["dated"] > sites["grown_date"].iloc[site].to_numpy()
    size = sites["worker_count"].to_numpy()[site] * np.where(grown, 1.6, 1.0) * rng.normal(1, 0.02, count)
    events["worker_count"] = np.maximum(events["story_workers"].fillna(pd.Series(size)).astype(int), 10)
    auditors = np.select([events["worker_count"] > 1200, events["worker_count"] > 250], [2.0, 1.5], 1.0)
    events["auditor_days"] = pd.Series(auditors * events["visit_days"]).where(
        visited & events["audit_kind"].ne("desktop")
    )
    shareable = rng.random(count) < np.where(events["scheme"].eq("brand_programme"), 0.35, 0.85)
    events["is_report_shareable"] = np.where((shareable | in_story) & done, "true", "false")
    return events


def _months_later(dates: pd.Series, months: pd.Series) -> pd.Series:
    later = pd.Series(pd.NaT, index=dates.index, dtype="datetime64[s]")
    for count in (12, 24):
        chosen_rows = months.eq(count) & dates.notna()
        later[chosen_rows] = dates[chosen_rows] + pd.DateOffset(months=count)
    return later


def build_certificates(rng: np.random.Generator, events: pd.DataFrame) -> pd.DataFrame:
    """Certificates that visits led to; one row per certificate, key ``true_certificate_id``."""
    stages = events["audit_kind"].isin(["certification_stage", "recertification"]) & events["audit_status"].eq("done")
    found = events[stages & events["scheme"].isin(["sa8000", "wrap"])].copy().reset_index(drop=True)
    level = pd.Series(rng.choice(list(_WRAP_YEARS), len(found), p=(0.3, 0.7)), dtype=object)
    years = np.where(found["scheme"] == "sa8000", 3, level.map(_WRAP_YEARS))
    found["grade_raw"] = level.where(found["scheme"] == "wrap", None)
    found["scheme_version"] = pd.Series(np.where(found["scheme"] == "sa8000", "2014", ""), dtype=object).replace(
        "", None
    )
    found["certification_body"] = found["audit_firm"].where(found["scheme"] == "sa8000", "WRAP")
    found["first_issued_date"] = found.groupby(["site_index", "scheme"])["issued_date"].transform("min")
    found["valid_to"] = (
        _months_later(found["issued_date"], pd.Series(years * 12)) if len(found) else found["issued_date"]
    )
    three = pd.Series(years, dtype=float).eq(3)
    found.loc[three, "valid_to"] = found.loc[three, "issued_date"] + pd.DateOffset(years=3)
    withdrawn = rng.random(len(found)) < 0.05
    found["withdrawn_date"] = (found["issued_date"] + pd.Timedelta(days=120)).where(withdrawn)
    found.loc[found["withdrawn_date"] > AS_OF, "withdrawn_date"] = pd.NaT
    status = np.select([found["withdrawn_date"].notna(), found["valid_to"] < AS_OF], ["withdrawn", "expired"], "active")
    found["certificate_status"] = status
    found["true_certificate_id"] = "Z" + pd.Series(np.arange(1, len(found) + 1)).astype(str).str.zfill(6)
    found["certificate_id"] = found["true_certificate_id"]
    columns = ["true_certificate_id", "certificate_id", "true_event_id", "site_index", "scheme", "scheme_version"]
    columns += ["certificate_status", "certification_body", "first_issued_date", "issued_date", "valid_to"]
    return found[[*columns, "withdrawn_date", "grade_raw", "worker_count"]]


def build_findings(rng: np.random.Generator, events: pd.DataFrame) -> pd.DataFrame:
    """What audits found, by topic; one row per finding, key ``true_finding_id``, one per audit and topic at most."""
    audited = events["audit_status"].eq("done") & ~events["audit_kind"].isin(
        ["self_assessment", "observation", "desktop"]
    )
    audited &= events["story"].isna()  # a story says all that there is to its visits
    found = events[audited & ~events["scheme"].isin(["sa8000", "wrap", "fem", "accord"])]
    rows = np.repeat(np.arange(len(found)), rng.poisson(_FINDINGS_PER_AUDIT, len(found)))
    findings = found.iloc[rows][["true_event_id", "site_index", "scheme", "issued_date"]].reset_index(drop=True)
    findings["topic"] = chosen(rng, TOPICS, len(findings))
    findings["clause"] = (1 + rng.integers(0, 9, len(findings))).astype(str)
    findings = findings.drop_duplicates(["true_event_id", "topic"], ignore_index=True)
    count = len(findings)
    findings["finding_kind"] = rng.choice(["noncompliance", "risk", "observation"], count, p=(0.8, 0.1, 0.1)).astype(
        object
    )
    findings["severity_band"] = rng.choice(_BANDS, count, p=(0.6, 0.35, 0.05)).astype(object)
    findings["finding_status"] = rng.choice(["open", "in_progress", "closed"], count, p=(0.4, 0.2, 0.4)).astype(object)
    findings["correction_due_date"] = findings["issued_date"] + pd.Timedelta(days=_CORRECTION_DAYS)
    closed = findings["issued_date"] + pd.to_timedelta(rng.integers(10, 120, count), unit="D")
    findings["closed_date"] = closed.where(findings["finding_status"].eq("closed") & (closed <= AS_OF))
    findings["true_finding_id"] = "F" + pd.Series(np.arange(1, count + 1)).astype(str).str.zfill(7)
    findings["finding_id"] = findings["true_finding_id"]
    return findings.drop(columns="issued_date")
