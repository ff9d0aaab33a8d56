"""What one source knows of the invented industry: its sites under its own codes and spellings, its share of the audits.

Which part that is follows from what the declaration delivers: a platform knows the audits of its schemes, an
initiative its own and those of its members, a brand the ones that it ordered or reads.
"""

import zlib
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from conjoin.schemas.vocabularies import spellings_of, vocabulary
from conjoin.simulate.industry.identifiers import OF_ORGANISATION, identifiers
from conjoin.simulate.industry.truth import ORDERERS, Industry
from conjoin.simulate.writing.dirt import Scribe
from conjoin.simulate.writing.misspellings import misspelt
from conjoin.simulate.writing.words import declared_words
from conjoin.sources.descriptor import Emit, Feed, Source

_DUPLICATED_SHARE = 0.03  # of the sites of a source that may hold one site twice
_PLATFORM_COVERAGE = 0.93
_READ_SHARE = 0.5  # of the audits at its suppliers that a buyer reads without having ordered them
_OUTDATED_SHARE = 0.03
_DAY_OFF_SHARE = 0.03
_REGISTRY_SCHEMES = ("os_id",)


@dataclass(frozen=True)
class World:
    """The invented industry and what happened in it; see ``truth``, ``events`` and ``records``."""

    seed: int
    industry: Industry
    events: pd.DataFrame
    certificates: pd.DataFrame
    cases: pd.DataFrame
    findings: pd.DataFrame


@dataclass(frozen=True)
class Party:
    """One source's view of the world.

    Attributes:
        source: Its declaration.
        company: The brand that it belongs to, if it is one.
        initiative: The initiative that it speaks for, if it is one.
        listing: One row per site record: ``record`` (index), site_index, true_site_id, site_id (its own code), the
            fields as it writes them, and ``id:<scheme>`` for every scheme that it delivers.
        events: The audits that it knows.
        rng: Its own generator.
    """

    source: Source
    company: str | None
    initiative: str | None
    listing: pd.DataFrame
    events: pd.DataFrame
    rng: np.random.Generator


def constant(source: Source, name: str) -> list[str]:
    """Every constant that the source's feeds give a field."""
    return [
        constants[name]
        for feed in source.feed.values()
        for constants in (feed.constants, *(emit.constants for emit in feed.emit))
        if name in constants
    ]


def company_of(source: Source) -> str | None:
    """The company whose exports a brand's source holds: who buys, else who orders, else the title of the source."""
    if source.kind != "brand":
        return None
    types = [declared_words(feed, "commissioner_type") for feed in source.feed.values()]
    own = {given for known in types for given, ours in known.items() if ours == "brand"}
    ordering = [
        declared_words(feed, "commissioner").get(given, given) for feed in source.feed.values() for given in sorted(own)
    ]
    named = [*constant(source, "buyer_name"), *constant(source, "commissioner"), *ordering]
    return named[0] if named else source.title


def partners_of(sources: list[Source]) -> set[frozenset[str]]:
    """Companies that order audits together: each has a word in its log for an audit that several parties ordered."""
    names = [name for source in sources if tells_shared(source) and (name := company_of(source)) is not None]
    return {frozenset(pair) for pair in combinations(names, 2)}


def tells_shared(source: Source) -> bool:
    """Whether the source has a word for an audit that several parties ordered together."""
    return any("shared" in declared_words(feed, "commissioner_type").values() for feed in source.feed.values())


def orderers(commissioner: pd.Series) -> pd.Series:
    """The parties that ordered each audit, as lists; empty where nobody is known."""
    return commissioner.fillna("").map(lambda text: text.split(ORDERERS) if text else [])


def build_party(world: World, source: Source) -> Party:
    """The view of one source; drawn from the world's seed and the source's name alone."""
    rng = np.random.default_rng([world.seed, zlib.crc32(source.name.encode())])
    company = company_of(source)
    known_initiatives = [*constant(source, "initiative"), source.name]
    initiative = next((name for name in known_initiatives if name in vocabulary("initiative").codes), None)
    events = _known_events(world, source, company, initiative, rng)
    sites = _known_sites(world, source, company, initiative, events)
    listing = _listing(world, source, sites, rng)
    own = {company} if company is not None else _members(world, initiative)
    told = _as_noted(_told_orderers(_at_records(events, listing, rng), source, own), company is not None, rng)
    told = _as_written(told, source, rng.spawn(1)[0])
    return Party(source, company, initiative, listing, told, rng)


