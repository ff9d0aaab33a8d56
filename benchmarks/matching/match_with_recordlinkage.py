"""One whole process of vanilla recordlinkage 0.16: ``match_with_recordlinkage.py RECORDS.csv SITES.csv``.

Equality blocks, Jaro-Winkler and exact comparisons, ECM, connected components: what its manual shows. Components come
from scipy, because recordlinkage's own drop single records and need networkx.
"""

import sys
import time

import numpy as np
import pandas as pd
import recordlinkage
import recordlinkage.preprocessing
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

LEGAL = r"\b(?:ltd|limited|pvt|private|co|company|san|ve|tic|as|sti)\b"
BLOCKS = (("country", "name"), ("country", "postcode", "number"), ("country", "prefix"), ("country", "city", "number"))
IDENTIFIED = frozenset({"os_id", "latitude", "longitude"})


def clean(records: pd.DataFrame) -> pd.DataFrame:
    """The columns that are compared; what is missing is null, so that it makes no block."""
    fields = records[["record_id", "country"]].copy()
    name = recordlinkage.preprocessing.clean(records["name"], strip_accents="unicode")
    fields["name"] = name.str.replace(LEGAL, "", regex=True).str.replace(r"\s+", " ", regex=True).str.strip()
    fields["address"] = recordlinkage.preprocessing.clean(records["address"], strip_accents="unicode")
    fields["postcode"] = records["address"].str.extract(r"([0-9]{5})", expand=False)
    fields["number"] = records["address"].str.extract(r"([0-9]+)", expand=False)
    fields["city"] = records["city"].str.lower()
    fields["prefix"] = fields["name"].str[:5]
    for column in IDENTIFIED.intersection(records.columns):
        fields[column] = records[column] if column == "os_id" else pd.to_numeric(records[column])
    return fields.where(fields.ne(""), None)


def main(records_file: str, sites_file: str) -> None:
    """Match and print the seconds from index to cluster, training apart."""
    fields = clean(pd.read_csv(records_file, dtype=str, keep_default_na=False))
    seconds, cpu_began = [time.perf_counter()], time.process_time()
    indexer = recordlinkage.Index()
    for block in (*BLOCKS, *([("os_id",)] if "os_id" in fields else [])):
        indexer.block(list(block))
    pairs = indexer.index(fields)
    seconds.append(time.perf_counter())
    compare = recordlinkage.Compare()
    for column, threshold in (("name", 0.88), ("address", 0.85)):
        compare.string(column, column, method="jarowinkler", threshold=threshold, label=column)
    for column in ("postcode", "number"):
        compare.exact(column, column, label=column)
    if "os_id" in fields:
        compare.exact("os_id", "os_id", label="os_id")
        compare.geo(*["latitude", "longitude"] * 2, method="step", offset=0.5, label="point")
    vectors = compare.compute(pairs, fields)
    seconds.append(time.perf_counter())
    classifier = recordlinkage.ECMClassifier(init="jaro")
    cpu_seconds = time.process_time() - cpu_began
    classifier.fit(vectors)
    cpu_began = time.process_time()
    seconds.append(time.perf_counter())
    links = classifier.predict(vectors)
    seconds.append(time.perf_counter())
    left, right = (np.asarray(links.get_level_values(side)) for side in (0, 1))
    graph = coo_array((np.ones(len(links)), (left, right)), shape=(len(fields), len(fields)))
    fields["site_id"] = connected_components(graph, directed=False)[1]
    seconds.append(time.perf_counter())
    cpu_seconds += time.process_time() - cpu_began
    index, comparing, training, predicting, clustering = np.diff(seconds)
    counted = index + comparing + predicting + clustering
    print(f"index to cluster {counted:.2f} s, {cpu_seconds:.2f} CPU s, {len(pairs)} pairs")
    print(f"  index {index:.2f}, compare {comparing:.2f}, predict {predicting:.2f}, cluster {clustering:.2f}")
    print(f"  training, not counted, {training:.2f}", flush=True)
    fields[["record_id", "site_id"]].to_csv(sites_file, index=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
