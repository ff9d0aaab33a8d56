"""Candidate pairs: which nodes are worth comparing.

A rule makes keys; two nodes of one country that share a key are a candidate pair, unless more than ``cap`` nodes share
it. The main rule makes a key of every two of a node's rarest words, so that pairs grow with the records and not with
their square. Identifier pairs cross countries, and nodes without a country meet every other through rare keys.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import duckdb

from conjoin.matching.text.designator_words import LETTERS

SIDES = ("name", "address")
NAME_WORDS, ADDRESS_WORDS, NUMBERS = 4, 4, 4
CHANCE_MEETINGS = 4
"""Two words make a key only if about this many records, at most, would hold both by chance."""

PREFIX_LETTERS = 5
START_LETTERS = 12
SUPPORT_BITS = 15
"""Bits that count the buckets of one rule that two nodes share."""

_ID_BIT, _NAME_BIT, _TOKENS_BIT, _PREFIX_BIT, _PLACE_BIT, _MISSING_BIT, _ABROAD_BIT, _START_BIT = (
    1 << bit for bit in range(8)
)


_WORD_BITS = 29
_WORD = f"(select word from m_words where token_no = {{}} & {2**_WORD_BITS - 1})"
_NUMBER = (
    f"number_value // {LETTERS} || case when number_value % {LETTERS} > 0 "
    f"then chr((96 + number_value % {LETTERS})::integer) else '' end"
)
_TWO_WORDS = (
    f"{_WORD.format(f'key >> {_WORD_BITS}')} || case key >> {2 * _WORD_BITS} when 5 then ' and a number' "
    f"else ', ' || {_WORD.format('key')} end || case key >> {2 * _WORD_BITS} when 2 then ' (name)' "
    "when 4 then ' (address)' else ' (name and address)' end"
)
_MISSING_COUNTRY = (
    "(select key, node_no, country_code from m_keys where key in (select key from m_keys where country_code = ''))"
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


_PLACED = "country_code, postcode, number_value"
_STARTED = "country_code, prefix, number_value"
RULES = (
    Rule(_ID_BIT, "identifier", 200, "m_site_identifiers", "id_scheme, id_value", "id_scheme || ' ' || id_value"),
    Rule(_NAME_BIT, "same name", 30, "m_named", "country_code, name_key", "name_key"),
    Rule(_TOKENS_BIT, "rare words and numbers", 20, "m_keys", "country_code, key", _TWO_WORDS),
    Rule(_PREFIX_BIT, "name prefix", 12, "m_prefixed", "country_code, prefix", "prefix || '...'"),
    Rule(_START_BIT, "start of the name and number", 20, "m_started", _STARTED, f"prefix || '..., no. ' || {_NUMBER}"),
    Rule(_PLACE_BIT, "postcode and number", 12, "m_addressed", _PLACED, f"postcode || ', no. ' || {_NUMBER}"),
    Rule(_MISSING_BIT, "rare words and numbers, no country", 10, _MISSING_COUNTRY, "key", _TWO_WORDS),
    Rule(_ABROAD_BIT, "same name and numbers, any country", 4, "m_spread", "squashed_name, numbers", "squashed_name"),
)


PREFIX_CAP = next(rule.cap for rule in RULES if rule.bit == _PREFIX_BIT)


def rule_names(bits: int) -> list[str]:
    """Names of the rules in a bit set."""
    return [rule.name for rule in RULES if bits & rule.bit]


OPTIONAL_SHARE = 0.3
"""What an optional word of a name counts of its weight."""


def _rarity(count: str, name: str) -> str:
    """What words and numbers are ranked by: the magnitude of their count, then something that follows from them alone.

    The count itself would not hold still: with every delivery most nodes would be found under other words.
    """
    return f"(floor(log2({count}))::ubigint << 56) + ({name} >> 8)"


def _weights_sql(side: str) -> str:
    """Weight of each word of one side: log of how rare it is in its country, in milli-nats, in steps of 500.

    How rare says ``common_words.csv`` alone, never the lists at hand: what speaks for two records being one site rests
    on the two, not on how long a list is or who else delivers. Shares in a country are shrunk towards those of all
    countries with 200 pseudo-rows, and these towards that of a word never seen. Words that are common everywhere have a
    share of at least 3 %. ``df`` and ``rarity``, by which candidates are found, count the lists at hand.
    """
    return f"""
    create or replace temp table m_{side}_words as
    with weighed as (
        select counted.*, words.word,
            (coalesce(here.row_count, 0) + {_SHRINK} * greatest(coalesce(everywhere.share, 0), {_UNSEEN_SHARE}))
                / (coalesce(sizes.row_count, 0) + {_SHRINK}) as share,
            coalesce(everywhere.is_trade, false) as is_trade
        from m_{side}_counts as counted
        inner join m_words as words using (token_no)
        left join m_common_{side} as everywhere on everywhere.country_code = '' and everywhere.word = words.word
        left join m_common_{side} as here on here.country_code = counted.country_code and here.word = words.word
            and here.country_code <> ''
        left join m_common_sizes as sizes on sizes.country_code = counted.country_code and sizes.country_code <> ''
    )
    select country_code, token_no, df, {_rarity("df", "md5_number_lower(word)")} as rarity,
        (500 * round(2 * greatest(0.5, least(7.0, -ln(greatest(share, case when is_trade then 0.03 else 0 end)))))
        )::integer as token_weight
    from weighed
    """


_SHRINK = 200
"""Rows of all countries that count beside those of one."""
_UNSEEN_SHARE = 0.003
"""Share of rows that hold a word that no open list holds."""

_IS_OPTIONAL = {
    "name": "tokens.is_inside or (tokens.node_no, tokens.token_no) in "
    "(select (node_no, token_no) from m_address_tokens)",
    "address": "false",
}


def count_words(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_sizes`` and ``m_<side>_counts``, and rank the numbers of addresses (``m_number_ranks``)."""
    con.execute(f"create or replace temp table m_sizes as {sizes_sql('m_nodes')}")
    for side in SIDES:
        con.execute(f"create or replace temp table m_{side}_counts as {counts_sql(side)}")
    con.execute(f"create or replace temp table m_number_ranks as {number_ranks_sql('m_numbers', 'm_nodes')}")


