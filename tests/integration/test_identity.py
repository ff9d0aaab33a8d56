"""From a doubtful match to a person and back: queue, sheet, judgement, new sites, history and explanation."""

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from conjoin.briefings.identity import explain_pair, site_file
from conjoin.briefings.reviewing.waterfall import draw_waterfall, write_picture
from conjoin.errors import BadJudgements, ConjoinError, UnknownRecord
from conjoin.settings import Settings
from conjoin.sources.decisions import DECISIONS
from conjoin.sources.judgements import COLUMNS
from conjoin.steps.build import build_warehouse, publish_warehouse
from conjoin.steps.match import match_sites
from conjoin.steps.reviews import export_queue, import_judgements
from conjoin.tools.candidates import report_landed
from conjoin.warehouse.connection import reader
from support import quillhaven
from support.files import as_csv
from support.listener import recorded
from support.projects import Project, tree

ROWS = [
    quillhaven.row(1, Factory="Alder Loom Works", Street="12 Mill Road"),
    quillhaven.row(2, Factory="Alder Loom Works Ltd.", Street="12, Mill Rd."),
    quillhaven.row(3, Factory="=Birch Dyeing", Street="Plot 7, Hill Street"),
]


def _published(settings: Settings) -> dict[str, str]:
    """Match, build and publish; the site of each vendor."""
    match_sites(settings)
    build_warehouse(settings)
    publish_warehouse(settings)
    return _vendors(settings, "site_id")


def _vendors(settings: Settings, column: str) -> dict[str, str]:
    with reader(settings.warehouse) as con:
        return dict(
            con.execute(f"select site_id_source, {column} from marts.site_records_at_sites order by all").fetchall()
        )


def _sheet(folder: Path, *rows: tuple[str, ...]) -> Path:
    path = folder / "filled.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return path


@pytest.mark.slow
def test_a_judgement_goes_round(project: Project, tmp_path: Path) -> None:
    settings = project.settings
    project.deliver("visits_2026-04.csv", as_csv(ROWS))
    with recorded("Deliveries", "Gathering site records", "Matching", "Building the warehouse", "Checks"):
        project.ingest()
        before = _published(settings)
    records = _vendors(settings, "record_id")
    pair = sorted((records["Q01"], records["Q03"]))
    assert before["Q01"] != before["Q03"]

    # The queue is a sheet with one row per question, in which a name that begins with = is no formula.
    made = export_queue(settings, tmp_path / "queue.xlsx")
    sheet = load_workbook(tmp_path / "queue.xlsx").worksheets[0]
    assert (sheet.max_row, made.left_out) == (made.written + 1, 0)
    assert set(COLUMNS) <= {cell.value for cell in sheet[1]}
    assert all(cell.data_type != "f" for cells in sheet.iter_rows() for cell in cells)

    # Nothing is half imported, and what contradicts itself within one file is refused.
    decisions = project.root / DECISIONS
    untouched = decisions.read_bytes()
    for rows, told in (
        ([(*pair, "POSITIVE", "RK"), (*pair, "who knows", "RK")], "line 3, column judgement"),
        ([(*pair, "POSITIVE", "RK"), (*pair, "NEGATIVE", "RK")], "Line 3, column judgement: NEGATIVE on the pair"),
    ):
        with pytest.raises(BadJudgements, match=told):
            import_judgements(settings, _sheet(tmp_path, *rows))
        assert decisions.read_bytes() == untouched

    # A repeated line counts once, a record that nobody delivered is told, the rest is on file for ever.
    unknown = "quillhaven:00000000000000ff"
    rows = [(*pair, "POSITIVE", "RK", "brand", "2026-05-01", "one gate")] * 2 + [(pair[0], unknown, "NEGATIVE", "RK")]
    told = import_judgements(settings, _sheet(tmp_path, *rows))
    assert told.added == 2
    assert [notice for notice in told.notices if "repeats line 2" in notice or unknown in notice] == told.notices
    assert len(told.notices) == 2
    again = import_judgements(settings, _sheet(tmp_path, *rows))
    assert (again.added, len(decisions.read_text().splitlines())) == (0, 3)

    # The next run honours it; the ids say what happened.
    after = _published(settings)
    assert after["Q01"] == after["Q03"]
    ended = ({before["Q01"], before["Q03"]} - {after["Q01"]}).pop()
    with reader(settings.warehouse) as con:
        asked = site_file(con, ended)
        kept = site_file(con, after["Q01"])
        explained = explain_pair(con, *pair)
        linked = explain_pair(con, records["Q01"], records["Q02"])
        kinds = con.execute("select kind from matching.conflicts").fetchall()
        with pytest.raises(UnknownRecord, match="no site ever had this id"):
            site_file(con, "CJ00000000000")
        with pytest.raises(UnknownRecord, match=f"no current site record {unknown}"):
            explain_pair(con, pair[0], unknown)
    assert asked.site_id == after["Q01"]
    assert asked.history["event"].tolist() == ["minted", "joined", "merged"]
    assert kept.history["event"].tolist()[0] == "minted"
    assert len(kept.records) == list(after.values()).count(after["Q01"])
    assert explained.verdict.endswith("Judged POSITIVE by RK on 2026-05-01.")
    assert kinds == [("judgement_on_unknown_record",)]

    # The waterfall starts at the prior and ends at the weight of the link.
    assert linked.steps["comparison"].tolist()[0] == "prior"
    with reader(settings.warehouse) as con:
        weight = con.execute(
            "select match_weight from marts.site_links where record_id_left = $1 and record_id_right = $2",
            list(linked.link),
        ).fetchall()[0][0]
    assert linked.steps["evidence_weight"].sum() == pytest.approx(weight)
    write_picture(draw_waterfall(linked.steps, "why"), tmp_path / "why.svg")
    assert (tmp_path / "why.svg").read_text().count("same name") >= 1
    with pytest.raises(ConjoinError, match=r"\.svg or \.png"):
        write_picture(draw_waterfall(linked.steps, "why"), tmp_path / "why.gif")

    # Everything after the archive can be deleted: the same ids, and no news for the journal.
    journal = sorted((settings.archive / "sites").iterdir())
    for path in sorted(settings.matching.iterdir()):
        path.unlink()
    assert _published(settings) == after
    assert sorted((settings.archive / "sites").iterdir()) == journal


