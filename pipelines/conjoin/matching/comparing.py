"""Candidate pairs into levels per comparison, folded to one integer pattern per pair.

Each comparison is a list of levels from strongest to weakest, tested in order, and level 0, which means *nothing to
compare* and weighs exactly nothing. Similarities are computed once per pair; thresholds are applied outside.
"""

from dataclasses import dataclass

import duckdb


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
_RARE_MASS = 6000
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
            Level("a number in common", "number_shared > 0"),
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


def unfold_pattern(pattern: int) -> dict[str, int]:
    """Level of each comparison in a pattern."""
    levels = {}
    for comparison in COMPARISONS:
        pattern, levels[comparison.name] = divmod(pattern, len(comparison.levels) + 1)
    return levels


_NODE_SUMS = """
create or replace temp table m_compared_nodes as
with name_sums as (
    select node_no, sum(case when is_optional then 0.5 else 1 end * token_weight)::integer as total
    from m_name group by node_no
),
address_sums as (select node_no, sum(token_weight)::integer as total from m_address group by node_no),
number_sums as (
    select node_no, list_sort(list(number_value)) as numbers from m_numbers group by node_no
),
unit_sums as (
    select node_no, list_sort(list(distinct value)) as units from m_designators
    where side = 1 and kind = 1 group by node_no
),
sources as (
    select source_name, dense_rank() over (order by source_name)::integer as source_no
    from (select distinct source_name from m_records)
),
source_sums as (
    select node_no, list(distinct sources.source_no) as sources
    from m_records inner join sources using (source_name) group by node_no
),
crowded as (
    select latitude, longitude from m_nodes where latitude is not null
    group by latitude, longitude having count(*) > 20
)
select nodes.node_no, nodes.squashed_name, nodes.postcode, nodes.legal_kind,
    case when crowded.latitude is null and not (nodes.latitude = 0 and nodes.longitude = 0)
        then radians(nodes.latitude) end as latitude,
    radians(nodes.longitude) as longitude,
    coalesce(name_sums.total, 0) as name_total, coalesce(address_sums.total, 0) as address_total,
    number_sums.numbers, unit_sums.units, source_sums.sources
from m_nodes as nodes
left join name_sums using (node_no)
left join address_sums using (node_no)
left join number_sums using (node_no)
left join unit_sums using (node_no)
left join source_sums using (node_no)
left join crowded on crowded.latitude = nodes.latitude and crowded.longitude = nodes.longitude
"""


def _shared_sql(side: str) -> str:
    """Weight of the words that both sides of a pair have; a word counts with its lighter weight."""
    return f"""
    create or replace temp table m_shared_{side} as
    select pairs.pair_no, sum(least(l.token_weight, r.token_weight))::integer as shared
    from m_pairs as pairs
    inner join m_{side} as l on l.node_no = pairs.left_no
    inner join m_{side} as r on r.node_no = pairs.right_no and r.token_no = l.token_no
    group by pairs.pair_no
    """


_WORTH_A_LOOK = """
where (pairs.rules & 1) > 0
    or squash_similarity >= 0.8
    or 2 * coalesce(name_words.shared, 0) >= 0.25 * (l.name_total + r.name_total)
"""

_FIRST_LOOK = """
create or replace temp table m_first_look as
select pairs.pair_no, pairs.left_no, pairs.right_no, pairs.rules,
    coalesce(name_words.shared, 0) as name_shared, coalesce(address_words.shared, 0) as address_shared,
    case
        when l.squashed_name = '' or r.squashed_name = '' then null
        when l.squashed_name = r.squashed_name then 1.0
        else jaro_winkler_similarity(l.squashed_name, r.squashed_name)
    end as squash_similarity,
    l.name_total as left_name, r.name_total as right_name,
    l.address_total as left_address, r.address_total as right_address
from m_pairs as pairs
inner join m_compared_nodes as l on l.node_no = pairs.left_no
inner join m_compared_nodes as r on r.node_no = pairs.right_no
left join m_shared_name as name_words on name_words.pair_no = pairs.pair_no
left join m_shared_address as address_words on address_words.pair_no = pairs.pair_no
"""

_CREDIT = "greatest(0, (similarity - 0.76) / 0.24)"


def _aligned_sql(side: str, where: str) -> str:
    """Words without an equal on the other side, aligned to the most similar one: weight gained per pair."""
    return f"""
    create or replace temp table m_aligned_{side} as
    with looked as (select pair_no, left_no, right_no from m_first_look where {where}),
    left_only as (
        select looked.pair_no, looked.right_no, l.token_no, l.token_weight
        from looked inner join m_{side} as l on l.node_no = looked.left_no
        anti join m_{side} as r on r.node_no = looked.right_no and r.token_no = l.token_no
    ),
    right_only as (
        select looked.pair_no, r.token_no, r.token_weight
        from looked inner join m_{side} as r on r.node_no = looked.right_no
        anti join m_{side} as l on l.node_no = looked.left_no and l.token_no = r.token_no
    ),
    met as (
        select left_only.pair_no, left_only.token_no as left_token, right_only.token_no as right_token,
            least(left_only.token_weight, right_only.token_weight) as weight
        from left_only inner join right_only using (pair_no)
    ),
    lefts as materialized (  -- or few pairs would have every word meet every other of its first letter
        select left_token, right_token, m_words.word
        from (select distinct left_token, right_token from met) inner join m_words on token_no = left_token
    ),
    words as (
        select left_token, right_token, jaro_winkler_similarity(l.word, r.word) as similarity
        from lefts as l inner join m_words as r on r.token_no = right_token
        where least(length(l.word), length(r.word)) >= 4 and left(l.word, 1) = left(r.word, 1)
            and similarity >= 0.88
    )
    select pair_no, sum(gain)::integer as gained from (
        select met.pair_no, met.left_token, max(met.weight * {_CREDIT}) as gain
        from met inner join words using (left_token, right_token) group by all
    ) group by pair_no
    """


