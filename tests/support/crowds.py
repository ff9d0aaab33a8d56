"""Crowds: input that would explode if matching compared, told or contracted without bounds.

``python -m support.crowds NAME COUNT`` matches one in a process of its own and prints what it took.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import duckdb
import pandas as pd

from conjoin.matching.inputs import load_input
from conjoin.matching.run import MatchOptions, MatchSummary, match_records

OS_ID = "VN2019085E83MZ9"


@dataclass(frozen=True)
class Crowd:
    """Records, what is known of them, and how many sites they are.

    Attributes:
        records: Without record_id, source_name and country_code those of ``_records`` count.
        site_count: Sites that a run must come to.
        identifiers: As ``input.site_identifiers``.
        judgements: As ``input.judgements``.
        options: Of the run.
        conflict_count: Rows of ``matching.conflicts``.
    """

    records: pd.DataFrame
    site_count: int
    identifiers: pd.DataFrame | None = None
    judgements: pd.DataFrame | None = None
    options: MatchOptions = field(default_factory=MatchOptions)
    conflict_count: int = 0


@dataclass(frozen=True)
class Outcome:
    """A run over a crowd: its figures, the site of each record, and the details of conflicts."""

    summary: MatchSummary
    sites: dict[str, str]
    conflicts: list[str]


def match_crowd(crowd: Crowd) -> Outcome:
    """Match a crowd."""
    with duckdb.connect() as con:
        load_input(con, crowd.records, crowd.identifiers, crowd.judgements)
        summary = match_records(con, crowd.options)
        sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
        conflicts = [row[0] for row in con.execute("select detail from matching.conflicts order by all").fetchall()]
    return Outcome(summary, sites, conflicts)


def _word(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(4))


def _scattered(number: int) -> str:
    """A word that is like no other one."""
    return "".join(chr(97 + byte % 26) for byte in sha256(str(number).encode()).digest()[:9])


def _records(count: int, **columns: object) -> pd.DataFrame:
    """Records with a name and an address of their own, unless a column says otherwise."""
    own: dict[str, object] = {
        "record_id": [f"r{n:06d}" for n in range(count)],
        "source_name": "list",
        "site_name": [f"{_word(n)} Garments" for n in range(count)],
        "site_address": [f"No. {n} {_word(n * 7)} Road" for n in range(count)],
        "country_code": "CN",
    }
    return pd.DataFrame(own | columns)


def _identified(count: int) -> pd.DataFrame:
    return pd.DataFrame({"site_record_id": _records(count)["record_id"], "id_scheme": "os_id", "id_value": OS_ID})


def _judged(*parts: tuple[list[str], list[str], str]) -> pd.DataFrame:
    columns = ["record_id_left", "record_id_right", "judgement"]
    frames = [pd.DataFrame(dict(zip(columns, part, strict=True))) for part in parts]
    return pd.concat(frames).assign(reviewer="RK", decided_at="2026-01-01")


def generic_name(count: int) -> Crowd:
    """A country in which every factory has one generic name."""
    return Crowd(_records(count, site_name="Garments Factory Ltd"), count)


def generic_name_without_country(count: int) -> Crowd:
    """The same without country: every record could meet every other of the world."""
    return Crowd(_records(count, site_name="Garments Factory Ltd", country_code=None), count)


def identical_rows(count: int) -> Crowd:
    """One row, delivered again and again."""
    return Crowd(_records(count, site_name="Garments Factory", site_address="12 Harbour Road"), 1)


def numbered_units(count: int) -> Crowd:
    """One estate of units that nothing but their numbers tells apart."""
    names = [f"Zephyrine Garments Unit {n}" for n in range(1, count + 1)]
    return Crowd(_records(count, site_name=names, site_address="12 Harbour Road, Seaview"), count)


def chain_of_addresses(count: int) -> Crowd:
    """Each record shares half its address with the next: one component in which all pairs weigh the same."""
    addresses = [f"{_scattered(n)} {_scattered(n + 1)}" for n in range(count)]
    sources = [f"s{n}" for n in range(count)]
    return Crowd(
        _records(count, site_name="Zephyrine Garments", site_address=addresses, source_name=sources), count // 2
    )


def one_identifier(count: int) -> Crowd:
    """A valid identifier, copied down a whole column."""
    return Crowd(_records(count), 1, identifiers=_identified(count))


def one_identifier_on_units(count: int) -> Crowd:
    """The same on rows that their units tell apart."""
    names = [f"Garments Unit {n}" for n in range(1, count + 1)]
    return Crowd(_records(count, site_name=names), count, identifiers=_identified(count), conflict_count=count - 1)


def one_identifier_in_a_clean_list(count: int) -> Crowd:
    """The same in a list that holds every site once."""
    options = MatchOptions(unique_all=True)
    return Crowd(_records(count), count, identifiers=_identified(count), options=options, conflict_count=count - 1)


def one_record_judged_with_all(count: int) -> Crowd:
    """A record that somebody judged the same as every other."""
    ids = _records(count)["record_id"].tolist()
    return Crowd(_records(count), 1, judgements=_judged((ids[:1] * (count - 1), ids[1:], "POSITIVE")))


def contradictory_judgements(count: int) -> Crowd:
    """A chain of POSITIVE through all records, and a NEGATIVE from each of its first half to the second."""
    ids = _records(count)["record_id"].tolist()
    half = count // 2 - 1
    judgements = _judged((ids[:-1], ids[1:], "POSITIVE"), (ids[:half], ids[::-1][:half], "NEGATIVE"))
    return Crowd(_records(count), 2, judgements=judgements, conflict_count=half + 1)


def judgements_on_unknown_records(count: int) -> Crowd:
    """Judgements on records that nobody delivers any more."""
    ids = _records(count)["record_id"].tolist()
    judgements = _judged((ids, [f"gone:{record}" for record in ids], "POSITIVE"))
    return Crowd(_records(count), count, judgements=judgements, conflict_count=count)


def names_of_5000_characters(count: int) -> Crowd:
    """Names that somebody pasted a page into: words, single letters, right to left, emoji and control characters."""
    texts = ["zephyrine garments ", "a b c d e f g ", "مصنع الملابس ", "\U0001f3ed ", "\x00\x07\x1b\u202e ", "服装厂"]
    names = [(texts[n % len(texts)] * 5_000)[:4_990] + f" {_word(n)}" for n in range(count)]
    return Crowd(_records(count, site_name=names), count)


CROWDS: dict[str, Callable[[int], Crowd]] = {
    make.__name__: make
    for make in (
        generic_name,
        generic_name_without_country,
        identical_rows,
        numbered_units,
        chain_of_addresses,
        one_identifier,
        one_identifier_on_units,
        one_identifier_in_a_clean_list,
        one_record_judged_with_all,
        contradictory_judgements,
        judgements_on_unknown_records,
        names_of_5000_characters,
    )
}


def main() -> None:
    """Match the crowd that the command line names, and print a line of JSON."""
    crowd = CROWDS[sys.argv[1]](int(sys.argv[2]))
    began = time.perf_counter()
    outcome = match_crowd(crowd)
    figures = {
        "seconds": round(time.perf_counter() - began, 1),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "pairs": outcome.summary.candidate_pair_count,
        "is_right": outcome.summary.site_count == crowd.site_count,
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
