"""Candidate pairs: which nodes are worth comparing.

A rule makes keys; two nodes of one country that share a key are a candidate pair, unless more than ``cap`` nodes share
it. The main rule makes a key of every two of a node's rarest words, so that pairs grow with the records and not with
their square. Identifier pairs cross countries, and nodes without a country meet every other through rare keys.
"""

from dataclasses import dataclass

import duckdb

NAME_WORDS, ADDRESS_WORDS, NUMBERS = 4, 4, 4
CHANCE_MEETINGS = 4
"""Two words make a key only if at most this many records would hold both by chance."""

_ID_BIT, _NAME_BIT, _TOKENS_BIT, _PREFIX_BIT, _PLACE_BIT, _MISSING_BIT, _ABROAD_BIT, _START_BIT = (
    1 << bit for bit in range(8)
)


@dataclass(frozen=True)
class Rule:
    """One candidate rule: its bit in ``rules``, its name, and the largest bucket that makes pairs."""

    bit: int
    name: str
    cap: int


RULES = (
    Rule(_ID_BIT, "identifier", 200),
    Rule(_NAME_BIT, "same name", 30),
    Rule(_TOKENS_BIT, "rare words and numbers", 20),
    Rule(_PREFIX_BIT, "name prefix", 12),
    Rule(_START_BIT, "start of the name and number", 20),
    Rule(_PLACE_BIT, "postcode and number", 12),
    Rule(_MISSING_BIT, "rare words and numbers, no country", 10),
    Rule(_ABROAD_BIT, "same name and numbers, any country", 4),
)


def rule_names(bits: int) -> list[str]:
    """Names of the rules in a bit set."""
    return [rule.name for rule in RULES if bits & rule.bit]


OPTIONAL_SHARE = 0.3
"""What an optional word of a name counts of its weight."""


def _weights_sql(side: str) -> str:
    """Weight of each word of one side: log of how rare it is in its country, in milli-nats, in steps of 500.

    Shares are shrunk towards the share over all countries with 20 pseudo-nodes, and that one towards the share in open
    lists with 500, so that a short list does not take its towns and trades for rare words. Words that are common
    everywhere have a share of at least 3 %. The coarse steps keep weights still when a few records arrive.
    """
    return f"""
    create or replace temp table m_{side}_words as
    with sized as (select country_code, count(*) as node_count from m_nodes group by country_code),
    counted as (
        select nodes.country_code, tokens.token_no, count(*) as df
        from m_{side}_tokens as tokens inner join m_nodes as nodes using (node_no) group by all
    ), everywhere as (
        select counted.token_no, coalesce(any_value(common.is_trade), false) as is_trade,
            (sum(counted.df) + 500 * coalesce(any_value(common.share), 0))
                / ((select count(*) from m_nodes) + 500) as share
        from counted
        inner join m_words as words using (token_no)
        left join m_common_{side} as common on common.word = words.word
        group by counted.token_no
    )
    select
        counted.country_code, counted.token_no, counted.df::integer as df,
        (500 * round(2 * greatest(0.5, least(7.0, -ln(greatest(
            (counted.df + 20 * everywhere.share) / (sized.node_count + 20),
            case when everywhere.is_trade then 0.03 else 0 end
        ))))))::integer as token_weight
    from counted
    inner join everywhere using (token_no)
    inner join sized using (country_code)
    """


_IS_OPTIONAL = {
    "name": "tokens.is_inside or (tokens.node_no, tokens.token_no) in "
    "(select (node_no, token_no) from m_address_tokens)",
    "address": "false",
}


def weigh_tokens(con: duckdb.DuckDBPyConnection) -> None:
    """Give every node's words their weight.

    Makes ``m_name`` and ``m_address`` (node_no, token_no, df, token_weight), and ``m_name_joins`` and
    ``m_address_joins`` (node_no, token_no, joined_weight): neighbouring words of a node that some node writes as one,
    with the weight of both. A word of a name is optional if it stands in brackets or also in the node's own address:
    towns in names come and go.
    """
    for side in ("name", "address"):
        con.execute(_weights_sql(side))
        con.execute(
            f"""
            create or replace temp table m_{side} as
            select tokens.node_no, tokens.token_no, words.df,
                (case when {_IS_OPTIONAL[side]} then {OPTIONAL_SHARE} else 1 end
                    * words.token_weight)::integer as token_weight
            from m_{side}_tokens as tokens
            inner join m_nodes as nodes using (node_no)
            inner join m_{side}_words as words
                on words.country_code = nodes.country_code and words.token_no = tokens.token_no;
            create or replace temp table m_{side}_joins as
            select pairs.node_no, words.token_no, sum(l.token_weight + r.token_weight)::integer as joined_weight
            from m_{side}_neighbours as pairs
            inner join m_words as words using (word)
            inner join m_{side} as l on l.node_no = pairs.node_no and l.token_no = pairs.left_token
            inner join m_{side} as r on r.node_no = pairs.node_no and r.token_no = pairs.right_token
            group by all
            """
        )
    for side in ("name", "address"):
        con.execute(f"drop table m_{side}_words; drop table m_{side}_tokens; drop table m_{side}_neighbours")


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

