"""Why two records are one site or two: read from the published warehouse, and in no contradiction to it.

What is told of a pair is what ``marts.site_links`` and ``marts.site_link_evidence`` hold, and the same whichever record
is named first. The weights of the evidence and the calibration add up to the probability that is told.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass

import duckdb
import pandas as pd

from conjoin.errors import UnknownRecord

#: What decided a pair, in words (``marts.site_links.pair_decided_by``).
DECIDED = {
    "score": "the evidence",
    "cluster": "the other records of their sites",
    "content": "the rows say the same in every field",
    "identifier": "an identifier",
    "judgement": "a person's judgement",
    "designator": "units, floors, plots or buildings",
    "country": "the countries",
    "unique list": "a list that holds every site once",
    "list": "rows of one list that are as much alike",
    "too little said": "a row that says too little",
}
_SAME, _BY_OTHERS = "content", "cluster"
#: A probability of none or all has no weight in bits.
_SUREST = 1 - 2**-20


@dataclass(frozen=True)
class Explanation:
    """Why two records are, or are not, one site.

    Attributes:
        records: The two records, the left one first: record_id, site_id, source_name, site_name, site_address.
        verdict: The conclusion in one sentence.
        steps: The waterfall of the pair, or of the weakest link of the chain that joins it: comparison, finding,
            evidence_weight in bits, from the prior on; empty if nothing was compared.
        link: Which pair the steps speak of.
        decided_by: What decided that pair (``marts.site_links``); None if it was not compared.
        veto: What kept it apart though it looks alike; None where nothing had to.
        probability: That the two of ``link`` are one site, by the evidence on them alone; None if not compared.
    """

    records: pd.DataFrame
    verdict: str
    steps: pd.DataFrame
    link: tuple[str, str]
    decided_by: str | None = None
    veto: str | None = None
    probability: float | None = None

    @property
    def evidence(self) -> float:
        """The sum of the steps, in bits."""
        return float(self.steps["evidence_weight"].sum())

    @property
    def calibration(self) -> float:
        """Bits from the sum of the steps to the probability: pairs of such evidence turned out more or less often."""
        if self.probability is None or self.steps.empty:
            return 0.0
        probability = min(max(self.probability, 1 - _SUREST), _SUREST)
        return math.log2(probability / (1 - probability)) - self.evidence


@dataclass(frozen=True)
class _Link:
    """What the warehouse holds of one compared pair."""

    pair: tuple[str, str]
    decided_by: str
    veto: str | None
    probability: float


def explain_pair(con: duckdb.DuckDBPyConnection, record_a: str, record_b: str) -> Explanation:
    """Why two records are one site or two, whichever is named first.

    Raises:
        UnknownRecord: One of them is no current site record, or both are the same.
    """
    left, right = sorted((record_a, record_b))
    records = con.execute(
        "select record_id, site_id, source_name, site_name, site_address from marts.site_records_at_sites "
        "where record_id in ($1, $2) order by record_id",
        [left, right],
    ).df()
    missing = [record_id for record_id in dict.fromkeys((left, right)) if record_id not in set(records["record_id"])]
    if missing or left == right:
        told = f"no current site record {' and no '.join(missing)}" if missing else f"{left} is one record"
        raise UnknownRecord(f"{told}; `conjoin sql 'from marts.site_records_at_sites'` shows the record ids")
    site_left, site_right = records["site_id"]
    pair = _compared(con, left, right)
    link = _link(con, pair)
    if site_left != site_right:
        verdict = f"Two sites, {site_left} and {site_right}{_alone(link)}{_why_apart(con, site_left, site_right)}."
    elif pair[0] == pair[1]:
        verdict = f"One site, {site_left}: the rows say the same in every field."
        pair, link = (left, right), _Link((left, right), _SAME, None, 1.0)
    elif link and link.decided_by != _BY_OTHERS:
        verdict = f"One site, {site_left}{_alone(link)}."
    else:
        chain = _chain(con, site_left, *pair)
        how = f"through {len(chain)} links" if chain else "by an identifier or a judgement"
        if link:
            weakest = f", the weakest of probability {min(one.probability for one in chain):.2f}" if chain else ""
            verdict = f"One site, {site_left}, {how}{weakest}; the two rows alone: probability {link.probability:.2f}."
        else:
            link = min(chain, key=lambda one: (one.probability, one.pair)) if chain else None
            pair = link.pair if link else pair
            verdict = f"One site, {site_left}, {how}{'; the weakest is shown' if chain else ''}."
    judged = _judged(con, left, right)
    if link is None:
        return Explanation(records, verdict + judged, _steps(con, pair), pair)
    steps = _steps(con, pair)
    return Explanation(records, verdict + judged, steps, pair, link.decided_by, link.veto, link.probability)


def told_weights(weights: "pd.Series[float]", decimals: int = 2) -> list[float]:
    """Weights rounded so that what is shown adds up to the rounded sum: each is off by no more than one last digit."""
    ends = [round(float(end), decimals) for end in weights.cumsum()]
    return [round(end - before, decimals) for before, end in zip([0.0, *ends], ends, strict=False)]


def _alone(link: _Link | None) -> str:
    """What the evidence on the pair alone comes to, and what decided instead where it did not."""
    if link is None:
        return ""
    told = f"probability {link.probability:.2f}"
    if link.decided_by == "score":
        return f", {told}"
    return f", decided by {DECIDED.get(link.decided_by, link.decided_by)}; the two rows alone: {told}"


def _compared(con: duckdb.DuckDBPyConnection, left: str, right: str) -> tuple[str, str]:
    """The records that stand for the two where pairs were compared: of rows that say the same, the first."""
    first = dict(
        con.execute(
            "select record_id_right, min(record_id_left) from marts.site_links "
            "where record_id_right in ($1, $2) and pair_decided_by = $3 group by record_id_right",
            [left, right, _SAME],
        ).fetchall()
    )
    one, other = sorted((first.get(left, left), first.get(right, right)))
    return one, other


def _link(con: duckdb.DuckDBPyConnection, pair: tuple[str, str]) -> _Link | None:
    found = con.execute(
        "select pair_decided_by, veto, match_probability from marts.site_links "
        "where record_id_left = $1 and record_id_right = $2",
        list(pair),
    ).fetchall()
    return _Link(pair, *found[0]) if found else None


def _chain(con: duckdb.DuckDBPyConnection, site_id: str, start: str, goal: str) -> list[_Link]:
    """The surest chain of links within a site: no chain has a stronger weakest link, and of these it is the shortest.

    Empty if no chain joins the two.
    """
    rows = con.execute(
        "select record_id_left, record_id_right, pair_decided_by, veto, match_probability from marts.site_links "
        "where is_accepted and site_id_left = $1 order by match_probability desc, record_id_left, record_id_right",
        [site_id],
    ).fetchall()
    links = [_Link((left, right), decided, veto, probability) for left, right, decided, veto, probability in rows]
    weakest = _bottleneck(links, start, goal)
    if weakest is None:
        return []
    neighbours: dict[str, list[tuple[str, _Link]]] = defaultdict(list)
    for link in links:
        if link.probability >= weakest:
            one, other = link.pair
            neighbours[one].append((other, link))
            neighbours[other].append((one, link))
    came_from: dict[str, tuple[str, _Link] | None] = {start: None}
    waiting = deque([start])
    while waiting and goal not in came_from:
        here = waiting.popleft()
        for there, link in neighbours[here]:
            if there not in came_from:
                came_from[there] = (here, link)
                waiting.append(there)
    chain, here = [], goal
    while step := came_from[here]:
        here, link = step
        chain.append(link)
    return chain


def _bottleneck(links: list[_Link], start: str, goal: str) -> float | None:
    """The highest probability from which on links join two records; None if none do. Links come the surest first."""
    parent: dict[str, str] = {}

    def root(record: str) -> str:
        while (above := parent.get(record, record)) != record:
            parent[record] = parent.get(above, above)
            record = above
        return record

    for link in links:
        parent[root(link.pair[0])] = root(link.pair[1])
        if root(start) == root(goal):
            return link.probability
    return None


def _why_apart(con: duckdb.DuckDBPyConnection, site_left: str, site_right: str) -> str:
    """Which constraint keeps two sites apart, in words; "" if only the evidence does."""
    reasons = con.execute(
        """
        select distinct refused.reason
        from matching.refused_merges as refused
        inner join matching.site_memberships as l on l.record_id = refused.record_id_left
        inner join matching.site_memberships as r on r.record_id = refused.record_id_right
        where (l.site_id = $1 and r.site_id = $2) or (l.site_id = $2 and r.site_id = $1)
        order by refused.reason
        """,
        [site_left, site_right],
    ).fetchall()
    return f", kept apart: {'; '.join(reason for (reason,) in reasons)}" if reasons else ""


def _judged(con: duckdb.DuckDBPyConnection, left: str, right: str) -> str:
    rows = con.execute(
        "select judgement, reviewer, decided_at::date from matching.judgements "
        "where least(record_id_left, record_id_right) = $1 and greatest(record_id_left, record_id_right) = $2 "
        "order by decided_at desc, judgement, reviewer limit 1",
        [left, right],
    ).fetchall()
    return "".join(f" Judged {judgement} by {reviewer} on {day}." for judgement, reviewer, day in rows)


def _steps(con: duckdb.DuckDBPyConnection, link: tuple[str, str]) -> pd.DataFrame:
    return con.execute(
        "select comparison, finding, evidence_weight from marts.site_link_evidence "
        "where record_id_left = $1 and record_id_right = $2 order by step_number",
        list(link),
    ).df()
