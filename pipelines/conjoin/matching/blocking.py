"""Candidate pairs: which nodes are worth comparing.

A rule makes keys; two nodes of one country that share a key are a candidate pair, unless more than ``cap`` nodes share
it. The main rule makes a key of every two of a node's rarest words, so that pairs grow with the records and not with
their square. Identifier pairs cross countries, and nodes without a country meet every other through rare keys.
"""

from dataclasses import dataclass

import duckdb

from conjoin.matching.designators import LETTERS

NAME_WORDS, ADDRESS_WORDS = 4, 4
CHANCE_MEETINGS = 4
"""Two words make a key only if at most this many records would hold both by chance."""

_NAMES = (
    "(select country_code, node_no, squashed_name as name_key, left(squashed_name, 5) as prefix "
    "from m_nodes where length(squashed_name) >= {length})"
)
_PLACES = (
    "(select nodes.country_code, nodes.node_no, nodes.postcode, numbers.number_value from m_nodes as nodes "
    "inner join m_numbers as numbers using (node_no) where nodes.postcode <> '')"
)
_IDENTIFIERS = "(from m_identifiers where is_site_level)"
_MISSING_COUNTRY = (
    "(select key, node_no, country_code from m_keys where key in (select key from m_keys where country_code = ''))"
)


_WORD_BITS = 29
_TWO_WORDS = (
    f"(select word from m_words where token_no = key >> {_WORD_BITS} & {2**_WORD_BITS - 1}) || ', ' || "
    f"(select word from m_words where token_no = key & {2**_WORD_BITS - 1}) || "
    f"case key >> {2 * _WORD_BITS} when 2 then ' (name)' when 3 then ' (name and address)' else ' (address)' end"
)
_NUMBER = (
    f"number_value // {LETTERS} || case when number_value % {LETTERS} > 0 "
    f"then chr((96 + number_value % {LETTERS})::integer) else '' end"
)


@dataclass(frozen=True)
class Rule:
    """One candidate rule.

    Attributes:
        bit: Its bit in ``rules``.
        name: Its name in words.
        cap: Nodes in the largest bucket that makes pairs.
        source: Relation of nodes and their keys, one row per node and key.
        key: The columns of the key.
        told: The key in words, for a report.
    """

    bit: int
    name: str
    cap: int
    source: str
    key: str
    told: str


RULES = (
    Rule(1, "identifier", 200, _IDENTIFIERS, "id_scheme, id_value", "id_scheme || ' ' || id_value"),
    Rule(2, "same name", 30, _NAMES.format(length=3), "country_code, name_key", "name_key"),
    Rule(4, "rare words", 20, "m_keys", "country_code, key", _TWO_WORDS),
    Rule(8, "name prefix", 12, _NAMES.format(length=5), "country_code, prefix", "prefix || '...'"),
    Rule(
        16,
        "postcode and number",
        12,
        _PLACES,
        "country_code, postcode, number_value",
        f"postcode || ', no. ' || {_NUMBER}",
    ),
    Rule(32, "rare words, no country", 10, _MISSING_COUNTRY, "key", _TWO_WORDS),
)


def rule_names(bits: int) -> list[str]:
    """Names of the rules in a bit set."""
    return [rule.name for rule in RULES if bits & rule.bit]


def _weights_sql(side: str, prior_words: str) -> str:
    """Weight of each word of one side: log of how rare it is in its country, in milli-nats, in steps of 500.

    Shares are shrunk towards the share over all countries with 20 pseudo-nodes, and words that are common everywhere
    (``prior_words``) have a share of at least 3 %. The coarse steps keep weights still when a few records arrive.
    """
    return f"""
    create or replace temp table m_{side}_words as
    with sized as (select country_code, count(*) as node_count from m_nodes group by country_code),
    counted as (
        select nodes.country_code, tokens.token_no, count(*) as df
        from m_{side}_tokens as tokens inner join m_nodes as nodes using (node_no) group by all
    ), everywhere as (
        select token_no, sum(df) / (select count(*) from m_nodes) as share from counted group by token_no
    )
    select
        counted.country_code, counted.token_no, counted.df::integer as df,
        (500 * round(2 * greatest(0.5, least(7.0, -ln(greatest(
            (counted.df + 20 * everywhere.share) / (sized.node_count + 20),
            case when common.word is null then 0 else 0.03 end
        ))))))::integer as token_weight
    from counted
    inner join everywhere using (token_no)
    inner join sized using (country_code)
    inner join m_words as words using (token_no)
    left join {prior_words} as common on common.word = words.word
    """


