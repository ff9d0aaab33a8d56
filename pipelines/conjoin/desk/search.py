"""Finding a site by any of its names, spellings, addresses and ids, also mistyped.

The words of all names and addresses, folded to ASCII as matching folds them, are indexed once for each published
file: a word of the query meets the words that it begins, or else those within one or two slips of the keyboard.
"""

import atexit
import re
import shutil
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from conjoin.matching.text.ascii import fold_column, fold_texts

#: What a word of the query is worth that is the site's word, that begins it, or that is mistyped.
_SAME, _BEGINS, _SLIPPED = 1.0, 0.8, 0.6
#: A word of the name says more about a site than one of its address.
_NAME, _ADDRESS = 1.0, 0.5
_MOST_WORDS = 12
_MOST_FOUND = 5_000
_BATCH = 50_000
_MEMORY = "100MB"

_TABLES = """
create table words (word_no integer, word varchar);
create table postings (word_no integer, site_no integer, worth float);
create table sites (site_no integer, site_id varchar);
create table ids (id_value varchar, site_no integer)
"""

_TEXTS = """
select site_id, site_name as told, true as is_name from marts.sites
union select site_id, site_name_native, true from marts.sites
union select site_id, site_name, true from marts.site_records_at_sites
union select site_id, site_name_native, true from marts.site_records_at_sites
union select site_id, concat_ws(' ', site_address, city_name, region_name, postal_code), false
from marts.site_records_at_sites
union select site_id, concat_ws(' ', site_address, city_name, region_name, postal_code), false from marts.sites
"""

_IDS = """
select site_id as id_value, site_id from marts.sites
union select record_id, site_id from marts.site_records_at_sites
union select site_id_source, site_id from marts.site_records_at_sites where site_id_source is not null
union select id_value, site_id from marts.site_identifiers_at_sites where id_value is not null
"""

_FIND = """
with asked as (
    select unnest($words::varchar[]) as asked_word
), same as (
    select asked_word, word_no,
        case when word = asked_word then $same else $begins end as worth
    from asked inner join words on starts_with(word, asked_word)
), slipped as (
    select asked_word, word_no, $slipped as worth
    from asked inner join words
        on abs(length(word) - length(asked_word)) <= 2
        and length(asked_word) >= 4
        and damerau_levenshtein(word, asked_word) <= if(length(asked_word) >= 7, 2, 1)
    where asked_word not in (select asked_word from same where worth = $same)
), met as (
    select asked_word, site_no, max(found.worth * postings.worth) as worth
    from (from same union all from slipped) as found
    inner join postings using (word_no)
    group by asked_word, site_no
), rare as (
    select asked_word, ln(2 + (select count(*) from sites) / count(*)) as rarity from met group by asked_word
)
select sites.site_id, sum(met.worth * rare.rarity) / any_value(total.rarity) as score
from met
inner join rare using (asked_word)
inner join sites using (site_no)
cross join (select sum(rarity) as rarity from rare) as total
group by sites.site_id
order by score desc, sites.site_id
limit $most
"""


@dataclass(frozen=True)
class SiteIndex:
    """An index of one file's sites, in a folder that goes with the process."""

    con: duckdb.DuckDBPyConnection

    def find(self, asked: str) -> list[str]:
        """Sites that meet the query, best first: those of that id, or else those whose words do."""
        found = self.scores(asked)
        best = found[0][1] if found else 0
        return [site for site, score in found if score >= best / 2]

    def scores(self, asked: str) -> list[tuple[str, float]]:
        """Sites with how well they meet the query, from 0 to 1, best first; an id meets it wholly."""
        con = self.con.cursor()
        exact = con.execute(
            "select distinct site_id from ids inner join sites using (site_no) where id_value in ($1, $2) order by all",
            [asked.strip(), asked.strip().upper()],
        ).fetchall()
        words = words_of(asked)
        if exact or not words:
            return [(site, 1.0) for (site,) in exact]
        given = {"words": words, "same": _SAME, "begins": _BEGINS, "slipped": _SLIPPED, "most": _MOST_FOUND}
        return con.execute(_FIND, given).fetchall()


def words_of(asked: str) -> list[str]:
    """The words of a query, folded."""
    folded = fold_texts([unicodedata.normalize("NFC", asked)])[0].lower()
    return list(dict.fromkeys(re.findall(r"[a-z0-9]+", folded)))[:_MOST_WORDS]


def build_index(con: duckdb.DuckDBPyConnection) -> SiteIndex:
    """The index of what a connection shows."""
    folder = tempfile.mkdtemp(prefix="conjoin-desk-")  # it holds names, and is its owner's alone
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    index = duckdb.connect(
        str(Path(folder, "words.duckdb")),
        config={"memory_limit": _MEMORY, "threads": 2, "temp_directory": folder, "preserve_insertion_order": "false"},
    )
    index.execute(_TABLES)
    numbered = "select (row_number() over (order by site_id))::integer as site_no, site_id from marts.sites"
    _copy(index, con.sql(numbered).to_arrow_reader(_BATCH), "insert into sites from chunk")
    index.execute("create table texts (site_no integer, told varchar, worth float)")
    for batch in con.sql(_TEXTS).to_arrow_reader(_BATCH):
        chunk = pa.table({"site_id": batch.column(0), "told": fold_column(batch.column(1)), "is_name": batch.column(2)})
        index.register("chunk", chunk)
        index.execute(
            "insert into texts select distinct site_no, lower(told), if(is_name, $1, $2)::float "
            "from chunk inner join sites using (site_id) where told <> ''",
            [_NAME, _ADDRESS],
        )
        index.unregister("chunk")
    index.execute(
        """
        create table told as
        select word, site_no, max(worth) as worth
        from (select unnest(regexp_extract_all(told, '[a-z0-9]+')) as word, site_no, worth from texts)
        group by word, site_no;
        drop table texts;
        insert into words
        select (row_number() over (order by word))::integer, word from (select distinct word from told) order by word;
        insert into postings
        select word_no, site_no, max(worth) from told inner join words using (word)
        group by word_no, site_no order by word_no;
        drop table told
        """
    )
    ids = con.sql(_IDS).to_arrow_reader(_BATCH)
    _copy(index, ids, "insert into ids select id_value, site_no from chunk inner join sites using (site_id)")
    return SiteIndex(index)


def _copy(index: duckdb.DuckDBPyConnection, read: pa.RecordBatchReader, insert: str) -> None:
    for batch in read:
        index.register("chunk", pa.Table.from_batches([batch]))
        index.execute(insert)
        index.unregister("chunk")
