"""Reports on candidate pairs: of files with labelled pairs, or of everything that has landed."""

from collections.abc import Sequence
from pathlib import Path

from conjoin.keeping.match_journals import journal_files
from conjoin.matching.learn.candidate_report import CandidateReport, report_candidates
from conjoin.settings import Settings
from conjoin.steps.landed import landed_state
from conjoin.steps.match_input import fill_input
from conjoin.tools.judged_pairs import read_all_pairs
from conjoin.tools.link_files import load_files
from conjoin.warehouse.connection import workbench


def report_files(settings: Settings, pairs: Sequence[Path], records: list[Path]) -> CandidateReport:
    """Candidate pairs of the records of some files, held against labelled pairs.

    Args:
        settings: Memory and threads of DuckDB.
        pairs: Files of labelled pairs, see ``read_pairs``.
        records: Files as for ``link_files``.
    """
    labelled = read_all_pairs(pairs)
    with workbench(settings) as con:
        load_files(con, records, [])
        return report_candidates(con, labelled.loc[labelled["is_match"].eq(True)])


def report_landed(settings: Settings) -> CandidateReport:
    """Candidate pairs of all current site records, held against the judgements on file."""
    with workbench(settings) as con:
        fill_input(con, journal_files(settings), landed_state(settings))
        judged = con.execute(
            "select record_id_left, record_id_right from input.judgements where judgement = 'POSITIVE' order by all"
        ).df()
        return report_candidates(con, judged)
