"""The name comparison alone, for pairs of names without records around them: benchmarks, notebooks, curiosity."""

from collections.abc import Sequence

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from conjoin.matching.inputs import load_input
from conjoin.matching.pairs.levels import compare_pairs, set_repeating_sources
from conjoin.matching.pairs.records import prepare_records

_GIVEN_PAIRS = """
create or replace temp table m_pairs as
select left_records.record_id[2:]::integer as pair_no, left_records.node_no as left_no,
    right_records.node_no as right_no, 0 as rules
from m_records as left_records
inner join m_records as right_records on right_records.record_id[2:] = left_records.record_id[2:]
where left_records.record_id[1] = 'a' and right_records.record_id[1] = 'b'
order by pair_no
"""


def name_similarities(left: Sequence[str], right: Sequence[str]) -> npt.NDArray[np.float64]:
    """How alike two names are, 0 to 1, as sites are compared when no country, address or identifier is known.

    Word weights are those of open lists and of the names given. A pair with nothing to compare is 0.

    Args:
        left: Names.
        right: As many names; the first is compared with the first.
    """
    sides = (("a", left), ("b", right))
    records = pd.DataFrame(
        {
            "record_id": [f"{side}{number:09d}" for side, names in sides for number in range(len(names))],
            "site_name": [name for _, names in sides for name in names],
            "source_name": "given",
        }
    )
    # a judged record stands for itself: equal names must not collapse to one record
    alone = pd.DataFrame({"record_id_left": records["record_id"], "record_id_right": "", "judgement": "POSITIVE"})

    with duckdb.connect() as con:
        load_input(con, records, judgements=alone)
        prepare_records(con)
        con.execute(_GIVEN_PAIRS)
        set_repeating_sources(con, [])
        compare_pairs(con, is_filtered=False)
        found = con.execute("select coalesce(name_similarity, 0) from m_similarities order by pair_no").fetchnumpy()
    return np.asarray(next(iter(found.values())), dtype=np.float64)
