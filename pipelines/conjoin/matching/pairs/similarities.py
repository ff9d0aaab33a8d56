"""Candidate pairs into similarities: one row per pair, each following from its two nodes alone.

Words count with their weight (``blocking.weigh_tokens``). What both sides have counts in full, whether written as one
word or as two; a word that only one side has is aligned to the most similar one of the other side. Similarities are
computed once per pair; levels and thresholds stand in ``comparing``.

Temporary tables made here:

- ``m_compared_nodes``: one row per node, what comparing needs of it besides its words.
- ``m_similarities``: one row per pair worth scoring; the columns that the levels of ``comparing`` read.
"""

import duckdb

_NATIVE_MASS = 7000
"""What an equal name in its own script adds to the shared weight of names: it is as rare as the rarest word."""
_READABLE = 0.5
"""A native name beside a Latin one says nothing, unless its transliteration shares this much."""
_LEAST_LIKE = 0.6
"""How alike two words must be before one is taken for the other, as the share of letters that are right."""
_INSIDE = 0.8
"""How alike a word is to one that it is written into, at least."""
_SHORTEST_ALIGNED, _SHORTEST_INSIDE = 4, 5


_NODE_SUMS = """
create or replace temp table m_compared_nodes as
with name_sums as (
    select node_no, sum(token_weight)::integer as total from m_name group by node_no
),
address_sums as (select node_no, sum(token_weight)::integer as total from m_address group by node_no),
number_sums as (
    select node_no, list_sort(list(number_value)) as numbers from m_numbers group by node_no
),
unit_sums as (
    select node_no, list_sort(list(distinct value)) as units from m_designators
    where side = 1 and kind = 1 group by node_no
),
trade_sums as (
    select words.node_no, list_sort(list(words.token_no)) as trades
    from m_name as words
    inner join m_words using (token_no)
    inner join m_telling_trades using (word)
    group by words.node_no
),
source_sums as (
    select node_no, list(distinct m_sources.source_no) as sources
    from m_records inner join m_sources using (source_name) group by node_no
)
select nodes.node_no, nodes.squashed_name, nodes.native_name, nodes.is_native_only, nodes.country_code,
    nodes.postcode, nodes.legal_kind,
    case when crowded.latitude is null and not (nodes.latitude = 0 and nodes.longitude = 0)
        then radians(nodes.latitude) end as latitude,
    radians(nodes.longitude) as longitude,
    coalesce(name_sums.total, 0) as name_total, coalesce(address_sums.total, 0) as address_total,
    number_sums.numbers, unit_sums.units, trade_sums.trades, source_sums.sources
from m_nodes as nodes
left join name_sums using (node_no)
left join address_sums using (node_no)
left join number_sums using (node_no)
left join unit_sums using (node_no)
left join trade_sums using (node_no)
left join source_sums using (node_no)
left join m_crowded as crowded on crowded.latitude = nodes.latitude and crowded.longitude = nodes.longitude
"""

CROWDED = (
    "select latitude, longitude from {nodes} where latitude is not null "
    "group by latitude, longitude having count(*) > 20"
)
"""Points that so many nodes share that they say nothing: towns and countries geocoded to their middle."""