_SIMILARITIES = """
create or replace temp table m_similarities as
select looked.pair_no, looked.left_no, looked.right_no, looked.rules,
    looked.name_shared + coalesce(aligned_name.gained, 0) as name_shared,
    case when looked.squash_similarity is null then null else greatest(
        least(1.0, 2.0 * (looked.name_shared + coalesce(aligned_name.gained, 0))
            / greatest(1, looked.left_name + looked.right_name)),
        case when looked.squash_similarity = 1 then 1.0
            when looked.squash_similarity >= 0.9 then looked.squash_similarity * 2 - 1.05 else 0 end
    ) end as name_similarity,
    case when looked.left_address = 0 or looked.right_address = 0 then null else
        (looked.address_shared + coalesce(aligned_address.gained, 0))::double
            / (0.75 * least(looked.left_address, looked.right_address)
                + 0.25 * greatest(looked.left_address, looked.right_address))
    end as address_similarity,
    case when l.numbers is null or r.numbers is null then null
        else len(list_intersect(l.numbers, r.numbers)) end as number_shared,
    greatest(len(l.numbers), len(r.numbers)) as number_most,
    l.postcode as left_postcode, r.postcode as right_postcode,
    l.legal_kind as left_legal, r.legal_kind as right_legal,
    l.units as left_unit, r.units as right_unit,
    case when list_has_any(l.sources, r.sources) then list_intersect(l.sources, r.sources) end as shared_sources,
    12742 * asin(sqrt(least(1.0, pow(sin((l.latitude - r.latitude) / 2), 2)
        + cos(l.latitude) * cos(r.latitude) * pow(sin((l.longitude - r.longitude) / 2), 2)))) as distance_km,
    facts.identifier_agrees
from m_first_look as looked
inner join m_compared_nodes as l on l.node_no = looked.left_no
inner join m_compared_nodes as r on r.node_no = looked.right_no
left join m_aligned_name as aligned_name on aligned_name.pair_no = looked.pair_no
left join m_aligned_address as aligned_address on aligned_address.pair_no = looked.pair_no
left join m_identifier_facts as facts on facts.pair_no = looked.pair_no
"""

_IDENTIFIER_FACTS = """
create or replace temp table m_identifier_facts as
select pair_no, bool_or(l.id_value = r.id_value) as identifier_agrees
from m_first_look as looked
inner join m_identifiers as l on l.node_no = looked.left_no
inner join m_identifiers as r on r.node_no = looked.right_no and r.id_scheme = l.id_scheme
group by pair_no
"""


_REPEATING_SOURCES = """
with twins as (
    select source_no, unnest([left_no, right_no]) as node_no
    from (
        select unnest(shared_sources) as source_no, left_no, right_no
        from m_similarities
        where shared_sources is not null and name_similarity >= 0.97 and address_similarity >= 0.7
            and coalesce(number_shared > 0, true) and left_unit is not distinct from right_unit
    )
), sizes as (
    select source_no, count(*) as node_count
    from (select unnest(sources) as source_no from m_compared_nodes) group by source_no
)
select coalesce(list(source_no order by source_no), []) from (
    select source_no from twins inner join sizes using (source_no)
    group by source_no, node_count having count(distinct node_no) > $1 * node_count
)
"""


def find_repeating_sources(con: duckdb.DuckDBPyConnection) -> None:
    """Sources that list one site several times, and so are no lists: their rows say nothing against each other.

    Told by their own rows: more than ``_TWIN_SHARE`` of them have a twin of the same name, address words and number.
    """
    found = con.execute(_REPEATING_SOURCES, [_TWIN_SHARE]).fetchall()[0][0]
    con.execute("set variable repeating_sources = $1::integer[]", [found])


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
    fold_patterns(con)


def describe_nodes(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_compared_nodes``: what comparing needs of each node besides its words."""
    con.execute(_NODE_SUMS)


def compute_similarities(con: duckdb.DuckDBPyConnection, is_filtered: bool = True) -> None:
    """Make ``m_similarities`` of ``m_pairs``: each row follows from its two nodes alone, so pairs may be sharded."""
    for side in ("name", "address"):
        con.execute(_shared_sql(side))
    con.execute(_FIRST_LOOK + (_WORTH_A_LOOK if is_filtered else ""))
    con.execute(_aligned_sql("name", "squash_similarity < 1 and 2 * name_shared < 0.97 * (left_name + right_name)"))
    con.execute(_aligned_sql("address", "address_shared < 0.9 * least(left_address, right_address)"))
    con.execute(_IDENTIFIER_FACTS)
    con.execute(_SIMILARITIES)


def fold_patterns(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_patterns`` of all of ``m_similarities``."""
    levels = ", ".join(f"{comparison.level_sql} as {comparison.name}_level" for comparison in COMPARISONS)
    con.execute(
        f"create or replace temp table m_patterns as with levels as "
        f"(select pair_no, left_no, right_no, rules, name_similarity, address_similarity, {levels} "
        f"from m_similarities) select *, ({pattern_sql()})::integer as pattern from levels"
    )