def schemes_of(source: Source) -> set[str]:
    """Schemes that the source delivers: its constants, and the words that it translates."""
    spellings = spellings_of("scheme")
    told = {spellings[text.lower()] for text in constant(source, "scheme") if text.lower() in spellings}
    for feed in source.feed.values():
        told |= set(declared_words(feed, "scheme").values())
    return told


# --- audits ------------------------------------------------------------------------------------------------------


def _known_events(
    world: World, source: Source, company: str | None, initiative: str | None, rng: np.random.Generator
) -> pd.DataFrame:
    events = world.events
    if company is not None:
        return events[_of_buyers(world, {company}, rng)].copy()
    if initiative is not None:
        members = _members(world, initiative)
        of_members = orderers(events["commissioner"]).map(lambda names: not members.isdisjoint(names)).astype(bool)
        return events[events["initiative"].eq(initiative) | of_members].copy()
    told = events["scheme"].isin(schemes_of(source))
    return events[told & (rng.random(len(events)) < _PLATFORM_COVERAGE)].copy()


def _members(world: World, initiative: str | None) -> set[str]:
    """Companies that belong, or belonged, to the initiative."""
    known = world.industry.affiliations
    return set(known.loc[known["initiative"] == initiative, "company_name"])


def _told_orderers(events: pd.DataFrame, source: Source, own: set[str]) -> pd.DataFrame:
    """The events as the source tells who ordered them: of several orderers itself or its member, else the first.

    Only a source that writes several names into one cell, and reads them again one by one, tells of all.
    """
    if any(_tells_one_by_one(emit) for feed in source.feed.values() for emit in feed.emit):
        return events
    names = orderers(events["commissioner"])
    several = (names.map(len) > 1).to_numpy(dtype=bool)
    told = events.copy()
    told.loc[several, "commissioner"] = [
        next((name for name in found if name in own), found[0]) for found in names[several]
    ]
    if not tells_shared(source):
        told.loc[several, "commissioner_type"] = "brand"
    return told


def _tells_one_by_one(emit: Emit) -> bool:
    return emit.explode is not None and "commissioner" in emit.columns.get(emit.explode.column, ())


def _of_buyers(world: World, names: set[str], rng: np.random.Generator) -> np.ndarray:
    """Audits that these buyers ordered, and a share of the others at their suppliers, which they read."""
    ordered = orderers(world.events["commissioner"]).map(lambda found: not names.isdisjoint(found)).astype(bool)
    supplies = world.industry.supplies
    suppliers = supplies.loc[supplies["buyer_name"].isin(names), "site_index"]
    foreign = ~world.events["commissioner_type"].isin(["brand", "shared"])
    read = world.events["site_index"].isin(suppliers) & foreign & (rng.random(len(world.events)) < _READ_SHARE)
    return (ordered | read).to_numpy()


