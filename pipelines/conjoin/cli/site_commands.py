"""Commands on identity, and the desk at which people work: sites, explain, desk."""

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
        from conjoin.briefings.reviewing.waterfall import draw_waterfall, write_picture

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


@app.command(
    help="Open the desk in a browser: overview, sites, review, questions, reference tables.\n\n"
    "It shows the published warehouse, or a reader's pack. Only this machine can reach it, through a link that works "
    "once; for others name --host, --certificate and --key.\n\nExample: `conjoin desk`"
)
def desk(
    warehouse: Path | None = typer.Argument(
        None, help="A pack's folder or a warehouse file; the published one if none."
    ),
    port: int = typer.Option(0, min=0, max=65535, help="The port; any free one when left out."),
    host: str = typer.Option("127.0.0.1", help="Where to listen; beyond this machine only with a certificate."),
    certificate: Path | None = typer.Option(None, help="A certificate as PEM file, for TLS."),
    key: Path | None = typer.Option(None, help="Its private key as PEM file."),
    links: int = typer.Option(1, min=1, max=50, help="How many one-time links to print, one for each person."),
) -> None:
    """Serve the desk."""
    from conjoin.desk.app import open_desk
    from conjoin.desk.serve import Place, serve

    opened = open_desk(load_settings(), warehouse)
    if opened.why_read_only:
        console.print(opened.why_read_only, markup=False, soft_wrap=True)

    def tell(link: str) -> None:
        console.print(f"Open in your browser; the link works once: {link}", markup=False, soft_wrap=True)

    serve(opened, Place(host, port, certificate, key), links, tell)
