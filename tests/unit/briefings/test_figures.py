"""Pictures as they are drawn: nothing lies over a label, nothing dwarfs the rest, numbers read alike."""

import datetime as dt
from itertools import combinations

import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from conjoin.briefings import figures


def years(*rows: tuple[int, int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["visit_year", "audit_count", "avoidable_count", "first_year"])


def drawn(figure: Figure) -> FigureCanvasAgg:
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return canvas


@pytest.mark.parametrize("first_bar", [10, 1168])
def test_no_legend_lies_over_a_label_or_a_bar(first_bar: int) -> None:
    """The tallest bar stands under the corner in which the legend used to lie."""
    figure = figures.draw_avoidable(
        years((2023, first_bar, 3, 2023), (2024, 400, 90, 2024), (2025, 30, 2, 2025))
    ).figure
    renderer = drawn(figure).get_renderer()
    axes = figure.axes[0]
    legend = axes.get_legend()
    assert legend is not None
    box = legend.get_window_extent(renderer)
    labels = [text.get_window_extent(renderer) for text in axes.texts if text.get_text()]
    assert len(labels) >= 4
    assert not any(box.overlaps(label) for label in labels)
    assert not any(box.overlaps(bar.get_window_extent(renderer)) for bar in axes.patches)
    assert not any(one.overlaps(other) for one, other in combinations(labels, 2))


def test_years_long_ago_are_told_and_do_not_dwarf_the_rest() -> None:
    picture = figures.draw_avoidable(years((2021, 4000, 7, 2006), (2022, 10, 1, 2022), (2024, 12, 3, 2024)))
    axes = picture.figure.axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["2022", "2023", "2024"]
    assert axes.get_ylim()[1] < 20
    assert "not drawn: 4,000 audits from 2006 to 2021 (7 avoidable)" in picture.alt
    assert "10 % in 2022, 25 % in 2024" in picture.alt


def test_a_first_year_that_is_one_year_is_drawn() -> None:
    picture = figures.draw_avoidable(years((2021, 40, 7, 2021), (2022, 10, 1, 2022)))
    assert len(picture.figure.axes[0].get_xticklabels()) == 2
    assert "not drawn" not in picture.alt


def test_counts_are_written_with_separators_everywhere() -> None:
    picture = figures.draw_audits_per_site(pd.DataFrame({"audit_count": [1, 2, 30], "site_count": [1168, 2300, 4]}))
    axes = picture.figure.axes[0]
    drawn(picture.figure)
    assert [text.get_text() for text in axes.texts][:2] == ["1,168", "2,300"]
    assert "1,000" in [text.get_text() for text in axes.get_yticklabels()]
    assert picture.alt == "2,304 of 3,472 audited sites had more than one audit"


def test_many_audits_at_a_site_share_bars() -> None:
    counts = pd.DataFrame({"audit_count": range(1, 61), "site_count": [1] * 60})
    axes = figures.draw_audits_per_site(counts).figure.axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6 to 9",
        "10 to 19",
        "20 and more",
    ]
    assert [text.get_text() for text in axes.texts] == ["1", "1", "1", "1", "1", "4", "10", "41"]


def test_two_rows_of_long_ago_do_not_stretch_the_axis_of_coverage() -> None:
    months = pd.DataFrame(
        {
            "source_title": ["Old", "New", "Both"],
            "month_from": [dt.date(2007, 1, 1), dt.date(2025, 1, 1), dt.date(2008, 1, 1)],
            "month_to": [dt.date(2008, 1, 1), dt.date(2026, 6, 1), dt.date(2026, 6, 1)],
            "record_count": [2, 1500, 30],
        }
    )
    axes = figures.draw_coverage(months).figure.axes[0]
    assert axes.get_xlim()[0] > (dt.date(2018, 1, 1) - dt.date(1970, 1, 1)).days
    assert [text.get_text() for text in axes.texts] == ["2 rows, 2007 to 2008", "1,500 rows", "30 rows, since 2008"]
