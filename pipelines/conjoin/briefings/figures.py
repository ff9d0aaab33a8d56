"""Frames to pictures. Each function draws one figure and returns it with what a reader who cannot see it needs."""

from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.dates import DateFormatter, YearLocator
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from conjoin.briefings.words import counted, each
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


#: How many audits at a site are told together, and how many years of deliveries are drawn to scale.
_BANDS = ["1", "2", "3", "4", "5", "6 to 9", "10 to 19", "20 and more"]
_YEARS_OF_COVERAGE = 8


@dataclass(frozen=True)
class Picture:
    """A figure, and its content in words."""

    figure: Figure
    alt: str


def _days(instants: "pd.Series[pd.Timestamp]") -> "np.ndarray[Any, Any]":
    """Instants as matplotlib counts them: days since 1970."""
    return (instants - pd.Timestamp("1970-01-01")).dt.days.to_numpy(dtype=float)


def _count_axis(axes: Any) -> None:
    """Whole numbers with separators up the side."""
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def draw_coverage(months: pd.DataFrame) -> Picture:
    """From when to when each source's audits reach; what lies long ago is told, not drawn to scale."""
    figure = Figure(figsize=(9, 0.32 * max(len(months), 3) + 1))
    axes = figure.subplots()
    starts = _days(pd.to_datetime(months["month_from"]))
    ends = _days(pd.to_datetime(months["month_to"]) + pd.offsets.MonthEnd(0))
    first = max(starts.min(), ends.max() - 365.25 * _YEARS_OF_COVERAGE)
    shown = np.maximum(starts, first)
    bars = axes.barh(months["source_title"], np.maximum(ends - shown, 0), left=shown, color=_BLUE, height=0.55)
    for bar, row, start, end in zip(bars, each(months), starts, ends, strict=True):
        told = f"{row.record_count:,} {'row' if row.record_count == 1 else 'rows'}"
        if start < first:
            years = f"{pd.Timestamp(row.month_from):%Y}"
            last = f"{pd.Timestamp(row.month_to):%Y}"
            told += f", since {years}" if end >= first else f", {years if years == last else f'{years} to {last}'}"
        at = (max(bar.get_x() + bar.get_width(), first), bar.get_y() + bar.get_height() / 2)
        axes.annotate(told, at, (5, 0), textcoords="offset points", va="center", fontsize=8.5, color="#46505e")
    margin = 0.2 * (ends.max() - first)  # room for the last label
    axes.set_xlim(first - 31, ends.max() + margin)
    axes.invert_yaxis()
    axes.xaxis_date()
    axes.xaxis.set_major_locator(YearLocator())  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(DateFormatter("%Y"))  # type: ignore[no-untyped-call]
    return Picture(
        figure,
        f"{len(months)} {'source' if len(months) == 1 else 'sources'} delivered audits or certificates; each bar "
        "reaches "
        "from its first to its last month",
    )


def draw_audits_per_site(counts: pd.DataFrame) -> Picture:
    """How many sites had one audit, two, three ..., many."""
    bands = pd.cut(counts["audit_count"], [0, 1, 2, 3, 4, 5, 9, 19, np.inf], labels=_BANDS)
    sites = counts.groupby(bands, observed=False)["site_count"].sum()
    sites = sites[: int(np.flatnonzero(sites.to_numpy())[-1]) + 1]
    figure = Figure(figsize=(8, 3))
    axes = figure.subplots()
    bars = axes.bar(list(sites.index), sites, color=[_GREY if name == "1" else _ORANGE for name in sites.index])
    axes.bar_label(bars, labels=[f"{count:,}" for count in sites], fontsize=9)
    axes.set_xlabel("audits at the site")
    axes.set_ylabel("sites")
    _count_axis(axes)
    several = int(counts.loc[counts["audit_count"] > 1, "site_count"].sum())
    return Picture(figure, f"{several:,} of {int(counts['site_count'].sum()):,} audited sites had more than one audit")


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
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, fontsize=8.5)
    return Picture(
        figure,
        f"{len(timelines):,} audits at the {len(ranks)} sites with the most audits; "
        f"{len(covered)} of them could have been one visit less",
    )


def draw_avoidable(years: pd.DataFrame) -> Picture:
    """Audits per year, and how many of them could have been one visit less; years long ago are told in words."""
    drawn = years[years["first_year"] == years["visit_year"]]
    before = years[years["first_year"] < years["visit_year"]]
    first, last = int(drawn["visit_year"].min()), int(drawn["visit_year"].max())
    counts = drawn.set_index("visit_year").reindex(range(first, last + 1), fill_value=0)
    labels = [str(year) for year in counts.index]
    figure = Figure(figsize=(6.6, 3.1))
    axes = figure.subplots()
    avoidable, rest = counts["avoidable_count"], counts["audit_count"] - counts["avoidable_count"]
    bars = axes.bar(labels, avoidable, color=_ORANGE, label="Could have been one visit less", width=0.65)
    tops = axes.bar(labels, rest, bottom=avoidable, color=_GREY, label="Other audits", width=0.65)
    axes.bar_label(
        tops, labels=[f"{count:,}" if count else "" for count in counts["audit_count"]], fontsize=9, padding=2
    )
    inside = [f"{count:,}" if count > 0.07 * counts["audit_count"].max() else "" for count in avoidable]
    axes.bar_label(bars, labels=inside, label_type="center", fontsize=9, color="white", fontweight="bold")
    axes.margins(y=0.1)  # room for the labels
    axes.set_ylabel("audits")
    _count_axis(axes)
    axes.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2)
    return Picture(figure, trend_in_words(counts, before))


def trend_in_words(counts: pd.DataFrame, before: pd.DataFrame) -> str:
    """How the share of avoidable audits went in the years drawn, and what lies before them."""
    told = counts[counts["audit_count"] > 0]
    shares = [f"{100 * row.avoidable_count / row.audit_count:.0f} % in {row.Index}" for row in each(told)][-3:]
    words = f"Of the audits of a year, these could have been one visit less: {', '.join(shares)}"
    if len(before):
        row = before.iloc[0]
        words += (
            f"; not drawn: {counted(row['audit_count'], 'audit')} from {int(row['first_year'])} to "
            f"{int(row['visit_year'])} ({int(row['avoidable_count']):,} avoidable)"
        )
    return words


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
    axes.bar_label(bars, labels=[f"{count:,}" for count in classes["pair_count"]], fontsize=9, padding=3)
    axes.invert_yaxis()
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
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
    _count_axis(axes)
    unsure = int((sites["weakest_link_probability"] < 0.9).sum())
    return Picture(figure, f"{unsure:,} of {len(sites):,} sites with several records rest on a link below 90 %")
