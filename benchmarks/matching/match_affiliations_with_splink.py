"""Splink 5 on affiliations: ``match_affiliations_with_splink.py RECORDS.csv SITES.csv``.

Of the settings tried (thresholds 0.5, 0.9 and 0.95, blocks with and without single words) these did best.
"""

import logging
import sys

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

CLEAN = """
create table records as
with cleaned as (
    select record_id as unique_id,
        trim(regexp_replace(lower(strip_accents(name)), '[^a-z0-9]+', ' ', 'g')) as name,
        trim(regexp_replace(lower(strip_accents(address)), '[^a-z0-9]+', ' ', 'g')) as address
    from read_csv($1, all_varchar = true)
)
select unique_id, nullif(name, '') as name, nullif(address, '') as address,
    list_distinct(string_split(name, ' ')) as name_words,
    list_distinct(string_split(concat_ws(' ', name, address), ' ')) as words
from cleaned
"""

if __name__ == "__main__":
    logging.disable(logging.INFO)
    con = duckdb.connect()
    con.execute(CLEAN, [sys.argv[1]])
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            cl.ArrayIntersectAtSizes("words", [4, 3, 2, 1]),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("name"),
            block_on("substr(name, 1, 8)"),
            block_on("address"),
            block_on("name_words", arrays_to_explode=["name_words"]),
        ],
    )
    linker = Linker(DuckDBAPI(con).register("records"), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("name")], recall=0.5)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=7)
    training.estimate_parameters_using_expectation_maximisation(block_on("name"))
    training.estimate_parameters_using_expectation_maximisation(block_on("substr(address, 1, 10)"))
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.5)
    clusters.as_duckdbpyrelation().select("unique_id as record_id, cluster_id as site_id").write_csv(sys.argv[2])
