"""Frames to pictures. Each function draws one figure and returns it with what a reader who cannot see it needs."""

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from conjoin.schemas.vocabularies import vocabulary

mpl.rcParams["svg.hashsalt"] = "conjoin"  # the same figure, the same bytes
mpl.rcParams["font.size"] = 10
mpl.rcParams["axes.spines.top"] = False
mpl.rcParams["axes.spines.right"] = False

_BLUE, _ORANGE, _GREY = "#2f6690", "#d1603d", "#b8c1cc"
_COLOURS = {
    "brand": "#d1603d",
    "initiative": "#2f6690",
    "certification_body": "#7a9e7e",
    "platform": "#8d6a9f",
    "facility": "#c9a227",
    "shared": "#4a4e69",
}


@dataclass(frozen=True)
class Picture:
    """A figure, and its content in words."""

    figure: Figure
    alt: str


def _days(instants: "pd.Series[pd.Timestamp]") -> "np.ndarray[Any, Any]":
    """Instants as matplotlib counts them: days since 1970."""
    return (instants - pd.Timestamp("1970-01-01")).dt.days.to_numpy(dtype=float)


def draw_coverage(months: pd.DataFrame) -> Picture:
    """From when to when each source's audits reach."""
    figure = Figure(figsize=(9, 0.32 * max(len(months), 3) + 1))
    axes = figure.subplots()
    starts = _days(pd.to_datetime(months["month_from"]))
    ends = _days(pd.to_datetime(months["month_to"]) + pd.offsets.MonthEnd(0))
    bars = axes.barh(months["source_title"], ends - starts, left=starts, color=_BLUE, height=0.55)
    rows = [f"{count:,} rows" for count in months["record_count"]]
    axes.bar_label(bars, labels=rows, padding=5, fontsize=8.5, color="#46505e")
    margin = 0.15 * (ends.max() - starts.min())  # room for the last label
    axes.set_xlim(starts.min() - 31, ends.max() + margin)
    axes.invert_yaxis()
    axes.xaxis_date()
    return Picture(
        figure,
        f"{len(months)} sources delivered audits or certificates; each bar reaches from its first to its last month",
    )


def draw_audits_per_site(counts: pd.DataFrame) -> Picture:
    """How many sites had one audit, two, three ..."""
    figure = Figure(figsize=(8, 3.2))
    axes = figure.subplots()
    colours = [_GREY if count == 1 else _ORANGE for count in counts["audit_count"]]
    bars = axes.bar(counts["audit_count"], counts["site_count"], color=colours)
    axes.bar_label(bars, fontsize=9)
    axes.set_xlabel("audits at the site")
    axes.set_ylabel("sites")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    several = int(counts.loc[counts["audit_count"] > 1, "site_count"].sum())
    return Picture(figure, f"{several} of {int(counts['site_count'].sum())} audited sites had more than one audit")


def draw_organisations(pairs: pd.DataFrame) -> Picture:
    """Who orders audits at the same sites as whom."""
    names = sorted(set(pairs["organisation_a"]))
    figure = Figure(figsize=(8.5, 0.45 * max(len(names), 3) + 2))
    axes = figure.subplots()
    grid = pairs.pivot_table(index="organisation_a", columns="organisation_b", values="shared_site_count")
    counts = grid.reindex(index=names, columns=names).to_numpy(dtype=float)
    smallest = int(pairs["smallest_cell"].iloc[0])
    shown = np.where(counts >= smallest, counts, np.nan)
    axes.imshow(shown, cmap="Blues", vmin=0)
    top = np.nanmax(shown, initial=1)
    for row, column in np.argwhere(~np.isnan(counts)):
        value = counts[row, column]
        text = f"{value:.0f}" if value >= smallest else f"<{smallest}"
        colour = "white" if value > 0.6 * top else "#1d2530"
        axes.text(column, row, text, ha="center", va="center", fontsize=8.5, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=40, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    most = pairs.sort_values("shared_site_count", ascending=False, kind="stable").iloc[0]
    finding = f"No two of these {len(names)} organisations meet at {smallest} sites or more"
    if most["shared_site_count"] >= smallest:
        meet = f"{most['organisation_a']} and {most['organisation_b']} meet at {most['shared_site_count']} sites"
        finding = f"{meet}, as many as any two of these {len(names)} organisations"
    return Picture(figure, finding)


def draw_timelines(timelines: pd.DataFrame) -> Picture:
    """The audits of the busiest sites, one line each."""
    ranks = timelines.drop_duplicates("site_rank")
    titles = vocabulary("commissioner_type").titles
    figure = Figure(figsize=(9, 0.36 * max(len(ranks), 3) + 1.4))
    axes = figure.subplots()
    for kind, group in timelines.groupby(timelines["commissioner_type"].fillna("unknown")):
        axes.scatter(
            pd.to_datetime(group["visit_start"]),
            group["site_rank"],
            s=46,
            color=_COLOURS.get(str(kind), _GREY),
            label=titles.get(str(kind), "Not said who"),
            zorder=3,
        )
    covered = timelines[timelines["is_avoidable"].fillna(False)]
    axes.scatter(
        pd.to_datetime(covered["visit_start"]),
        covered["site_rank"],
        s=150,
        facecolors="none",
        edgecolors="#1d2530",
        label="Could have been one visit less",
        zorder=4,
    )
    countries = vocabulary("country").titles
    axes.set_yticks(
        ranks["site_rank"],
        [
            f"Site {rank}, {countries.get(code, 'country unknown')}"
            for rank, code in zip(ranks["site_rank"], ranks["country_code"], strict=True)
        ],
    )
    axes.invert_yaxis()
    visits = pd.to_datetime(timelines["visit_start"])
    years = pd.date_range(visits.min(), visits.max(), freq="YS")
    axes.set_xticks(_days(pd.Series(years)), [str(year) for year in years.year])
    axes.grid(axis="y", color="#e3e8ee", zorder=0)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3, frameon=False, fontsize=8.5)
    return Picture(
        figure,
        f"{len(timelines)} audits at the {len(ranks)} sites with the most audits; "
        f"{len(covered)} of them could have been one visit less",
    )


