"""Candidate pairs into levels per comparison, folded to one integer pattern per pair.

Each comparison is a list of levels from strongest to weakest, tested in order, and level 0, which means *nothing to
compare* and weighs exactly nothing. Similarities are computed once per pair; thresholds are applied outside.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt

from conjoin.matching.pairs.similarities import compute_similarities, describe_nodes


@dataclass(frozen=True)
class Level:
    """One level: what it is called, and the SQL condition over the columns of ``m_similarities``."""

    title: str
    condition: str


@dataclass(frozen=True)
class Comparison:
    """One independent fact: its levels from strongest to weakest (the last catches the rest), null when.

    ``is_ordered``: a stronger level may never weigh less; else the levels are kinds, and training leaves them alone.
    """

    name: str
    null_when: str
    levels: tuple[Level, ...]
    is_ordered: bool = True

    @property
    def level_sql(self) -> str:
        """The level as an SQL expression: the strongest level has the largest number."""
        count = len(self.levels)
        cases = " ".join(f"when {level.condition} then {count - i}" for i, level in enumerate(self.levels))
        return f"case when {self.null_when} then 0 {cases} end"

    def title(self, level: int) -> str:
        """What a level is called."""
        return self.levels[len(self.levels) - level].title if level else "nothing to compare"


_ANY = "true"
_RARE_MASS = 8000
_TWIN_SHARE = 0.125

COMPARISONS = (
    Comparison(
        "name",
        "name_similarity is null",
        (
            Level("same name, with rare words", f"name_similarity >= 0.97 and name_shared >= {_RARE_MASS}"),
            Level("same name of common words", "name_similarity >= 0.97"),
            Level("nearly the same name, with rare words", f"name_similarity >= 0.85 and name_shared >= {_RARE_MASS}"),
            Level("nearly the same name", "name_similarity >= 0.85"),
            Level("name similar", "name_similarity >= 0.7"),
            Level("name partly similar", "name_similarity >= 0.5"),
            Level("name hardly similar", "name_similarity >= 0.3"),
            Level("name different", _ANY),
        ),
    ),
    Comparison(
        "trade",
        "left_trades is null or right_trades is null or left_trades <@ right_trades or right_trades <@ left_trades "
        "or number_shared > 0 and number_shared = number_least",
        (Level("another trade in the name, and no number in common", _ANY),),
    ),
    Comparison(
        "namesakes",
        "coalesce(name_similarity, 0) < 0.97 or namesakes is null",
        (
            Level("two or three rows of one list bear the name", "namesakes < 4"),
            Level("up to seven rows of one list bear the name", "namesakes < 8"),
            Level("eight or more rows of one list bear the name", _ANY),
        ),
    ),
    Comparison(
        "address",
        "address_similarity is null",
        (
            Level("same address words", "address_similarity >= 0.9"),
            Level("nearly the same address words", "address_similarity >= 0.7"),
            Level("address words similar", "address_similarity >= 0.5"),
            Level("address words partly similar", "address_similarity >= 0.3"),
            Level("address words hardly similar", "address_similarity >= 0.12"),
            Level("address words different", _ANY),
        ),
    ),
    Comparison(
        "number",
        "number_shared is null",
        (
            Level("same numbers in the address", "number_shared = number_most"),
            Level("one has all numbers of the other", "number_shared = number_least"),
            Level("a number in common, others differ", "number_shared > 0"),
            Level("different numbers", _ANY),
        ),
    ),
    Comparison(
        "postcode",
        "left_postcode = '' or right_postcode = ''",
        (
            Level("same postcode", "left_postcode = right_postcode"),
            Level("neighbouring postcode", "left(left_postcode, 3) = left(right_postcode, 3)"),
            Level("different postcode", _ANY),
        ),
    ),
    Comparison(
        "distance",
        "distance_km is null or distance_km > 10",
        (Level("within a kilometre", "distance_km <= 1"), Level("within ten kilometres", _ANY)),
    ),
    Comparison(
        "unit",
        "left_unit is null and right_unit is null",
        (
            Level("same unit number in the name", "left_unit = right_unit"),
            Level("only one name has a unit number", "left_unit is null or right_unit is null"),
            Level("unit numbers overlap", "list_has_any(left_unit, right_unit)"),
            Level("different unit numbers", _ANY),
        ),
        is_ordered=False,
    ),
    Comparison(
        "country",
        "left_country = '' or right_country = '' or left_country = right_country",
        (Level("another country", _ANY),),
    ),
    Comparison(
        "legal_form",
        "left_legal = 0 or right_legal = 0",
        (Level("same legal form", "left_legal = right_legal"), Level("different legal form", _ANY)),
    ),
    Comparison(
        "list",
        "shared_sources is null or shared_sources <@ getvariable('repeating_sources')",
        (Level("two rows of one list", _ANY),),
    ),
    Comparison(
        "identifier",
        "identifier_agrees is null",
        (Level("same identifier", "identifier_agrees"), Level("different identifiers of one scheme", _ANY)),
    ),
)


def pattern_sql() -> str:
    """All levels folded into one mixed-radix integer, the first comparison in the lowest place."""
    terms, radix = [], 1
    for comparison in COMPARISONS:
        terms.append(f"{comparison.name}_level * {radix}")
        radix *= len(comparison.levels) + 1
    return " + ".join(terms)


def level_of_pattern(name: str) -> str:
    """The level of one comparison in the column ``pattern``, as an SQL expression."""
    radix = 1
    for comparison in COMPARISONS:
        size = len(comparison.levels) + 1
        if comparison.name == name:
            return f"pattern // {radix} % {size}"
        radix *= size
    raise KeyError(name)


def unfold_pattern(pattern: int) -> dict[str, int]:
    """Level of each comparison in a pattern."""
    levels = {}
    for comparison in COMPARISONS:
        pattern, levels[comparison.name] = divmod(pattern, len(comparison.levels) + 1)
    return levels


def unfold_patterns(patterns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Levels of many patterns: a row each, a column per comparison."""
    rest, columns = patterns.astype(np.int64), []
    for comparison in COMPARISONS:
        rest, level = np.divmod(rest, len(comparison.levels) + 1)
        columns.append(level)
    return np.column_stack(columns)


