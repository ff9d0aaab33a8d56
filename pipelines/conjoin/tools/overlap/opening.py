"""The end of a run of mode ``candidates``: each side writes the rows that may be common, for a clean team to link.

Neither side sees the other's rows. The clean team gets both files and runs ``conjoin link`` on them alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from conjoin.errors import MessageRefused, OverlapError
from conjoin.settings import Settings
from conjoin.sheets import write_csv
from conjoin.sql import quote_identifier
from conjoin.tools.link_files import COLUMNS, load_files
from conjoin.tools.overlap.exchange import in_digits, own_points, read_answer, refuse_mode, secret_of, send
from conjoin.tools.overlap.group import hidden
from conjoin.tools.overlap.messages import Wanted, read_message, read_points
from conjoin.tools.overlap.taking_part import OwnList, Side, committed_list, take_part
from conjoin.warehouse.connection import workbench


@dataclass(frozen=True)
class Opened:
    """What one side gives to the clean team.

    Attributes:
        shown_count: Rows in the file; 0 if fewer than ``smallest`` are common, then there is no file.
        row_count: Rows of the list.
        smallest: Fewer common rows than this are not opened.
        common: The message to send to the other side, if there is one to send.
    """

    shown_count: int
    row_count: int
    smallest: int
    common: Path | None = None


def open_candidates(settings: Settings, agreement_path: Path, received: Path, out: Path, today: date) -> Opened:
    """Write this side's rows that share a key with the other side's list, and end the run here.

    Args:
        settings: Where the private folder of the run is.
        agreement_path: The agreement.
        received: The answer, for the offering side; the file of common points, for the answering side.
        out: The CSV file for the clean team.
        today: The day, UTC.

    Raises:
        MessageRefused: The file is not what the run needs.
        OverlapError: More rows than agreed would be shown: the run ends and nothing is written; or the run cannot go on
            here, see ``take_part`` and ``committed_list``.
    """
    side = take_part(settings, agreement_path, None, today)
    refuse_mode(received, side.agreement, "candidates")
    if not out.parent.is_dir():
        raise OverlapError(f"{out}: there is no folder {out.parent}; make it, or write elsewhere")
    own = committed_list(settings, side)
    points = own_points(side, own.keys)
    if side.role == "offering":
        shown, common = _of_offering(side, received, points, own)
    else:
        shown, common = _of_answering(side, received, points, own), None
    smallest = side.agreement.smallest_result
    if len(shown) < smallest:
        side.run.end(f"fewer than {smallest} rows in common, nothing was opened")
        return Opened(0, own.row_count, smallest, common)
    _write_rows(settings, side, shown, out)
    side.run.end(f"{len(shown):,} of {own.row_count:,} rows were written for the clean team")
    return Opened(len(shown), own.row_count, smallest, common)


def _of_offering(side: Side, received: Path, points: dict[bytes, str], own: OwnList) -> tuple[set[str], Path]:
    """The offering side's common rows, and the message that tells the other side which of its points are common."""
    answered, doubled, theirs = read_answer(side, received, len(points))
    both = set(doubled) & set(theirs_doubled := hidden(secret_of(side), theirs))
    keys = (points[point] for point, value in zip(sorted(points), doubled, strict=True) if value in both)
    shown = _rows_to_show(side, keys, own)
    is_enough = len(shown) >= side.agreement.smallest_result
    common = [point for point, value in zip(theirs, theirs_doubled, strict=True) if value in both and is_enough]
    wanted = Wanted(side.agreement, "common", side.role, answered.digest)
    return shown, send(side, wanted, {"points": in_digits(common)})


def _of_answering(side: Side, received: Path, points: dict[bytes, str], own: OwnList) -> set[str]:
    """The answering side's common rows, as the offering side tells them."""
    sent = side.state.sent.get("answer", "")
    told = read_message(received, Wanted(side.agreement, "common", "offering", sent))
    common = read_points(received, "what is common", told.points, len(points))
    if strangers := [point for point in common if point not in points]:
        raise MessageRefused(
            f"{received.name}: {len(strangers):,} of its points are not of the answer sent from here; refused"
        )
    return _rows_to_show(side, (points[point] for point in common), own)


def _rows_to_show(side: Side, keys: Iterable[str], own: OwnList) -> set[str]:
    """The rows that make the common keys; a run that would show too many of them ends here."""
    shown = {record_id for key in keys for record_id in own.rows_of[key]}
    if len(shown) > side.agreement.largest_share * own.row_count:
        side.run.end("more rows were in common than it allows to show, nothing was opened")
        raise OverlapError(
            f"run {side.agreement.run}: {len(shown):,} of your {own.row_count:,} rows would go to the clean team, and "
            f"the agreement allows a share of {side.agreement.largest_share:g}. Nothing was written, and the run has "
            "ended. Ask what the other side's list is, before you agree on a larger share"
        )
    return shown


def _write_rows(settings: Settings, side: Side, shown: set[str], out: Path) -> None:
    """Write rows as ``conjoin link`` reads them, ids and sources with the party's name before them."""
    party = side.agreement.party(side.role).name
    with workbench(settings) as con:
        load_files(con, [Path(file) for file in side.state.files], [])
        cells = ", ".join(f"{field} as {quote_identifier(column)}" for column, field in COLUMNS.items())
        rows = con.execute(
            f"select $1 || ':' || record_id as record_id, $1 || ': ' || source_name as source, {cells} "
            "from input.site_records where list_contains($2, record_id) order by record_id",
            [party, sorted(shown)],
        ).df()
        told = con.execute(
            "select $1 || ':' || site_record_id as record_id, id_scheme, min(id_value) as id_value "
            "from input.site_identifiers where list_contains($2, site_record_id) group by all",
            [party, sorted(shown)],
        ).df()
    identifiers = told.pivot_table(index="record_id", columns="id_scheme", values="id_value", aggfunc="first")
    write_csv(rows.dropna(axis="columns", how="all").merge(identifiers, how="left", on="record_id"), out)
    out.chmod(0o600)
