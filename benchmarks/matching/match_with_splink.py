"""One whole process of Splink 5, careful but usual: ``match_with_splink.py RECORDS.csv SITES.csv``."""

import logging
import sys

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

CLEAN = """
create table records as
select record_id as unique_id, country, nullif(lower(city), '') as city,
    trim(regexp_replace(regexp_replace(lower(strip_accents(name)), '[^a-z0-9]+', ' ', 'g'),
        '\\b(ltd|limited|pvt|private|co|company|san|ve|tic|a s|sti)\\b', '', 'g')) as name,
    trim(regexp_replace(lower(strip_accents(address)), '[^a-z0-9]+', ' ', 'g')) as address,
    regexp_extract(address, '[0-9]{5}') as postcode, regexp_extract(address, '[0-9]+') as number
from read_csv($1, all_varchar = true)
"""

if __name__ == "__main__":
    logging.disable(logging.INFO)
    con = duckdb.connect()
    con.execute(CLEAN, [sys.argv[1]])
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            cl.JaccardAtThresholds("address", [0.9, 0.7]),
            cl.ExactMatch("postcode"),
            cl.ExactMatch("number"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("country", "name"),
            block_on("country", "postcode", "number"),
            block_on("country", "substr(name, 1, 5)"),
            block_on("country", "city", "number"),
        ],
    )
    database = DuckDBAPI(con)
    linker = Linker(database.register("records"), settings)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("country", "name", "number")], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=7)
    training.estimate_parameters_using_expectation_maximisation(block_on("country", "name"))
    training.estimate_parameters_using_expectation_maximisation(block_on("country", "postcode", "number"))
    pairs = linker.inference.predict(threshold_match_probability=0.95)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, 0.95)
    clusters.as_duckdbpyrelation().select("unique_id as record_id, cluster_id as site_id").write_csv(sys.argv[2])