TWINS = """
select unnest(shared_sources) as source_no, left_no, right_no
from m_similarities
where shared_sources is not null and name_similarity >= 0.97 and address_similarity >= 0.7
    and coalesce(number_shared > 0, true) and left_unit is not distinct from right_unit
"""
"""Pairs of one source (source_no, left_no, right_no) of the same name, address words and number."""

_REPEATING_SOURCES = """
with twins as (
    select source_no, unnest([left_no, right_no]) as node_no from ({twins})
), sizes as (
    select m_sources.source_no, count(distinct records.node_no) as node_count
    from {records} as records inner join m_sources using (source_name) group by m_sources.source_no
)
select coalesce(list(source_no order by source_no), []) from (
    select source_no from twins inner join sizes using (source_no)
    group by source_no, node_count having count(distinct node_no) > $1 * node_count
)
"""


def find_repeating_sources(con: duckdb.DuckDBPyConnection, twins: str = TWINS, records: str = "m_records") -> list[int]:
    """Sources that list one site several times, and so are no lists: their rows say nothing against each other.

    Told by their own rows: more than ``_TWIN_SHARE`` of them have a twin of the same name, address words and number.
    They become the variable ``repeating_sources``.
    """
    sql = _REPEATING_SOURCES.format(twins=twins, records=records)
    found: list[int] = con.execute(sql, [_TWIN_SHARE]).fetchall()[0][0]
    set_repeating_sources(con, found)
    return found


def set_repeating_sources(con: duckdb.DuckDBPyConnection, numbers: list[int]) -> None:
    """Set the variable ``repeating_sources``, which levels and namesakes read."""
    con.execute("set variable repeating_sources = $1::integer[]", [numbers])


def compare_pairs(con: duckdb.DuckDBPyConnection, is_filtered: bool = True) -> None:
    """Make ``m_patterns``: one row per pair worth scoring, with its levels and pattern.

    Args:
        con: Holds what ``prepare_pairs`` made.
        is_filtered: Leave out pairs whose names have nothing in common. Training sees every pair, because a share
            among what a filter has passed is no share; it then takes which sources repeat themselves from the
            filtered comparison before it.
    """
    describe_nodes(con)
    compute_similarities(con, is_filtered)
    if is_filtered:
        find_repeating_sources(con)
    count_namesakes(con)
    fold_patterns(con)


NAMESAKES = """
with borne as (
    select nodes.country_code, nodes.squashed_name, count(distinct nodes.node_no) as node_count
    from {nodes} as nodes
    inner join {records} as records on records.node_no = nodes.node_no
    inner join m_sources using (source_name)
    where nodes.squashed_name <> '' and not list_contains(getvariable('repeating_sources'), m_sources.source_no)
    group by nodes.country_code, nodes.squashed_name, m_sources.source_no
    having count(distinct nodes.node_no) > 1
)
select country_code, squashed_name, max(node_count)::integer as namesakes from borne
group by country_code, squashed_name
"""
"""How many rows of one list bear a name, where several do."""


def count_namesakes(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_namesakes`` (country_code, squashed_name, namesakes) once it is known which sources are lists."""
    con.execute(f"create or replace temp table m_namesakes as {NAMESAKES.format(nodes='m_nodes', records='m_records')}")


def fold_patterns(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_patterns`` of all of ``m_similarities``; reads ``m_namesakes`` and ``repeating_sources``."""
    con.execute(
        "create or replace temp table m_borne as select nodes.node_no, namesakes "
        "from m_compared_nodes as nodes inner join m_namesakes using (country_code, squashed_name)"
    )
    levels = ", ".join(f"{comparison.level_sql} as {comparison.name}_level" for comparison in COMPARISONS)
    con.execute(
        f"""
        create or replace temp table m_patterns as
        with told as (
            select looked.*, greatest(l.namesakes, r.namesakes) as namesakes
            from m_similarities as looked
            left join m_borne as l on l.node_no = looked.left_no
            left join m_borne as r on r.node_no = looked.right_no
        ), levels as (
            select pair_no, left_no, right_no, rules, name_similarity, address_similarity, {levels} from told
        )
        select *, ({pattern_sql()})::integer as pattern from levels
        """
    )
