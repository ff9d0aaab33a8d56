"""Candidate pairs: which nodes are worth comparing.

A rule makes keys; two nodes of one country that share a key are a candidate pair, unless more than ``cap`` nodes share
it. The main rule makes a key of every two of a node's rarest words, so that pairs grow with the records and not with
their square. Identifier pairs cross countries, and nodes without a country meet every other through rare keys.
"""

from dataclasses import dataclass

import duckdb

SIDES = ("name", "address")
NAME_WORDS, ADDRESS_WORDS = 4, 4
CHANCE_MEETINGS = 4
"""Two words make a key only if about this many records, at most, would hold both by chance."""

PREFIX_LETTERS = 5
SUPPORT_BITS = 20
"""Bits that count the buckets of one rule that two nodes share."""

_ID_BIT, _NAME_BIT, _TOKENS_BIT, _PREFIX_BIT, _PLACE_BIT, _ABROAD_BIT = 1, 2, 4, 8, 16, 32


@dataclass(frozen=True)
class Rule:
    """One candidate rule: its bit in ``rules``, its name, and the largest bucket that makes pairs."""

    bit: int
    name: str
    cap: int


RULES = (
    Rule(_ID_BIT, "identifier", 200),
    Rule(_NAME_BIT, "same name", 30),
    Rule(_TOKENS_BIT, "rare words", 20),
    Rule(_PREFIX_BIT, "name prefix", 12),
    Rule(_PLACE_BIT, "postcode and number", 12),
    Rule(_ABROAD_BIT, "rare words, no country", 10),
)


CAPS = {rule.bit: rule.cap for rule in RULES}
PREFIX_CAP = CAPS[_PREFIX_BIT]


def rule_names(bits: int) -> list[str]:
    """Names of the rules in a bit set."""
    return [rule.name for rule in RULES if bits & rule.bit]


def _weights_sql(side: str, prior_words: str) -> str:
    """Weight of each word of one side: log of how rare it is in its country, in milli-nats, in steps of 500.

    Shares are shrunk towards the share over all countries with 20 pseudo-nodes, and words that are common everywhere
    (``prior_words``) have a share of at least 3 %. The coarse steps keep weights still when a few records arrive.
    So does ``rarity``, by which words make keys: the magnitude of their number, then a hash of the word.
    """
    return f"""
    create or replace temp table m_{side}_words as
    with everywhere as (
        select token_no, sum(df) / (select sum(node_count) from m_sizes) as share
        from m_{side}_counts group by token_no
    )
    select
        counted.country_code, counted.token_no, counted.df,
        (floor(log2(counted.df))::ubigint << 56) + (md5_number_lower(words.word) >> 8) as rarity,
        (500 * round(2 * greatest(0.5, least(7.0, -ln(greatest(
            (counted.df + 20 * everywhere.share) / (m_sizes.node_count + 20),
            case when common.word is null then 0 else 0.03 end
        ))))))::integer as token_weight
    from m_{side}_counts as counted
    inner join everywhere using (token_no)
    inner join m_sizes using (country_code)
    inner join m_words as words using (token_no)
    left join {prior_words} as common on common.word = words.word
    """


_OPTIONAL = {
    "name": "tokens.is_inside or (tokens.node_no, tokens.token_no) in "
    "(select (node_no, token_no) from m_address_tokens)",
    "address": "false",
}