_WORD_PAIRS = """
create or replace temp table m_keys as
select l.country_code, l.node_no,
    ((l.side + r.side)::bigint << 58) + (least(l.token_no, r.token_no)::bigint << 29)
        + greatest(l.token_no, r.token_no) as key
from m_rarest as l
inner join m_rarest as r on l.node_no = r.node_no
where (l.side < r.side or (l.side = r.side and l.rarity < r.rarity))
    and (l.side = 1 or (l.rarity = 1 and r.rarity = 2))
    and l.df::bigint * r.df <= l.most_meetings
"""

#: A number of the address with each of the rarer words of the name: where names repeat, numbers tell them apart.
_NUMBER_PAIRS = f"""
insert into m_keys
with counted as (
    select nodes.country_code, numbers.number_value, count(*) as df
    from m_numbers as numbers inner join m_nodes as nodes using (node_no) group by all
), rarest as (
    select nodes.node_no, nodes.country_code, numbers.number_value, counted.df
    from m_numbers as numbers
    inner join m_nodes as nodes using (node_no)
    inner join counted
        on counted.country_code = nodes.country_code and counted.number_value = numbers.number_value
    qualify row_number() over (partition by nodes.node_no order by counted.df, numbers.number_value) <= {NUMBERS}
)
select words.country_code, words.node_no,
    (5::bigint << 58) + (words.token_no::bigint << 29)
        + (rarest.number_value::hugeint * 2654435761 % (1 << 29))::bigint as key
from m_rarest as words
inner join rarest on rarest.node_no = words.node_no
where words.side = 1 and words.df::bigint * rarest.df <= words.most_meetings
"""


def _members(bit: int, source: str, key: str, cap: int) -> str:
    """Members (rule, bucket_no, node_no) of the buckets of 2 to ``cap`` nodes that share a key."""
    return f"""
        with buckets as (
            select {key}, row_number() over () as bucket_no from {source} group by {key}
            having count(*) between 2 and {cap}
        )
        select {bit}::utinyint as rule, bucket_no::integer as bucket_no, node_no
        from {source} inner join buckets using ({key})
    """


_NAMES = (
    "(select country_code, node_no, squashed_name as name_key from m_nodes where length(squashed_name) >= 3 union all "
    "select country_code, node_no, native_name from m_nodes "
    "where length(native_name) >= 3 and native_name <> squashed_name)"
)
_PREFIXES = (
    "(select country_code, node_no, left(squashed_name, 5) as prefix from m_nodes where length(squashed_name) >= 5)"
)
#: A site filed under two countries still has its name and the numbers of its address.
_NUMBERED_NAMES = """
    (with spread as (
        select squashed_name from m_nodes where length(squashed_name) >= 8
        group by squashed_name having min(country_code) <> max(country_code)
    )
    select nodes.node_no, nodes.squashed_name, list_sort(list(numbers.number_value)) as numbers
    from m_nodes as nodes semi join spread using (squashed_name) inner join m_numbers as numbers using (node_no)
    group by all)
"""
_STARTS = (
    "(select nodes.country_code, nodes.node_no, left(nodes.squashed_name, 12) as prefix, numbers.number_value "
    "from m_nodes as nodes inner join m_numbers as numbers using (node_no) where length(nodes.squashed_name) >= 5)"
)
_PLACES = (
    "(select nodes.country_code, nodes.node_no, nodes.postcode, numbers.number_value from m_nodes as nodes "
    "inner join m_numbers as numbers using (node_no) where nodes.postcode <> '')"
)
_MISSING_COUNTRY = (
    "(select key, node_no, country_code from m_keys where key in (select key from m_keys where country_code = ''))"
)


def _bucket_sql() -> list[str]:
    """One statement per rule that yields the members of its buckets."""
    caps = {rule.bit: rule.cap for rule in RULES}
    return [
        _members(_TOKENS_BIT, "m_keys", "country_code, key", caps[_TOKENS_BIT]),
        _members(_NAME_BIT, _NAMES, "country_code, name_key", caps[_NAME_BIT]),
        _members(_PREFIX_BIT, _PREFIXES, "country_code, prefix", caps[_PREFIX_BIT]),
        _members(_START_BIT, _STARTS, "country_code, prefix, number_value", caps[_START_BIT]),
        _members(_PLACE_BIT, _PLACES, "country_code, postcode, number_value", caps[_PLACE_BIT]),
        _members(_ID_BIT, "(from m_identifiers where is_site_level)", "id_scheme, id_value", caps[_ID_BIT]),
        _members(_MISSING_BIT, _MISSING_COUNTRY, "key", caps[_MISSING_BIT]),
        _members(_ABROAD_BIT, _NUMBERED_NAMES, "squashed_name, numbers", caps[_ABROAD_BIT]),
    ]


def make_candidates(con: duckdb.DuckDBPyConnection) -> int:
    """Make ``m_pairs`` (pair_no, left_no, right_no, rules) and return how many pairs there are."""
    con.execute(_RAREST)
    con.execute(_WORD_PAIRS)
    con.execute(_NUMBER_PAIRS)
    for number, members in enumerate(_bucket_sql()):
        con.execute(f"create or replace temp table m_kept as {members}")
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
    con.execute("drop table m_kept; drop table m_found; drop table m_keys; drop table m_rarest")
    return int(con.execute("select count(*) from m_pairs").fetchall()[0][0])
