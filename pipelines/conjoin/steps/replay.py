"""Matching as of an earlier day, so that an old briefing can be made again.

Sites are matched again from what had been delivered and judged by then, with the model used then. The journal of site
ids has the last word: a record belongs to the site that it was held to belong to on that day, even where a newer
version of the code would decide otherwise. What cannot come back after such a change of code are the probabilities of
that version.
"""

import logging
from datetime import date
from pathlib import Path

from conjoin import content
from conjoin.errors import ModelMismatch
from conjoin.keeping.match_journals import journal_files, model_in_force
from conjoin.matching.pairs.model import SHIPPED_MODEL, MatchModel, read_model
from conjoin.matching.run import Compare, MatchOptions, match_records
from conjoin.settings import Settings
from conjoin.sources import registry
from conjoin.sql import quote_literal
from conjoin.steps.landed import LandedState
from conjoin.steps.match import write_results
from conjoin.steps.match_input import fill_input
from conjoin.warehouse.connection import workbench

log = logging.getLogger(__name__)

_AS_HELD = """
create or replace temp table held as
select record_id, site_id from input.site_history where event in ('joined', 'left')
qualify row_number() over (partition by record_id order by recorded_at desc, event = 'joined' desc) = 1
    and event = 'joined';
update matching.site_memberships as memberships set site_id = held.site_id
from held where held.record_id = memberships.record_id and held.site_id <> memberships.site_id;
update matching.site_links as links set is_accepted = l.site_id = r.site_id, pair_decided_by = 'cluster', veto = null
from matching.site_memberships as l, matching.site_memberships as r
where l.record_id = links.record_id_left and r.record_id = links.record_id_right
    and links.is_accepted <> (l.site_id = r.site_id);
delete from matching.weakest_links as links where not exists (
    select 1 from matching.site_memberships as l, matching.site_memberships as r
    where l.record_id = links.record_id_left and r.record_id = links.record_id_right
        and l.site_id = links.site_id and r.site_id = links.site_id
);
delete from matching.site_groups where site_id not in (select site_id from matching.site_memberships)
"""


def replay_matching(
    settings: Settings, state: LandedState, day: date, folder: Path, compare: Compare
) -> dict[str, list[str]]:
    """Match as of ``day``; return the result's Parquet files below ``folder`` by table name.

    Args:
        settings: Where archive and landing are.
        state: What had landed by the end of that day.
        day: The day.
        folder: An empty folder.
        compare: Compares the pairs.
    """
    with workbench(settings) as con:
        fill_input(con, journal_files(settings), state, day)
        unique = frozenset(name for name, source in registry.sources().items() if source.unique_sites)
        options = MatchOptions(unique_sources=unique, unread_sources=state.unread_sources)
        match_records(con, options, _model(settings, day), compare=compare)
        con.execute(_AS_HELD)
        con.execute("create or replace table matching.judgements as from input.judgements")
        write_results(con, folder)
        history = folder / "site_history.parquet"
        con.execute(f"copy (from input.site_history order by all) to {quote_literal(str(history))} (format parquet)")
    return {path.stem: [str(path)] for path in sorted(folder.glob("*.parquet"))}


def _model(settings: Settings, day: date) -> MatchModel:
    """The model of that day, or today's where there is none or this version cannot read it."""
    used = model_in_force(settings, day)
    if used is not None:
        try:
            return read_model(used)
        except ModelMismatch as error:
            log.warning("%s; probabilities are those of today's model, sites those of %s", error, day)
    return read_model(content.find(SHIPPED_MODEL))