def draw_avoidable(years: pd.DataFrame) -> Picture:
    """Audits per year, and how many of them could have been one visit less."""
    first, last = int(years["visit_year"].min()), int(years["visit_year"].max())
    counts = years.set_index("visit_year").reindex(range(first, last + 1), fill_value=0)
    labels = [str(year) for year in counts.index]
    if counts["first_year"].iloc[0] < first:
        labels[0] = f"{first} and\nbefore"
    figure = Figure(figsize=(8, 3.2))
    axes = figure.subplots()
    rest = counts["audit_count"] - counts["avoidable_count"]
    axes.bar(labels, rest, color=_GREY, label="Other audits")
    bars = axes.bar(
        labels, counts["avoidable_count"], bottom=rest, color=_ORANGE, label="Could have been one visit less"
    )
    axes.bar_label(bars, labels=[str(count) if count else "" for count in counts["avoidable_count"]], fontsize=9)
    axes.set_ylabel("audits")
    axes.margins(y=0.12)  # room for the labels
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, fontsize=9, loc="upper left")
    total, avoidable = int(counts["audit_count"].sum()), int(counts["avoidable_count"].sum())
    return Picture(
        figure, f"{avoidable} of {total} audits fell within the validity of one that would have covered them"
    )


def draw_days_to_next(gaps: pd.DataFrame) -> Picture:
    """The share of full audits that no other full audit has followed, by days since (Kaplan-Meier)."""
    figure = Figure(figsize=(8, 3.2))
    axes = figure.subplots()
    table = gaps.groupby("wait_days").agg(ended=("is_followed", "sum"), left=("is_followed", "size")).sort_index()
    at_risk = len(gaps) - table["left"].cumsum().shift(fill_value=0)
    share = (1 - table["ended"] / at_risk).cumprod()
    axes.step([0, *share.index], [100, *(100 * share)], where="post", color=_BLUE, linewidth=2)
    axes.axvline(365, color=_GREY, linestyle="--", linewidth=1)
    axes.text(372, 96, "one year", fontsize=8.5, color="#46505e")
    axes.set_ylim(0, 103)
    axes.set_xlim(0, min(int(gaps["wait_days"].max()) if len(gaps) else 365, 1500))
    axes.set_xlabel("days after a full audit")
    axes.set_ylabel("% not yet followed\nby another")
    within = 100 * (1 - share[share.index <= 365].iloc[-1]) if (share.index <= 365).any() else 0
    return Picture(
        figure, f"{within:.0f} % of full audits were followed by another full audit at the site within a year"
    )


def draw_pair_classes(classes: pd.DataFrame) -> Picture:
    """What two audits of one site are to each other."""
    figure = Figure(figsize=(8, 0.36 * max(len(classes), 3) + 0.8))
    axes = figure.subplots()
    colours = [_ORANGE if is_avoidable else _GREY for is_avoidable in classes["is_avoidable"]]
    bars = axes.barh(classes["class_title"], classes["pair_count"], color=colours)
    axes.bar_label(bars, fontsize=9, padding=3)
    axes.invert_yaxis()
    axes.set_xlabel("pairs of audits at one site, at most 36 months apart")
    avoidable = int(classes.loc[classes["is_avoidable"], "pair_count"].sum())
    return Picture(
        figure,
        f"In {avoidable} of {int(classes['pair_count'].sum())} pairs of audits at one site, one visit would have done",
    )


def draw_certainty(sites: pd.DataFrame) -> Picture:
    """How sure we are that the records behind a site are one site."""
    figure = Figure(figsize=(8, 2.8))
    axes = figure.subplots()
    axes.hist(100 * sites["weakest_link_probability"].dropna(), bins=list(range(0, 105, 5)), color=_BLUE)
    axes.set_xlabel("probability of the weakest link within the site, %")
    axes.set_ylabel("sites")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    unsure = int((sites["weakest_link_probability"] < 0.9).sum())
    return Picture(figure, f"{unsure} of {len(sites)} sites with several records rest on a link below 90 %")
