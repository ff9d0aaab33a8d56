"""Small worlds of site records that come, change and go: what matching sees, delivery by delivery."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pandas as pd
from hypothesis import strategies as st

from conjoin.matching.inputs import load_input
from support.laws import country_of

NAMES = [
    "Zephyrine Garments Ltd",
    "Zephyrine Garments Unit 2",
    "Zephyrine Garments Unit 3 Ltd",
    "Zephyrin Garment",
    "Quillon Fashions",
    "Quillon Fashions Unit 1 & 2",
    "Orlovane Textile Mills",
    "Ğül 7",
    "",
]
ADDRESSES = [
    "12 Harbour Road, Seaview",
    "12 Harbour Rd Seaview",
    "Plot 7, Hill Street 12345",
    "Plot 9, Hill Street",
    "Unit 4, Mill Lane 12345, Ashford",
    "",
]
RECORD_IDS = [f"{source}:{number:02d}" for source in "abc" for number in range(7)]
contents = st.fixed_dictionaries(
    {
        "site_name": st.sampled_from(NAMES),
        "site_address": st.sampled_from(ADDRESSES),
        "country_code": st.sampled_from(["BD", "BD", "TR", ""]),
        "latitude": st.sampled_from([None, 1.0]),
        "longitude": st.sampled_from([None, 1.0, 2.0]),
        "site_level": st.sampled_from(["site", "site", "site", "office"]),
        "first_delivered_at": st.sampled_from([datetime(2026, 1, 1), datetime(2026, 1, 2)]),
    }
)
identifiers = st.tuples(st.sampled_from(RECORD_IDS), st.sampled_from(["sedex_site", "duns"])).map(
    lambda pair: (*pair, "ZS123456" if pair[1] == "sedex_site" else "123456789")
)
judgements = st.tuples(
    st.lists(st.sampled_from(RECORD_IDS), min_size=2, max_size=2, unique=True).map(tuple),
    st.sampled_from(["POSITIVE", "NEGATIVE", "UNSURE", "MOVED"]),
    st.sampled_from([datetime(2026, 1, 1), datetime(2026, 1, 2)]),
)


@dataclass
class World:
    """What a run sees: contents by record id, identifiers, judgements, and sources that could not be read."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    identifiers: list[tuple[str, str, str]] = field(default_factory=list)
    judgements: list[tuple[Any, ...]] = field(default_factory=list)
    unread: frozenset[str] = frozenset()

    def load(self, con: duckdb.DuckDBPyConnection, journal: pd.DataFrame | None) -> None:
        """Fill the schema ``input``."""
        rows = [{"record_id": key, "source_name": key[0], **row} for key, row in self.records.items()]
        judged = [
            (*pair, verdict, "RK", when, when if verdict == "MOVED" else None)
            for pair, verdict, when in self.judgements
        ]
        load_input(
            con,
            pd.DataFrame(rows or {"record_id": []}),
            pd.DataFrame(self.identifiers, columns=["site_record_id", "id_scheme", "id_value"]),
            pd.DataFrame(
                judged, columns=["record_id_left", "record_id_right", "judgement", "reviewer", "decided_at", "moved_on"]
            ),
            journal,
        )


def id_of(record_id: str, number: int) -> str:
    """The id of a record of that world in a crowd."""
    return f"{record_id}/{number}" if number else record_id


def together(worlds: list[World]) -> World:
    """Worlds as one: each in countries and with identifiers of its own; a source is unread if the first lacks it."""
    whole = World(unread=worlds[0].unread)
    for number, world in enumerate(worlds):
        whole.records |= {
            id_of(key, number): row | {"country_code": country_of(row["country_code"], number)}
            for key, row in world.records.items()
        }
        whole.identifiers += [
            (id_of(key, number), scheme, value[:-2] + f"{int(value[-2:]) + number:02d}")
            for key, scheme, value in world.identifiers
        ]
        whole.judgements += [
            (tuple(id_of(key, number) for key in pair), verdict, when) for pair, verdict, when in world.judgements
        ]
    return whole


#: One delivery: records that come or say something else, records that go, and what is known beside them.
deliveries = st.fixed_dictionaries(
    {
        "come": st.dictionaries(st.sampled_from(RECORD_IDS), contents, max_size=8),
        "go": st.sets(st.sampled_from(RECORD_IDS), max_size=3),
        "identified": st.lists(identifiers, max_size=2),
        "judged": st.lists(judgements, max_size=2),
        "taken_back": st.sampled_from([0, 0, 0, 1, 2]),
        "unread": st.sampled_from([frozenset(), frozenset(), frozenset("a")]),
    }
)


def delivery_of(come: dict[str, str], go: str = "", judged: tuple[str, str] | None = None) -> dict[str, Any]:
    """One delivery of records by their name alone; two that are judged the same."""
    content = {
        "site_address": "",
        "country_code": "BD",
        "site_level": "site",
        "first_delivered_at": datetime(2026, 1, 1),
    }
    return {
        "come": {key: {"site_name": name, **content} for key, name in come.items()},
        "go": {go},
        "identified": [],
        "judged": [(judged, "POSITIVE", datetime(2026, 1, 1))] if judged else [],
        "unread": frozenset(),
    }


def applied(world: World, delivery: dict[str, Any]) -> World:
    kept = {key: row for key, row in world.records.items() if key not in delivery["go"]}
    return World(
        kept | delivery["come"],
        [*world.identifiers[-3:], *delivery["identified"]],
        [*world.judgements[-6:][delivery.get("taken_back", 0) :], *delivery["judged"]],
        delivery["unread"],
    )