def _shared_sql(side: str) -> str:
    """Weight of the words that both sides of a pair have: the mean of what they weigh on either side.

    What one side writes as one word and the other as two counts as shared.
    """
    return f"""
    create or replace temp table m_shared_{side} as
    with found as (
        select pairs.pair_no, (l.token_weight + r.token_weight) // 2 as weight
        from m_pairs as pairs
        inner join m_{side} as l on l.node_no = pairs.left_no
        inner join m_{side} as r on r.node_no = pairs.right_no and r.token_no = l.token_no
        union all
        select pairs.pair_no, (l.token_weight + r.joined_weight) // 2
        from m_pairs as pairs
        inner join m_{side} as l on l.node_no = pairs.left_no
        inner join m_{side}_joins as r on r.node_no = pairs.right_no and r.token_no = l.token_no
        union all
        select pairs.pair_no, (l.joined_weight + r.token_weight) // 2
        from m_pairs as pairs
        inner join m_{side}_joins as l on l.node_no = pairs.left_no
        inner join m_{side} as r on r.node_no = pairs.right_no and r.token_no = l.token_no
    )
    select pair_no, sum(weight)::integer as shared from found group by pair_no
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
        when l.squashed_name = r.squashed_name or (l.native_name <> '' and l.native_name = r.native_name) then 1.0
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


def _aligned_sql(side: str, where: str) -> str:
    """Words without an equal on the other side, aligned to the most similar one: weight gained per pair.

    A word is similar if few letters differ, if what differs are letters that an export has lost, or if one is written
    into the other ("pak kretnonthaburi"). Both sides gain what their own words find, and the pair gains the mean.
    """
    return f"""
    create or replace temp table m_aligned_{side} as
    with looked as (select pair_no, left_no, right_no from m_first_look where {where}),
    left_only as (
        select looked.pair_no, l.token_no, l.token_weight
        from looked inner join m_{side} as l on l.node_no = looked.left_no
        anti join m_{side} as r on r.node_no = looked.right_no and r.token_no = l.token_no
        anti join m_{side}_joins as r on r.node_no = looked.right_no and r.token_no = l.token_no
    ),
    right_only as (
        select looked.pair_no, r.token_no, r.token_weight
        from looked inner join m_{side} as r on r.node_no = looked.right_no
        anti join m_{side} as l on l.node_no = looked.left_no and l.token_no = r.token_no
        anti join m_{side}_joins as l on l.node_no = looked.left_no and l.token_no = r.token_no
    ),
    met as (
        select left_only.pair_no, left_only.token_no as left_token, right_only.token_no as right_token,
            left_only.token_weight as left_weight, right_only.token_weight as right_weight
        from left_only inner join right_only using (pair_no)
    ),
    spelled as materialized (  -- or few pairs could have every word meet every other
        select left_token, right_token, l.word as left_word, r.word as right_word,
            length(l.word) as left_length, length(r.word) as right_length,
            contains(l.word, r.word) or contains(r.word, l.word) as is_inside,
            contains(l.word || r.word, '?') as has_lost_letters
        from (select distinct left_token, right_token from met) as tokens
        inner join m_words as l on l.token_no = left_token
        inner join m_words as r on r.token_no = right_token
        where least(length(l.word), length(r.word)) >= {_SHORTEST_ALIGNED}
    ),
    words as (
        select left_token, right_token,
            case
                when is_inside and least(left_length, right_length) >= {_SHORTEST_INSIDE}
                    then greatest({_INSIDE}, least(left_length, right_length) / greatest(left_length, right_length))
                when has_lost_letters and (regexp_full_match(left_word, replace(right_word, '?', '.'))
                    or regexp_full_match(right_word, replace(left_word, '?', '.'))) then 1
                when jaro_winkler_similarity(left_word, right_word) >= 0.8 then
                    1 - damerau_levenshtein(left_word, right_word) / greatest(left_length, right_length)
                else 0
            end as likeness
        from spelled
        where likeness >= {_LEAST_LIKE}
    ),
    gains as (
        select met.pair_no, met.left_token as token_no, round(max(met.left_weight * words.likeness))::integer as gain
        from met inner join words using (left_token, right_token) group by all
        union all
        select met.pair_no, -met.right_token - 1, round(max(met.right_weight * words.likeness))::integer
        from met inner join words using (left_token, right_token) group by all
    )
    select pair_no, (sum(gain) // 2)::integer as gained from gains group by pair_no
    """


_LONGEST = "greatest(length(l.squashed_name), length(r.squashed_name))"
#: Two letters that changed places are one mistake, which Levenshtein counts as two: a bound, at an eighth of the cost.
_FEWEST_WRONG = "ceil(levenshtein(l.squashed_name, r.squashed_name) / 2)"
#: Letters are counted only where that can tell more than the words did: one wrong letter costs three in a name.
_SIMILARITIES = f"""
create or replace temp table m_similarities as
with worded as (
    select looked.*, looked.name_shared + coalesce(aligned_name.gained, 0) as name_mass,
        looked.address_shared + coalesce(aligned_address.gained, 0) as address_mass,
        least(1.0, 2.0 * name_mass / greatest(1, left_name + right_name)) as by_words
    from m_first_look as looked
    left join m_aligned_name as aligned_name on aligned_name.pair_no = looked.pair_no
    left join m_aligned_address as aligned_address on aligned_address.pair_no = looked.pair_no
)
select looked.pair_no, looked.left_no, looked.right_no, looked.rules,
    name_mass + case when l.native_name <> '' and l.native_name = r.native_name then {_NATIVE_MASS} else 0 end
        as name_shared,
    case when squash_similarity is null then null
        when l.is_native_only <> r.is_native_only and squash_similarity < 1
            and 2 * name_mass < {_READABLE} * (left_name + right_name) then null
        when squash_similarity = 1 then 1.0
        when squash_similarity >= 0.9 and by_words < 1 - 3.0 * {_FEWEST_WRONG} / {_LONGEST}
            then greatest(by_words, 1 - 3.0 * damerau_levenshtein(l.squashed_name, r.squashed_name) / {_LONGEST})
        else by_words
    end as name_similarity,
    address_mass,
    case when left_address = 0 or right_address = 0 then null else
        address_mass::double
            / (0.75 * least(left_address, right_address) + 0.25 * greatest(left_address, right_address))
    end as address_similarity,
    case when l.numbers is null or r.numbers is null then null
        when l.numbers = r.numbers then len(l.numbers)  -- most pairs, and far cheaper
        else len(list_intersect(l.numbers, r.numbers)) end as number_shared,
    least(len(l.numbers), len(r.numbers)) as number_least,
    greatest(len(l.numbers), len(r.numbers)) as number_most,
    l.postcode as left_postcode, r.postcode as right_postcode,
    l.country_code as left_country, r.country_code as right_country,
    l.legal_kind as left_legal, r.legal_kind as right_legal,
    l.units as left_unit, r.units as right_unit, l.trades as left_trades, r.trades as right_trades,
    case when list_has_any(l.sources, r.sources) then list_intersect(l.sources, r.sources) end as shared_sources,
    case when l.latitude is not null and r.latitude is not null then
        12742 * asin(sqrt(least(1.0, pow(sin((l.latitude - r.latitude) / 2), 2)
            + cos(l.latitude) * cos(r.latitude) * pow(sin((l.longitude - r.longitude) / 2), 2))))
    end as distance_km,
    facts.identifier_agrees
from worded as looked
inner join m_compared_nodes as l on l.node_no = looked.left_no
inner join m_compared_nodes as r on r.node_no = looked.right_no
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


def describe_nodes(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_compared_nodes``: what comparing needs of each node besides its words.

    Reads ``m_sources`` (source_name, source_no) and ``m_crowded`` (latitude, longitude) of all records.
    """
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