def test_of_two_judgements_on_file_at_one_instant_the_one_that_keeps_apart_is_in_force(
    project: Project, tmp_path: Path
) -> None:
    pair = ("quillhaven:0000000000000001", "quillhaven:0000000000000002")
    same, different = ((*pair, verdict, "RK", "", "2026-05-01", "") for verdict in ("POSITIVE", "NEGATIVE"))
    lines = [",".join(row) for row in (COLUMNS[:-1], same, different)]
    (project.root / DECISIONS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    again = import_judgements(project.settings, _sheet(tmp_path, different))
    assert (again.added, again.notices) == (0, ["filled.csv, line 2: already on file; left out"])
    (told,) = import_judgements(project.settings, _sheet(tmp_path, same)).notices
    assert told.startswith("line 2: POSITIVE by RK follows NEGATIVE by RK on ")


def test_a_bad_line_in_decisions_stops_matching_with_its_place(project: Project) -> None:
    (project.root / DECISIONS).write_text(",".join(COLUMNS) + "\nquillhaven:1,x,NEGATIVE,RK,,,\n", encoding="utf-8")
    with pytest.raises(BadJudgements, match=r"decisions\.csv was not used\. line 2, column record_id_left"):
        match_sites(project.settings)


def test_candidates_of_what_landed_are_held_against_the_judgements(project: Project, tmp_path: Path) -> None:
    project.deliver("visits_2026-04.csv", as_csv(ROWS))
    project.ingest()
    records = {row["site_id_source"]: row["record_id"] for row in project.rows("site_records")}
    alike, unlike = (*(records[n] for n in ("Q01", "Q02")), "POSITIVE", "RK"), (records["Q01"], records["Q03"])
    import_judgements(project.settings, _sheet(tmp_path, alike, (*unlike, "NEGATIVE", "RK")))
    report = report_landed(project.settings)
    assert report.true_count == report.rules[-1].found_count == 1


def test_a_run_that_sees_the_same_leaves_everything_as_it_is(project: Project) -> None:
    settings = project.settings
    project.deliver("visits_2026-04.csv", as_csv(ROWS))
    project.ingest()
    first = match_sites(settings)
    state = tree(settings.matching) | tree(settings.archive / "sites")
    made = settings.matching.stat().st_ino
    assert match_sites(settings) == first
    assert settings.matching.stat().st_ino == made, "nothing was matched anew"
    project.deliver("visits_2026-05.csv", as_csv([*ROWS, quillhaven.row(4, Factory="Cedar Knits", City="Bursa")]))
    project.ingest()
    assert match_sites(settings).record_count == 4
    assert (tree(settings.matching) | tree(settings.archive / "sites")) != state


@pytest.mark.slow
def test_a_moved_factory_is_two_sites_with_a_succession(project: Project, tmp_path: Path) -> None:
    settings = project.settings
    project.deliver("visits_2026-04.csv", as_csv(ROWS))
    project.ingest()
    before = _published(settings)
    assert before["Q01"] == before["Q02"]
    decisions = project.root / DECISIONS
    decisions.write_text(",".join(COLUMNS[:-1]) + "\n", encoding="utf-8")  # as files were before moves had a day
    records = _vendors(settings, "record_id")
    old, new = records["Q02"], records["Q01"]
    row = (old, new, "MOVED", "RK", "brand", "2026-05-01", "new hall", "2025-12-31")
    assert import_judgements(settings, _sheet(tmp_path, row)).added == 1
    assert import_judgements(settings, _sheet(tmp_path, row)).added == 0
    assert decisions.read_text(encoding="utf-8").splitlines() == [",".join(COLUMNS), ",".join(row)]
    reverse = (new, old, *row[2:])
    with pytest.raises(BadJudgements, match="Line 3, column judgement"):
        import_judgements(settings, _sheet(tmp_path, row, reverse))

    after = _published(settings)
    assert after["Q01"] != after["Q02"]
    with reader(settings.warehouse) as con:
        moves = con.execute("select site_id_before, site_id_after, moved_on::varchar from marts.site_successions")
        assert moves.fetchall() == [(after["Q02"], after["Q01"], "2025-12-31")]
        assert site_file(con, after["Q01"]).verdict.endswith(f"moved here from {after['Q02']} on 2025-12-31.")
        assert site_file(con, after["Q02"]).verdict.endswith(f"moved to {after['Q01']} on 2025-12-31.")
        assert explain_pair(con, old, new).verdict.endswith("Judged MOVED by RK on 2026-05-01.")

    # Revised, the other way round: the later judgement counts, the earlier stays on file.
    assert import_judgements(settings, _sheet(tmp_path, (*reverse[:5], "2026-06-01", "", ""))).added == 1
    after = _published(settings)
    with reader(settings.warehouse) as con:
        moves = con.execute("select site_id_before, site_id_after, moved_on from marts.site_successions")
        assert moves.fetchall() == [(after["Q01"], after["Q02"], None)]
