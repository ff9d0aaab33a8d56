"""The background studies of a briefing."""

from pathlib import Path

import duckdb

from conjoin.briefings.overlap import Scope
from conjoin.briefings.sections.rests_on import studies


def test_studies_of_which_none_tells_a_topic_are_listed() -> None:
    told = duckdb.sql(
        "select 'a' as study_id, 'Wages in Izmir' as study_title, null::bigint as study_year, "
        "'A college' as publisher, ['TR'] as study_countries, null::varchar[] as study_topics"
    ).df()
    page = studies(Scope(Path("none.duckdb"), _answers={"studies_of_country": told}))._repr_html_()
    assert "Wages in Izmir" in page