def number_ranks_sql(numbers: str, nodes: str) -> str:
    """Rarity of each number of an address in each country."""
    return (
        f"select country_code, number_value, {_rarity('count(*)', '(number_value::ubigint << 8)')} as rarity "
        f"from {numbers} inner join {nodes} using (node_no) group by country_code, number_value"
    )


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
        con.execute(_weights_sql(side))


def weigh_tokens(con: duckdb.DuckDBPyConnection) -> None:
    """Give every node's words their weight.

    Makes ``m_name`` and ``m_address`` (node_no, token_no, rarity, token_weight), and ``m_name_joins`` and
    ``m_address_joins`` (node_no, token_no, joined_weight): neighbouring words of a node that some node writes as one,
    with the weight of both. A word of a name is optional if it stands in brackets or also in the node's own address:
    towns in names come and go.
    """
    for side in SIDES:
        con.execute(
            f"""
            create or replace temp table m_{side} as
            select tokens.node_no, tokens.token_no, words.rarity,
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
    and l.magnitude + r.magnitude <= l.most_meetings
"""

#: A number of the address with each of the rarer words of the name: where names repeat, numbers tell them apart.
_NUMBER_PAIRS = f"""
insert into m_keys
with rarest as (
    select nodes.node_no, nodes.country_code, numbers.number_value, (ranks.rarity >> 56)::integer as magnitude
    from m_numbers as numbers
    inner join m_nodes as nodes using (node_no)
    inner join m_number_ranks as ranks
        on ranks.country_code = nodes.country_code and ranks.number_value = numbers.number_value
    qualify row_number() over (partition by nodes.node_no order by ranks.rarity) <= {NUMBERS}
)
select words.country_code, words.node_no,
    (5::bigint << 58) + (words.token_no::bigint << 29)
        + (rarest.number_value::hugeint * 2654435761 % (1 << 29))::bigint as key
from m_rarest as words
inner join rarest on rarest.node_no = words.node_no
where words.side = 1 and words.magnitude + rarest.magnitude <= words.most_meetings;
drop table m_rarest
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


_SOURCES = """
create or replace temp view m_named as
select country_code, node_no, squashed_name as name_key from {named} where length(squashed_name) >= 3
union all
select country_code, node_no, native_name from {named}
where length(native_name) >= 3 and native_name <> squashed_name;
create or replace temp view m_prefixed as
select country_code, node_no, left(squashed_name, {prefix}) as prefix from {prefixed}
where length(squashed_name) >= {prefix};
create or replace temp view m_started as
select nodes.country_code, nodes.node_no, left(nodes.squashed_name, {start}) as prefix, numbers.number_value
from {started} as nodes inner join m_numbers as numbers using (node_no) where length(nodes.squashed_name) >= {prefix};
create or replace temp view m_addressed as
select nodes.country_code, nodes.node_no, nodes.postcode, numbers.number_value
from {placed} as nodes inner join m_numbers as numbers using (node_no) where nodes.postcode <> '';
create or replace temp view m_spread as
with spread as (
    select squashed_name from {spread} where length(squashed_name) >= 8
    group by squashed_name having min(country_code) <> max(country_code)
)
select nodes.node_no, nodes.squashed_name, list_sort(list(numbers.number_value)) as numbers
from {spread} as nodes semi join spread using (squashed_name) inner join m_numbers as numbers using (node_no)
group by nodes.node_no, nodes.squashed_name;
create or replace temp view m_site_identifiers as from m_identifiers where is_site_level
"""


def make_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``m_keys`` (country_code, node_no, key): the pairs of rare words under which each node is found."""
    con.execute(_RAREST)
    con.execute(_WORD_PAIRS)
    con.execute(_NUMBER_PAIRS)


@dataclass(frozen=True)
class SeenBy:
    """The table of nodes that each rule of names and places sees: of an increment, whole buckets of that rule."""

    named: str = "m_nodes"
    prefixed: str = "m_nodes"
    started: str = "m_nodes"
    placed: str = "m_nodes"
    spread: str = "m_nodes"


def make_other_keys(con: duckdb.DuckDBPyConnection, seen: SeenBy | None = None) -> None:
    """Make the keys of the other rules.

    These are ``m_named``, ``m_prefixed``, ``m_started``, ``m_addressed``, ``m_spread`` and ``m_site_identifiers``.
    """
    con.execute(_SOURCES.format(prefix=PREFIX_LETTERS, start=START_LETTERS, **asdict(seen or SeenBy())))


def find_pairs(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule] = RULES) -> None:
    """Make ``m_supported`` (left_no, right_no, support): every two site nodes that share a bucket of those rules.

    ``support`` counts the shared buckets of each rule, ``SUPPORT_BITS`` bits a rule, so that what a bucket adds can
    be taken away again when it changes.
    """
    units = " ".join(f"when {rule.bit} then 1::hugeint << {place * SUPPORT_BITS}" for place, rule in enumerate(RULES))
    for number, rule in enumerate(rules):
        con.execute(f"create or replace temp table m_members as {_members(rule)}")
        con.execute(
            f"{'insert into m_found' if number else 'create or replace temp table m_found as'} "
            "select l.node_no as left_no, r.node_no as right_no, l.rule "
            "from m_members as l inner join m_members as r on l.bucket_no = r.bucket_no where l.node_no < r.node_no"
        )
    con.execute(
        f"""
        create or replace temp table m_supported as
        select left_no, right_no, sum(case rule {units} end) as support
        from m_found
        inner join m_site_nodes as l on l.node_no = left_no
        inner join m_site_nodes as r on r.node_no = right_no
        where rule = {_ID_BIT} or not (l.is_mute or r.is_mute)
        group by left_no, right_no;
        drop table m_members;
        drop table m_found
        """
    )


def drop_candidates(con: duckdb.DuckDBPyConnection) -> None:
    """Drop what has led to ``m_pairs`` and serves nothing else."""
    for side in SIDES:
        for name in ("tokens", "neighbours", "counts", "words"):
            con.execute(f"drop table m_{side}_{name}")
    con.execute("drop table m_keys; drop table m_supported; drop table m_number_ranks")


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
