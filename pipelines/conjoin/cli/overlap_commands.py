"""Commands on overlap with a party that shares no list: overlap identity, agree, sign, offer, answer, count, open, end.

Each step reads files and writes one; people carry the files to each other.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import typer

from conjoin.cli.app import app
from conjoin.cli.output import command_name, console, errors, shown_path
from conjoin.settings import load_settings

overlap = typer.Typer(
    no_args_is_help=True,
    help="Count the sites that your list and another party's have in common, without showing either list.\n\n"
    "By signed files that you send each other; docs/OVERLAP.md leads two people through it.\n\n"
    "Example: `conjoin overlap identity ours.key`",
)
app.add_typer(overlap, name="overlap")

_AGREEMENT = typer.Argument(help="The agreement; all files of the run lie beside it.")


@overlap.command(
    help="Make your key pair: the private half stays with you, the public half goes into agreements.\n\n"
    "Example: `conjoin overlap identity ours.key`"
)
def identity(file: Path = typer.Argument(help="The file to write the private half to.")) -> None:
    """Make a key pair."""
    from conjoin.tools.overlap.signing import make_identity

    public = make_identity(file)
    console.print(f"Wrote {file}, your private key: keep it, and give it to nobody.", markup=False, soft_wrap=True)
    console.print(f"Wrote {public}, its public half: give it to the other side.", markup=False, soft_wrap=True)


@overlap.command(
    help="Write an agreement for both to read and sign.\n\n"
    "Example: `conjoin overlap agree agreement.toml --purpose 'Joint visits' --offering 'Fjord' --offering-key ours.pub"
    " --answering 'Quay' --answering-key theirs.pub --largest-list 5000`"
)
def agree(
    file: Path = typer.Argument(help="The TOML file to write."),
    purpose: str = typer.Option(..., help="What the result is for."),
    offering: str = typer.Option(..., help="Name of the party that sends first and counts."),
    offering_key: str = typer.Option(..., help="Its public key, or the file that holds it."),
    answering: str = typer.Option(..., help="Name of the party that answers."),
    answering_key: str = typer.Option(..., help="Its public key, or the file that holds it."),
    largest_list: int = typer.Option(..., help="Rows of either list, at most."),
    mode: str = typer.Option("count", help="count: how many; candidates: which rows a clean team may link."),
    smallest_result: int = typer.Option(3, help="Below this only 'fewer than' is told; 3 or more."),
    largest_share: float = typer.Option(0.5, help="Share of a side's rows, at most, that a clean team may see."),
    days: int = typer.Option(30, min=1, max=366, help="For how many days it can be used."),
    run: str = typer.Option("", help="A run id never used before; made up when left out."),
) -> None:
    """Write an agreement."""
    from datetime import timedelta

    from conjoin.tools.overlap.agreement import new_run_id, write_agreement
    from conjoin.tools.overlap.signing import public_key_in

    wanted = {
        "run": run or new_run_id(),
        "purpose": purpose,
        "mode": mode,
        "largest_list": largest_list,
        "smallest_result": smallest_result,
        "largest_share": largest_share,
        "expires": _today() + timedelta(days=days),
        "offering": {"name": offering, "key": public_key_in(offering_key)},
        "answering": {"name": answering, "key": public_key_in(answering_key)},
    }
    made = write_agreement(file, wanted)
    console.print(f"Wrote {file}: run {made.run}, mode {made.mode}, for {days} days.", markup=False, soft_wrap=True)
    console.print(
        f"Both read it and sign it: {command_name()} overlap sign {file} LIST --key KEY", markup=False, soft_wrap=True
    )


@overlap.command(
    help="Sign an agreement, and bind yourself to your list without showing it.\n\n"
    "Example: `conjoin overlap sign agreement.toml sites.csv --key ours.key`"
)
def sign(
    agreement: Path = _AGREEMENT,
    lists: list[Path] = typer.Argument(exists=True, dir_okay=False, help="Your list: files as for `conjoin link`."),
    key: Path = typer.Option(..., help="Your private key."),
) -> None:
    """Sign an agreement."""
    from conjoin.tools.overlap.taking_part import sign_agreement

    path, own = sign_agreement(load_settings(), agreement, lists, key, _today())
    for notice in own.notices:
        errors.print(notice, markup=False)
    console.print(f"Your list: {own.row_count:,} rows, {len(own.rows_of):,} keys.", markup=False, soft_wrap=True)
    if own.mute_count:
        console.print(f"{own.mute_count:,} rows say too little to be found in common.", markup=False, soft_wrap=True)
    _send(path)


@overlap.command(
    help="The offering side: hide your list and write the offer.\n\nExample: `conjoin overlap offer agreement.toml`"
)
def offer(agreement: Path = _AGREEMENT) -> None:
    """Write the offer."""
    from conjoin.tools.overlap.exchange import offer as write_offer

    _send(write_offer(load_settings(), agreement, _today()))


@overlap.command(
    help="The answering side: hide what was offered once more, and your own list.\n\n"
    "Example: `conjoin overlap answer agreement.toml run-offer.json`"
)
def answer(agreement: Path = _AGREEMENT, received: Path = typer.Argument(help="The offer.")) -> None:
    """Write the answer."""
    from conjoin.tools.overlap.exchange import answer as write_answer

    _send(write_answer(load_settings(), agreement, received, _today()))


@overlap.command(
    help="Tell how many sites both have, and end the run: the offering side from the answer, the answering side from "
    "the result.\n\nExample: `conjoin overlap count agreement.toml run-answer.json`"
)
def count(agreement: Path = _AGREEMENT, received: Path = typer.Argument(help="The answer, or the result.")) -> None:
    """Count."""
    from conjoin.tools.overlap.exchange import count as count_common

    found = count_common(load_settings(), agreement, received, _today())
    console.print(f"Sites in common: {found}.", markup=False)
    if found.result:
        _send(found.result)


@overlap.command(
    name="open",
    help="Write your rows that may be common, for a clean team, and end the run; under an agreement of mode candidates "
    "only.\n\nExample: `conjoin overlap open agreement.toml run-answer.json --out ours.csv`",
)
def open_command(
    agreement: Path = _AGREEMENT,
    received: Path = typer.Argument(help="The answer or, on the answering side, the common points."),
    out: Path = typer.Option(..., help="The CSV file to write."),
) -> None:
    """Open the candidates."""
    from conjoin.tools.overlap.opening import open_candidates

    found = open_candidates(load_settings(), agreement, received, out, _today())
    if found.shown_count:
        share = f"{found.shown_count:,} of your {found.row_count:,} rows ({found.shown_count / found.row_count:.1%})"
        console.print(f"Wrote {out}, for the clean team alone: {share}.", markup=False, soft_wrap=True)
    else:
        console.print(f"Fewer than {found.smallest} of your rows may be common: nothing is opened.", markup=False)
    if found.common:
        _send(found.common)


@overlap.command(
    help="Give a run up: its secret is destroyed, and its agreement serves no more.\n\n"
    "Example: `conjoin overlap end agreement.toml`"
)
def end(agreement: Path = _AGREEMENT) -> None:
    """Give a run up."""
    from conjoin.tools.overlap.exchange import give_up

    console.print(f"Ended run {give_up(load_settings(), agreement)}; its secret is destroyed.", markup=False)


def _send(path: Path) -> None:
    console.print(f"Send to the other side: {shown_path(path)}", markup=False, soft_wrap=True)


def _today() -> date:
    return datetime.now(UTC).date()
