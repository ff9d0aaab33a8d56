"""What may not, or must, be one site: gathered from designators, declared lists, identifiers and judgements."""

from collections.abc import Collection

import duckdb
import numpy as np
import numpy.typing as npt

from conjoin.matching.pairs.nodes import NAME_SIDE, VAGUENESS
from conjoin.matching.sites.clustering import Constraints
from conjoin.matching.text.designator_words import designator_words


def collect_constraints(
    con: duckdb.DuckDBPyConnection, unique_sources: Collection[str], unique_all: bool = False
) -> Constraints:
    """Constraints on the nodes of a run.

    Args:
        con: Holds ``m_nodes``, ``m_records``, ``m_sources``, ``m_designators``, ``m_identifiers`` and ``m_judgements``.
        unique_sources: Sources that list every site once.
        unique_all: Every source is such a list.
    """
    con.execute(
        "create or replace temp table m_forbidding as select distinct node_no, side, kind, value from m_designators "
        "where kind in (select unnest($1::integer[]))",
        [sorted(designator_words().forbidding)],
    )
    con.execute(
        "create or replace temp table m_unique_sources as "
        "select distinct node_no, source_no from m_records inner join m_sources using (source_name) "
        "where $1 or list_contains($2::varchar[], source_name)",
        [unique_all, sorted(unique_sources)],
    )
    return Constraints(
        designators=_rows(con, "select node_no, side, kind, value from m_forbidding order by all"),
        unique_sources=_rows(con, "select node_no, source_no from m_unique_sources order by all"),
        composite=_rows(con, _COMPOSITE, [NAME_SIDE, designator_words().unit]),
        lists=_rows(con, _LISTS),
        vague=_rows(con, f"select node_no, {VAGUENESS} as vague from m_nodes where vague > 0 order by all"),
        names=_rows(con, "select node_no, name_key as name from m_nodes order by all"),
        countries=_rows(con, _COUNTRIES),
        one_sided=_rows(con, _ONE_SIDED, [sorted(designator_words().one_sided)]),
        same=_judged(con, "POSITIVE"),
        different=_judged(con, "NEGATIVE", "MOVED"),
        identified=_rows(con, _IDENTIFIED),
    )


#: Two companies in one name, or several units in it. Several doors in an address are one site's.
_COMPOSITE = """
select node_no from m_nodes where is_composite
union
select node_no from m_designators where side = $1 and kind = $2 group by node_no having count(distinct value) > 1
order by all
"""

#: Sources that repeat themselves tell nothing apart.
_LISTS = """
select distinct records.node_no, m_sources.source_no
from m_records as records inner join m_sources using (source_name)
where not list_contains(getvariable('repeating_sources'), m_sources.source_no)
order by all
"""

_COUNTRIES = """
select node_no, dense_rank() over (order by country_code) as country_no
from m_nodes where country_code <> '' order by all
"""

_ONE_SIDED = """
select distinct node_no from m_forbidding where side = 1 and kind in (select unnest($1::integer[])) order by all
"""

#: Each node with the first node of the same site-level identifier.
_IDENTIFIED = """
with firsts as (
    select node_no, min(node_no) over (partition by id_scheme, id_value) as first_no
    from m_identifiers where is_site_level and node_no in (select node_no from m_site_nodes)
)
select distinct first_no, node_no from firsts where first_no < node_no order by all
"""


def _judged(con: duckdb.DuckDBPyConnection, *verdicts: str) -> npt.NDArray[np.int64]:
    """Pairs of nodes with one of these verdicts, the latest first."""
    return _rows(
        con,
        "select least(left_no, right_no), greatest(left_no, right_no) from m_judgements "
        "where list_contains($1::varchar[], judgement) and left_no <> right_no "
        "order by decided_at desc nulls last, record_id_left, record_id_right",
        [list(verdicts)],
    )


def _rows(con: duckdb.DuckDBPyConnection, sql: str, parameters: list[object] | None = None) -> npt.NDArray[np.int64]:
    columns = con.execute(sql, parameters).fetchnumpy()
    return np.column_stack([np.asarray(column, dtype=np.int64) for column in columns.values()])
