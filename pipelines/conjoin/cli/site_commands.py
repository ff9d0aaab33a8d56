"""Commands on identity: sites, explain."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from conjoin.cli.app import app
from conjoin.cli.output import console, show_frame, show_rows
from conjoin.settings import load_settings

if TYPE_CHECKING:
    from conjoin.briefings.reviewing.explaining import Explanation


@app.command(
    help="Show a site: its records, the link on which it hangs and, with --history, what became of its id.\n\n"
    "Ids that ended lead to the site that took them over.\n\nExample: `conjoin sites CJ5X0ZC2MDKQ1 --history`"
)
def sites(
    site_id: str = typer.Argument(help="A site id, in use or not."),
    history: bool = typer.Option(False, "--history", help="What happened to the id, with dates."),
) -> None:
    """Show a site."""
    from conjoin.briefings.identity import site_file
    from conjoin.warehouse.connection import reader

    with reader(load_settings().warehouse) as con:
        found = site_file(con, site_id.strip().upper())
    console.print(found.verdict, markup=False)
    if history:
        show_frame("History", found.history, limit=200)
    if not found.records.empty:
        show_frame("Records", found.records, limit=50)
    for left, right, probability, sentence in found.weakest_link.itertuples(index=False, name=None):
        console.print(f"Weakest link: {left} and {right}, probability {probability:.2f}. {sentence}", markup=False)


@app.command(
    help="Explain why two records are one site or two: every comparison, its finding and its weight.\n\n"
    "Example: `conjoin explain northwind:7f3a9c2100000000 oshub:1b2c3d4e00000000 --figure why.svg`"
)
def explain(
    record_a: str = typer.Argument(help="A record id."),
    record_b: str = typer.Argument(help="Another record id."),
    figure: Path | None = typer.Option(None, help="Also draw the waterfall: a .svg or .png file."),
) -> None:
    """Explain a pair."""
    from conjoin.briefings.reviewing.explaining import explain_pair
    from conjoin.warehouse.connection import reader

    with reader(load_settings().warehouse) as con:
        found = explain_pair(con, record_a, record_b)
    show_frame("Records", found.records)
    console.print(found.verdict, markup=False)
    if found.steps.empty:
        why = "Nothing had to be compared." if found.decided_by else _NOT_COMPARED
        console.print(why)
        return
    show_rows(
        f"Evidence in bits, {found.link[0]} and {found.link[1]}", ("Comparison", "Finding", "Weight"), _rows(found)
    )
    if figure is not None:
        from conjoin.briefings.waterfall import draw_waterfall, write_picture

        write_picture(draw_waterfall(found.steps, f"{found.link[0]} and {found.link[1]}"), figure)
        console.print(f"Wrote {figure}", markup=False)


_NOT_COMPARED = "No candidate rule brought the two rows together, so nothing was compared."


def _rows(found: "Explanation") -> list[tuple[str, str, str]]:
    """The steps with their sum, what calibration makes of it, and what decided: weights as shown add up."""
    from conjoin.briefings.reviewing.explaining import DECIDED, told_weights

    shown = told_weights(found.steps["evidence_weight"])
    named = found.steps[["comparison", "finding"]].itertuples(index=False, name=None)
    rows = [(name, what, f"{weight:+.2f}") for (name, what), weight in zip(named, shown, strict=True)]
    rows.append(("sum", "", f"{sum(shown):+.2f}"))
    if found.probability is not None:
        if abs(found.calibration) >= 0.005:
            rows.append(("calibration", "what pairs of such evidence turned out to be", f"{found.calibration:+.2f}"))
        rows.append(("probability", "of one site, by the evidence on these two alone", f"{found.probability:.3f}"))
    if found.decided_by:
        rows.append(("decided by", DECIDED.get(found.decided_by, found.decided_by), ""))
    if found.veto:
        rows.append(("veto", found.veto, ""))
    return rows
