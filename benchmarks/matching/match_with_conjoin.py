"""One whole process: ``match_with_conjoin.py RECORDS.csv SITES.csv``."""

import sys

import duckdb

from conjoin.matching.frames import load_input
from conjoin.matching.run import MatchOptions, match_records
from conjoin.sql import quote_literal

if __name__ == "__main__":
    con = duckdb.connect()
    records = con.sql(
        "select record_id, source as source_name, name as site_name, address as site_address, "
        f"country as country_code, city as city_name from read_csv({quote_literal(sys.argv[1])}, all_varchar = true)"
    ).df()
    load_input(con, records)
    match_records(con, MatchOptions())
    con.execute(f"copy (select record_id, site_id from matching.site_memberships) to {quote_literal(sys.argv[2])}")