def count_words(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_sizes``, the nodes of each country, and ``m_name_counts`` and ``m_address_counts``: nodes per word."""
    con.execute(f"create or replace temp table m_sizes as {sizes_sql('m_nodes')}")
    for side in SIDES:
        con.execute(f"create or replace temp table m_{side}_counts as {counts_sql(side)}")


def sizes_sql(nodes: str) -> str:
    """Nodes per country, and the largest sum of the magnitudes of two words that still make a key there."""
    return (
        "select country_code, count(*) as node_count, "
        f"floor(log2({CHANCE_MEETINGS} * count(*)))::integer - 1 as most_meetings from {nodes} group by country_code"
    )


def counts_sql(side: str) -> str:
    """Nodes per country and word of one side."""
    return (
        "select nodes.country_code, tokens.token_no, count(*)::integer as df "
        f"from m_{side}_tokens as tokens inner join m_nodes as nodes using (node_no) group by all"
    )


def weigh_words(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_name_words`` and ``m_address_words``: weight and rarity of each word in each country."""
    for side in SIDES:
        con.execute(_weights_sql(side, f"m_common_{side}"))


def weigh_tokens(con: duckdb.DuckDBPyConnection) -> None:
    """Give every node's words their weight: ``m_name`` and ``m_address`` (node_no, token_no, rarity, token_weight).

    A word of a name is optional if it stands in brackets or also in the node's own address: towns in names come and go.
    """
    for side in SIDES:
        con.execute(
            f"""
            create or replace temp table m_{side} as
            select tokens.node_no, tokens.token_no, words.rarity, words.token_weight, {_OPTIONAL[side]} as is_optional
            from m_{side}_tokens as tokens
            inner join m_nodes as nodes using (node_no)
            inner join m_{side}_words as words
                on words.country_code = nodes.country_code and words.token_no = tokens.token_no
            """
        )


_RAREST = f"""
create or replace temp table m_rarest as
with rarest as (
    select node_no, token_no, rarity, 1 as side, row_number() over (partition by node_no order by rarity) as place
    from m_name
    qualify place <= {NAME_WORDS}
    union all
    select node_no, token_no, rarity, 2 as side, row_number() over (partition by node_no order by rarity) as place
    from m_address
    qualify place <= {ADDRESS_WORDS}
)
select rarest.node_no, rarest.token_no, rarest.side, rarest.place, (rarest.rarity >> 56)::integer as magnitude,
    nodes.country_code, m_sizes.most_meetings
from rarest
inner join m_nodes as nodes using (node_no)
inner join m_sizes using (country_code)
"""

_WORD_PAIRS = """
create or replace temp table m_keys as
select l.country_code, l.node_no,
    ((l.side + r.side)::bigint << 58) + (least(l.token_no, r.token_no)::bigint << 29)
        + greatest(l.token_no, r.token_no) as key
from m_rarest as l
inner join m_rarest as r on l.node_no = r.node_no
where (l.side < r.side or (l.side = r.side and l.place < r.place))
    and (l.side = 1 or (l.place = 1 and r.place = 2))
    and l.magnitude + r.magnitude <= l.most_meetings;
drop table m_rarest
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


_SOURCES = """
create or replace temp view m_named as
select country_code, node_no, squashed_name as name_key from {named} where length(squashed_name) >= 3;
create or replace temp view m_prefixed as
select country_code, node_no, left(squashed_name, {length}) as prefix from {prefixed}
where length(squashed_name) >= {length};
create or replace temp view m_addressed as
select nodes.country_code, nodes.node_no, nodes.postcode, numbers.number_value
from {placed} as nodes inner join m_numbers as numbers using (node_no) where nodes.postcode <> '';
create or replace temp view m_site_identifiers as from m_identifiers where is_site_level
"""
_MISSING_COUNTRY = (
    "(select key, node_no, country_code from m_keys where key in (select key from m_keys where country_code = ''))"
)


def _bucket_sql() -> list[str]:
    """One statement per rule that yields the members of its buckets."""
    return [
        _members(_TOKENS_BIT, "m_keys", "country_code, key", CAPS[_TOKENS_BIT]),
        _members(_NAME_BIT, "m_named", "country_code, name_key", CAPS[_NAME_BIT]),
        _members(_PREFIX_BIT, "m_prefixed", "country_code, prefix", CAPS[_PREFIX_BIT]),
        _members(_PLACE_BIT, "m_addressed", "country_code, postcode, number_value", CAPS[_PLACE_BIT]),
        _members(_ID_BIT, "m_site_identifiers", "id_scheme, id_value", CAPS[_ID_BIT]),
        _members(_ABROAD_BIT, _MISSING_COUNTRY, "key", CAPS[_ABROAD_BIT]),
    ]


def make_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_keys`` (country_code, node_no, key): the pairs of rare words under which each node is found."""
    con.execute(_RAREST)
    con.execute(_WORD_PAIRS)


def make_other_keys(
    con: duckdb.DuckDBPyConnection, named: str = "m_nodes", prefixed: str = "m_nodes", placed: str = "m_nodes"
) -> None:
    """Make the keys of the other rules: ``m_named``, ``m_prefixed``, ``m_addressed`` and ``m_site_identifiers``.

    The three tables are the nodes that each rule sees: those of an increment are whole buckets, of each rule its own.
    """
    con.execute(_SOURCES.format(length=PREFIX_LETTERS, named=named, prefixed=prefixed, placed=placed))


def find_pairs(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_supported`` (left_no, right_no, support): every two site nodes that share a bucket.

    ``support`` counts the shared buckets of each rule, ``SUPPORT_BITS`` bits a rule, so that what a bucket adds can
    be taken away again when it changes.
    """
    units = " ".join(f"when {rule.bit} then 1::hugeint << {place * SUPPORT_BITS}" for place, rule in enumerate(RULES))
    for number, members in enumerate(_bucket_sql()):
        con.execute(f"create or replace temp table m_kept as {members}")
        con.execute(
            f"{'insert into m_found' if number else 'create or replace temp table m_found as'} "
            "select l.node_no as left_no, r.node_no as right_no, l.rule "
            "from m_kept as l inner join m_kept as r on l.bucket_no = r.bucket_no where l.node_no < r.node_no"
        )
    con.execute(
        f"""
        create or replace temp table m_supported as
        select left_no, right_no, sum(case rule {units} end) as support
        from m_found
        semi join m_site_nodes as l on l.node_no = left_no
        semi join m_site_nodes as r on r.node_no = right_no
        group by left_no, right_no;
        drop table m_kept;
        drop table m_found
        """
    )


def drop_candidates(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what has led to ``m_pairs`` and serves nothing else."""
    for side in SIDES:
        con.execute(f"drop table m_{side}_tokens; drop table m_{side}_counts; drop table m_{side}_words")
    con.execute("drop table m_keys; drop table m_supported")


def rules_sql(support: str = "support") -> str:
    """The bit set of rules that a column of support holds, as an SQL expression."""
    mask = (1 << SUPPORT_BITS) - 1
    fired = (
        f"if(({support} >> {place * SUPPORT_BITS}) & {mask} > 0, {rule.bit}, 0)" for place, rule in enumerate(RULES)
    )
    return f"({' + '.join(fired)})::utinyint"


def number_pairs(con: duckdb.DuckDBPyConnection) -> int:
    """Make ``m_pairs`` (pair_no, left_no, right_no, rules) of ``m_supported`` and return how many pairs there are."""
    con.execute(
        "create or replace temp table m_pairs as "
        "select (row_number() over (order by left_no, right_no) - 1)::integer as pair_no, left_no, right_no, "
        f"{rules_sql()} as rules from m_supported"
    )
    return int(con.execute("select count(*) from m_pairs").fetchall()[0][0])
