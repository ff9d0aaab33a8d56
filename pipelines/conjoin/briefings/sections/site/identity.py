"""What a dossier tells of the site's identity: open questions, its records, the links between them, its id."""

from conjoin.briefings.sections.site.parts import Listing, day_of, part_of
from conjoin.briefings.subjects.dossier import Dossier
from conjoin.briefings.texts import Html, items, nothing, safe
from conjoin.briefings.words import MISSING, titled

_LISTED, _LINKS_LISTED = 60, 12


def questions(dossier: Dossier) -> Html:
    """Open questions on which records are this site."""
    here = dossier.row["site_id"]
    rows = []
    for row in dossier.rows("questions")[:_LISTED]:
        side, other = ("right", "left") if row["site_id_left"] == here else ("left", "right")
        theirs = row[f"site_name_{side}"] or MISSING
        rows.append(
            [
                row[f"site_name_{other}"] or MISSING,
                theirs if row[f"site_id_{side}"] != here else f"{theirs} (of this site too)",
                titled(row["question"], "review_question"),
                f"{100 * row['match_probability']:.0f} %",
            ]
        )
    return part_of(
        dossier,
        "questions",
        Listing(
            "Open questions of identity",
            {"Record here": False, "Other record": False, "Question": False, "One site with": True},
            "pairs of records that wait for a person's judgement",
            "No question on which records are this site is open.",
        ),
        rows,
    )


def records(dossier: Dossier) -> Html:
    """The records that name the site."""
    found = dossier.rows("records")
    rows = [
        [
            dossier.source_title(row["source_name"]),
            "; ".join(part for part in (row["site_name"], row["site_name_native"]) if part) or MISSING,
            ", ".join(part for part in (row["site_address"], row["city_name"], row["postal_code"]) if part) or MISSING,
            day_of(row["as_of_date"]),
            MISSING if row["match_probability"] is None else f"{100 * row['match_probability']:.0f} %",
        ]
        for row in found[:_LISTED]
    ]
    more = f"{len(found) - _LISTED} more records are not listed." if len(found) > _LISTED else ""
    return part_of(
        dossier,
        "records",
        Listing(
            "Records that are this site",
            {"Source": False, "Name": False, "Address": False, "As of": False, "Certainty": True},
            "what sources delivered on places that are probably this one",
            "No record of this site is in this file: a source names it by a code alone.",
        ),
        rows,
        more,
    )


def links(dossier: Dossier) -> Html:
    """The links between its records with their evidence in words, the weakest first."""
    titles = {
        row["record_id"]: f"{dossier.source_title(row['source_name'])}: {row['site_name'] or MISSING}"
        for row in dossier.rows("records")
    }
    found = dossier.rows("links")
    rows = [
        [
            titles.get(row["record_id_left"], row["record_id_left"]),
            titles.get(row["record_id_right"], row["record_id_right"]),
            f"{100 * row['match_probability']:.1f} %" if row["match_probability"] is not None else MISSING,
            row["explanation"] or MISSING,
        ]
        for row in found[:_LINKS_LISTED]
    ]
    more = f" {len(found) - len(rows)} more links are not listed." if len(found) > len(rows) else ""
    return part_of(
        dossier,
        "links",
        Listing(
            "Why these records are one site",
            {"Record": False, "Record linked to it": False, "Probability": True, "Evidence": False},
            "links between its records that were accepted, by comparison or by a person's word",
            "It has one record, or none: nothing had to be linked.",
        ),
        rows,
        f"The weakest link first: the site hangs on it.{more}",
    )


def history(dossier: Dossier) -> Html:
    """What became of its id."""
    told = dossier.found.history
    title = "History of its id"
    if told is None:
        return nothing(title, "This file holds no history of ids; the coordinator's own warehouse does.")
    lines = [
        f"{event.recorded_at:%Y-%m-%d}: {safe('founded' if event.event == 'minted' else event.what)}"
        for event in told.history.itertuples()
    ]
    return Html(
        f'<section class="told"><h3>{title}</h3><p>{safe(told.verdict)}</p>{items(lines)}'
        '<p class="source">Rests on the history of site ids since the first run.</p></section>'
    )