_OPTIONAL = {
    "name": "tokens.is_inside or (tokens.node_no, tokens.token_no) in "
    "(select (node_no, token_no) from m_address_tokens)",
    "address": "false",
}


def weigh_tokens(con: duckdb.DuckDBPyConnection) -> None:
    """Give every node's words their weight: ``m_name`` and ``m_address`` (node_no, token_no, df, token_weight).

    A word of a name is optional if it stands in brackets or also in the node's own address: towns in names come and go.
    """
    for side in ("name", "address"):
        con.execute(_weights_sql(side, f"m_common_{side}"))
        con.execute(
            f"""
            create or replace temp table m_{side} as
            select tokens.node_no, tokens.token_no, words.df, words.token_weight, {_OPTIONAL[side]} as is_optional
            from m_{side}_tokens as tokens
            inner join m_nodes as nodes using (node_no)
            inner join m_{side}_words as words
                on words.country_code = nodes.country_code and words.token_no = tokens.token_no
            """
        )
    con.execute("drop table m_name_words; drop table m_address_words")
    con.execute("drop table m_name_tokens; drop table m_address_tokens")


_RAREST = f"""
create or replace temp table m_rarest as
with rarest as (
    select node_no, token_no, df, 1 as side, row_number() over (partition by node_no order by df, token_no) as rarity
    from m_name
    qualify rarity <= {NAME_WORDS}
    union all
    select node_no, token_no, df, 2 as side, row_number() over (partition by node_no order by df, token_no) as rarity
    from m_address
    qualify rarity <= {ADDRESS_WORDS}
), sized as (
    select country_code, count(*) as node_count from m_nodes group by country_code
)
select rarest.*, nodes.country_code, {CHANCE_MEETINGS} * sized.node_count as most_meetings
from rarest
inner join m_nodes as nodes using (node_no)
inner join sized using (country_code)
"""

_WORD_PAIRS = f"""
create or replace temp table m_keys as
select l.country_code, l.node_no,
    ((l.side + r.side)::bigint << {2 * _WORD_BITS}) + (least(l.token_no, r.token_no)::bigint << {_WORD_BITS})
        + greatest(l.token_no, r.token_no) as key
from m_rarest as l
inner join m_rarest as r on l.node_no = r.node_no
where (l.side < r.side or (l.side = r.side and l.rarity < r.rarity))
    and (l.side = 1 or (l.rarity = 1 and r.rarity = 2))
    and l.df::bigint * r.df <= l.most_meetings
"""


def _members(rule: Rule) -> str:
    """Members (rule, bucket_no, node_no) of the buckets of 2 to ``cap`` nodes that share a key."""
    return f"""
        with buckets as (
            select {rule.key}, row_number() over () as bucket_no from {rule.source} group by {rule.key}
            having count(*) between 2 and {rule.cap}
        )
        select {rule.bit}::utinyint as rule, bucket_no::integer as bucket_no, node_no
        from {rule.source} inner join buckets using ({rule.key})
    """


def make_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_keys`` (country_code, node_no, key): every two of a node's rarest words, as one number."""
    con.execute(_RAREST)
    con.execute(_WORD_PAIRS)
    con.execute("drop table m_rarest")


def make_candidates(con: duckdb.DuckDBPyConnection) -> int:
    """Make ``m_pairs`` (pair_no, left_no, right_no, rules) and return how many pairs there are."""
    make_keys(con)
    for number, rule in enumerate(RULES):
        con.execute(f"create or replace temp table m_kept as {_members(rule)}")
        con.execute(
            f"{'insert into m_found' if number else 'create or replace temp table m_found as'} "
            "select l.node_no as left_no, r.node_no as right_no, l.rule "
            "from m_kept as l inner join m_kept as r on l.bucket_no = r.bucket_no where l.node_no < r.node_no"
        )
    con.execute(
        """
        create or replace temp table m_pairs as
        with grouped as (
            select left_no, right_no, bit_or(rule) as rules from m_found group by left_no, right_no
        )
        select (row_number() over (order by left_no, right_no) - 1)::integer as pair_no, left_no, right_no, rules
        from grouped
        semi join m_site_nodes as l on l.node_no = left_no
        semi join m_site_nodes as r on r.node_no = right_no
        """
    )
    con.execute("drop table m_kept; drop table m_found; drop table m_keys")
    return int(con.execute("select count(*) from m_pairs").fetchall()[0][0])
