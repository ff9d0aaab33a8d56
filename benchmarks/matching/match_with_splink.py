"""A whole process of Splink 5: ``match_with_splink.py RECORDS.csv SITES.csv [--setup NAME]``; see splink_setups.py."""

import argparse
import logging
import time
from typing import Any

import duckdb
import splink.comparison_level_library as levels
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import And, CustomRule
from splink_setups import BEST, IDENTIFIED, SETUPS, Columns, Setup

CLEAN = r"""
create table records as
with given as (
    from read_csv($1, all_varchar = true)
    union all by name
    select null::varchar as os_id, null::varchar as latitude, null::varchar as longitude where false
), plain as (
    select *, trim(lower(strip_accents(city))) as plain_city,
        regexp_replace(lower(strip_accents(name)), '[^a-z0-9]+', ' ', 'g') as plain_name,
        regexp_replace(lower(strip_accents(address)), '[^a-z0-9,]+', ' ', 'g') as plain_address
    from given
), cleaned as (
    select *,
        regexp_replace(plain_name, '\b(ltd|limited|pvt|private|co|company|san|ve|tic|a s|sti)\b', '', 'g') as bare_name,
        regexp_replace(plain_address, '\b(no|road|rd)\b', '', 'g') as bare_address,
        trim(regexp_replace(split_part(plain_address, ',', -1), '[0-9]+', '', 'g')) as last_part
    from plain
), known_towns as (
    select distinct plain_city as known_town from plain where plain_city <> ''
), words as (
    select *, trim(regexp_replace(bare_name, ' +', ' ', 'g')) as tidy_name,
        trim(regexp_replace(split_part(bare_address, ',', 1), '[0-9]+', '', 'g')) as first_part
    from cleaned left join known_towns on last_part = known_town
)
select record_id as unique_id, source, nullif(country, '') as country, nullif(plain_city, '') as city,
    coalesce(nullif(plain_city, ''), known_town) as town,
    nullif(tidy_name, '') as name, nullif(split_part(tidy_name, ' ', 1), '') as first_word,
    nullif(trim(regexp_replace(bare_address, '[ ,]+', ' ', 'g')), '') as address,
    case when first_part <> coalesce(known_town, '') then first_part end as street,
    nullif(regexp_extract(address, '\b[0-9]{5}\b'), '') as postcode,
    nullif(regexp_extract(address, '\b[0-9]{1,4}\b'), '') as number,
    nullif(os_id, '') as os_id,
    try_cast(latitude as double) as latitude, try_cast(longitude as double) as longitude,
    round(try_cast(latitude as double), 2) as latitude_step, round(try_cast(longitude as double), 2) as longitude_step
from words
"""
"""Null wherever nothing is told. A town stands in its column, or last in an address if some record names it as city."""


def names(setup: Setup) -> Any:
    """The comparison of names."""
    if not setup.has_first_word:
        return cl.JaroWinklerAtThresholds("name", [0.97, 0.92, 0.85, 0.75]).configure(term_frequency_adjustments=True)
    return cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("name"),
            levels.ExactMatchLevel("name", term_frequency_adjustments=True),
            levels.JaroWinklerLevel("name", 0.95),
            levels.ExactMatchLevel("first_word"),
            levels.JaroWinklerLevel("name", 0.88),
            levels.JaroWinklerLevel("name", 0.8),
            levels.ElseLevel(),
        ],
    )


def places(setup: Setup) -> list[Any]:
    """The comparisons of address, postcode and number."""
    adjusted = {"term_frequency_adjustments": True}
    numbers = [cl.ExactMatch("postcode").configure(**adjusted), cl.ExactMatch("number").configure(**adjusted)]
    if not setup.has_parts:
        return [cl.JaccardAtThresholds("address", [0.9, 0.7]), *numbers]
    streets = cl.JaroWinklerAtThresholds("street", [0.92, 0.8]).configure(**adjusted)
    return [streets, cl.ExactMatch("town").configure(**adjusted), *numbers]


def identifiers(identifier_count: int) -> list[Any]:
    """The comparisons of identifiers and points; random pairs share too few identifiers to estimate how many do."""
    by_chance = 1 / identifier_count
    return [
        cl.CustomComparison(
            output_column_name="os_id",
            comparison_levels=[
                levels.NullLevel("os_id"),
                levels.ExactMatchLevel("os_id").configure(u_probability=by_chance, fix_u_probability=True),
                levels.ElseLevel().configure(u_probability=1 - by_chance, fix_u_probability=True),
            ],
        ),
        cl.DistanceInKMAtThresholds("latitude", "longitude", [0.2, 0.5, 2, 20]),
    ]


def blocking_rule(columns: Columns, setup: Setup) -> Any:
    """The rule of one block."""
    rule = block_on(*columns)
    return And(rule, CustomRule("l.source <> r.source")) if setup.across_sources else rule


def match(con: duckdb.DuckDBPyConnection, setup: Setup) -> duckdb.DuckDBPyRelation:
    """Train on the table ``records``, predict and cluster: record_id, site_id; prints the seconds after training."""
    identifier_count: int = con.execute("select count(distinct os_id) from records").fetchall()[0][0]
    has_identifiers = identifier_count > 0
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[names(setup), *places(setup), *(identifiers(identifier_count) if has_identifiers else [])],
        blocking_rules_to_generate_predictions=[
            blocking_rule(columns, setup) for columns in setup.blocks + (IDENTIFIED if has_identifiers else ())
        ],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI(con).register("records"), settings)
    training = linker.training
    certain = [block_on("country", "name", "number"), block_on("country", "name", "postcode")]
    training.estimate_probability_two_random_records_match(certain, recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=setup.sampled_pairs, seed=7)
    for columns in (IDENTIFIED[:1] if has_identifiers else ()) + setup.training:
        training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    began, cpu_began = time.perf_counter(), time.process_time()
    pairs = linker.inference.predict(threshold_match_probability=setup.threshold)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, setup.threshold)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_began
    print(f"index to cluster {seconds:.2f} s, {cpu_seconds:.2f} CPU s", flush=True)
    return clusters.as_duckdbpyrelation().select("unique_id as record_id, cluster_id as site_id")


def main() -> None:
    """Match one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records")
    parser.add_argument("sites")
    parser.add_argument("--setup", choices=SETUPS, default=BEST)
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    con = duckdb.connect()
    con.execute(CLEAN, [given.records])
    match(con, SETUPS[given.setup]).write_csv(given.sites)


if __name__ == "__main__":
    main()