def _at_records(events: pd.DataFrame, listing: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The events with the record of their site; where a site has two records, either."""
    first = listing.drop_duplicates("site_index").set_index("site_index")["record"]
    last = listing.drop_duplicates("site_index", keep="last").set_index("site_index")["record"]
    which = rng.random(len(events)) < 0.6
    records = np.where(which, events["site_index"].map(first), events["site_index"].map(last))
    placed = events.assign(record=records)
    return placed[placed["record"].notna()].astype({"record": int}).reset_index(drop=True)


def _as_noted(events: pd.DataFrame, is_own_log: bool, rng: np.random.Generator) -> pd.DataFrame:
    """The events with the small differences between one party's notes and another's.

    Headcounts are of another day, sometimes of another year; who keeps a log by hand is at times a day off.
    """
    count = len(events)
    noted = events.copy()
    outdated = rng.random(count) < _OUTDATED_SHARE
    workers = noted["worker_count"] * np.where(outdated, rng.uniform(0.75, 0.95, count), rng.normal(1, 0.01, count))
    noted["worker_count"] = np.maximum(workers, 5).astype(int)
    off = pd.to_timedelta(np.where(rng.random(count) < _DAY_OFF_SHARE, rng.choice([-1, 1], count), 0), unit="D")
    if is_own_log:
        for name in ("visit_start", "visit_end"):
            noted[name] = (noted[name] + off).astype("datetime64[s]")
    return noted


def _as_written(events: pd.DataFrame, source: Source, rng: np.random.Generator) -> pd.DataFrame:
    """The events with names of organisations and firms as people write them, where no list of words is kept."""
    written = events.copy()
    for name in ("commissioner", "audit_firm"):
        if not any(declared_words(feed, name) for feed in source.feed.values()) and not constant(source, name):
            written[name] = misspelt(written[name], rng, ORDERERS)
    return written


# --- sites -------------------------------------------------------------------------------------------------------


def _known_sites(
    world: World, source: Source, company: str | None, initiative: str | None, events: pd.DataFrame
) -> np.ndarray:
    supplies = world.industry.supplies
    if any(feed.identifiers.get(header) in _REGISTRY_SCHEMES for feed, header in _site_keys(source)):
        return np.flatnonzero(world.industry.sites["has_os_id"])
    if company is not None:
        return np.unique(supplies.loc[supplies["buyer_name"] == company, "site_index"])
    found = [events["site_index"]]
    if initiative is not None:
        members = _members(world, initiative)
        found.append(supplies.loc[supplies["buyer_name"].isin(members), "site_index"])
        found.append(world.cases.loc[world.cases["initiative"] == initiative, "site_index"])
    certificates = world.certificates
    found.append(certificates.loc[certificates["scheme"].isin(schemes_of(source)), "site_index"])
    return np.unique(np.concatenate([part.to_numpy(dtype=np.int64) for part in found]))


def _site_keys(source: Source) -> list[tuple[Feed, str]]:
    return [(feed, header) for feed in source.feed.values() for header in feed.key.get("site_records", [])]


def _listing(world: World, source: Source, sites: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """The source's site records, a few sites twice unless the source keeps its list free of that."""
    copies = np.zeros(len(sites), int)
    if not source.unique_sites:
        again = rng.random(len(sites)) < _DUPLICATED_SHARE
        copies = np.concatenate([copies, np.ones(again.sum(), int)])
        sites = np.concatenate([sites, sites[again]])
    order = np.lexsort((copies, sites))
    sites, copies = sites[order], copies[order]
    true_sites = world.industry.sites.iloc[sites].reset_index(drop=True)
    listing = Scribe(rng).write(true_sites)
    listing.insert(0, "record", np.arange(len(listing)))
    listing["site_index"], listing["true_site_id"] = sites, true_sites["true_site_id"].to_numpy()
    countries = true_sites["country_code"].to_numpy(dtype=str)
    organisations = true_sites["organisation_id"].str[1:].astype(int).to_numpy()
    schemes = {scheme for feed in source.feed.values() for scheme in feed.identifiers.values()}
    for scheme in sorted(schemes):
        numbers = organisations if scheme in OF_ORGANISATION else sites * 2
        listing[f"id:{scheme}"] = identifiers(scheme, np.asarray(numbers, dtype=np.int64), countries).to_numpy()
        if scheme in _REGISTRY_SCHEMES:
            listing.loc[~true_sites["has_os_id"].to_numpy(), f"id:{scheme}"] = None
    keyed = [feed.identifiers[header] for feed, header in _site_keys(source) if header in feed.identifiers]
    if keyed and keyed[0] not in OF_ORGANISATION:
        # The source assigns this identifier itself, so a second record of a site has another one.
        listing[f"id:{keyed[0]}"] = identifiers(keyed[0], sites * 2 + copies, countries).to_numpy()
        listing["site_id"] = listing[f"id:{keyed[0]}"]
    else:
        listing["site_id"] = identifiers(source.name, sites * 2 + copies, countries).to_numpy()
    return listing
