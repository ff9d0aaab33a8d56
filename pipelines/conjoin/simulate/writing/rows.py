"""What one row of a feed speaks of: for each row of a file, the true things that it tells, before they are written.

The grain of a feed decides: rows are sites, audits, findings, certificates, cases, buyers or memberships. What else a
row tells comes from the same site or the same audit.
"""

from dataclasses import dataclass, field

import pandas as pd

from conjoin.schemas.vocabularies import vocabulary
from conjoin.simulate.industry.identifiers import identifiers
from conjoin.simulate.industry.records import TOPICS
from conjoin.simulate.industry.truth import stacked
from conjoin.simulate.writing.parties import Party, World
from conjoin.simulate.writing.periods import with_periods
from conjoin.simulate.writing.words import NEAR_KINDS, TRUTHFUL
from conjoin.sources.descriptor import PERIOD, Emit, Feed

#: Column of a row frame that holds the true id of what a table's record stands for.
TRUE_ID = {
    "site_records": "true_site_id",
    "audit_records": "true_event_id",
    "certificates": "true_certificate_id",
    "complaints": "true_case_id",
    "findings": "true_finding_id",
}
_BUYER_SHARE = 0.8  # of the rows that could name a buyer do
_SHARED_SHARE = 0.3  # of the companies that buy at a site are shown an audit of it
_LISTED_SHARE = 0.4  # of the studies, each initiative lists
_SPEAKING_SHARE = 0.1  # of the factories say something of themselves


@dataclass
class Slot:
    """What fills one written-out emit: values per row, or several per row where the emit explodes a cell.

    Attributes:
        frame: Index: rows of the feed (repeated where exploded); columns: fields and true ids.
        is_active: Index of the rows that this emit makes a record of.
    """

    frame: pd.DataFrame
    is_active: pd.Index


@dataclass
class FeedRows:
    """The rows of one feed, all periods together.

    Attributes:
        base: One row per row of the feed: period, record and every field known of it.
        slots: Number of the written-out emit to what fills it; others take from ``base``.
        left_out: Emits that stay empty, and why.
    """

    base: pd.DataFrame
    slots: dict[int, Slot] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)


def feed_rows(
    world: World, party: Party, feed: Feed, periods: list[str | None], delivered: pd.Index | None
) -> FeedRows:
    """The rows of a feed.

    Args:
        world: The truth.
        party: Who delivers.
        feed: What it delivers.
        periods: Periods of the files, in order; [None] where the pattern has none.
        delivered: True ids of the audits that the party's other feeds delivered already; findings keep to them.
    """
    grain = feed.all_emits()[0]
    variants = variants_of(feed)
    if variants:
        parts = [_grain_rows(world, party, feed, [feed.emit[n] for n in numbers], delivered) for numbers in variants]
        base = stacked([part.assign(variant=place) for place, part in enumerate(parts)])
    else:
        plain = [Emit(table=name) for name in feed.emits] or [grain]
        base = _grain_rows(world, party, feed, plain, delivered)
    is_list = grain.table in ("site_records", "site_buyers", "affiliations", "site_identifiers")
    base = with_periods(base, periods, is_list, party.rng)
    base = _with_site(party, base, grain.table)
    if "buyer_name" not in base:
        base["buyer_name"] = _buyers(world, party, base)
    base["organisation"] = base["buyer_name"]  # whoever buys there relies on what is told of it
    if "relied_from_date" not in base and "issued_date" in base:
        base["relied_from_date"] = base["issued_date"]
    rows = FeedRows(base)
    for place, numbers in enumerate(variants):
        rows.slots |= {number: Slot(base, base.index[base["variant"] == place]) for number in numbers}
    for number, emit in enumerate(feed.emit):
        if emit is not grain and number not in rows.slots:
            _fill(world, party, feed, rows, number, emit)
    return rows


def variants_of(feed: Feed) -> list[list[int]]:
    """Where a column chooses what a row is at all: groups of emits (by number) that are made of one row together."""
    if feed.emits or not feed.emit or not isinstance(feed.emit[0].when, dict):
        return []
    column = next(iter(feed.emit[0].when))
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, emit in enumerate(feed.emit):
        if isinstance(emit.when, dict) and column in emit.when and emit.explode is None:
            words = tuple(emit.when[column])
            shared = next((known for known in groups if set(known) & set(words)), words)
            groups.setdefault(shared, []).append(number)
    return list(groups.values())


def _grain_rows(world: World, party: Party, feed: Feed, emits: list[Emit], delivered: pd.Index | None) -> pd.DataFrame:
    """One row per thing that the first of ``emits`` speaks of, with what the others need."""
    base = _entities(world, party, emits[0].table, delivered)
    for emit in emits[1:]:
        base = _joined(world, party, base, emit.table)
    if _is_told_by_buyer(feed, emits[0]) and "buyer_name" not in base:
        own = world.industry.supplies.loc[_own_supplies(world, party), ["site_index", "buyer_name"]]
        base = base.merge(own, on="site_index")
    return _only_sayable(base, feed, emits[0])


def _is_told_by_buyer(feed: Feed, emit: Emit) -> bool:
    """Whether the key holds a buyer, so that one audit is told once per company that it is filed under."""
    columns = [feed.columns, *(other.columns for other in feed.emit)]
    return any("buyer_name" in _listed(known.get(column, [])) for column in feed.key_of(emit) for known in columns)


# --- what a row is -----------------------------------------------------------------------------------------------


def _entities(world: World, party: Party, table: str, delivered: pd.Index | None) -> pd.DataFrame:
    sites = party.listing.drop_duplicates("site_index").set_index("site_index")["record"]
    if table == "audit_records":
        return party.events.copy()
    if table in ("site_records", "site_identifiers"):
        return party.listing[["record", "site_index"]].copy()
    if table == "findings":
        events = party.events if delivered is None else party.events[party.events["true_event_id"].isin(delivered)]
        own = world.findings.drop(columns=["site_index", "scheme"])
        kept = events.drop(columns=["severity_band"])
        return own.merge(kept, on="true_event_id", how="inner")
    if table == "audit_uses":
        return _shares(world, party, delivered)
    if table == "studies":
        return _studies(world, party)
    if table == "factory_statements":
        return _statements(world, party)
    if table == "certificates":
        found = world.certificates
    elif table == "complaints":
        found = world.cases[_of_initiative(world.cases, party)]
    elif table == "affiliations":
        known = world.industry.affiliations
        return known[_of_initiative(known, party)].assign(record=-1)
    else:
        found = world.industry.supplies[_own_supplies(world, party)]
    placed = found.assign(record=found["site_index"].map(sites))
    return placed[placed["record"].notna()].astype({"record": int}).reset_index(drop=True)


def _shares(world: World, party: Party, delivered: pd.Index | None) -> pd.DataFrame:
    """Audits that may be shown, with companies that buy at the site and were given them once they were published."""
    events = party.events if delivered is None else party.events[party.events["true_event_id"].isin(delivered)]
    shown = events[events["is_report_shareable"].eq("true") & events["uploaded_date"].notna()]
    shares = shown.merge(world.industry.supplies[["site_index", "buyer_name"]], on="site_index")
    shares = shares[party.rng.random(len(shares)) < _SHARED_SHARE].reset_index(drop=True)
    return shares.assign(relied_from_date=shares["uploaded_date"])


def _studies(world: World, party: Party) -> pd.DataFrame:
    """Studies as each initiative lists them: one study a topic and country, of which every initiative knows some."""
    countries = world.industry.sites["country_code"].unique()
    studies = pd.MultiIndex.from_product([TOPICS, countries, vocabulary("initiative").codes]).to_frame(index=False)
    studies.columns = pd.Index(["study_topics", "study_countries", "initiative"])
    studies["study_title"] = "A study of " + studies["study_topics"] + " in " + studies["study_countries"]
    studies["study_id_source"] = "ST-" + studies.index.astype(str)
    studies["study_year"] = 2015 + studies.groupby(["study_topics", "study_countries"]).ngroup() % 10
    kept = studies[_of_initiative(studies, party) & (party.rng.random(len(studies)) < _LISTED_SHARE)]
    return kept.assign(publisher="Institute of Studies", record=-1).reset_index(drop=True)


def _statements(world: World, party: Party) -> pd.DataFrame:
    """What factories say of themselves: that the latest audit that anybody knows of is not on their statement."""
    latest = world.events.query("audit_status == 'done'").sort_values("visit_start", kind="stable")
    latest = latest.drop_duplicates("site_index", keep="last").sort_values("site_index", kind="stable")
    spoken = latest[party.rng.random(len(latest)) < _SPEAKING_SHARE].reset_index(drop=True)
    codes, countries = spoken["site_index"].to_numpy() * 2, world.industry.sites["country_code"].to_numpy()
    return pd.DataFrame(
        {
            "statement_id_source": "F-" + (spoken.index + 1).astype(str),
            "stated_os_id": identifiers("os_id", codes, countries[spoken["site_index"]]).to_numpy(),
            "stated_date": spoken["visit_end"].fillna(spoken["visit_start"]) + pd.Timedelta(days=30),
            "stated_about": "missing_audit",
            "stated_text": "It is missing from our statement",
            "stated_visit_date": spoken["visit_start"],
            "scheme": spoken["scheme"],
            "site_index": spoken["site_index"],
            "record": -1,
        }
    )


def _of_initiative(frame: pd.DataFrame, party: Party) -> pd.Series:
    """Rows of the initiative that the party speaks for; all rows where it speaks for none."""
    return frame["initiative"].eq(party.initiative) if party.initiative else frame["initiative"].notna()


def _own_supplies(world: World, party: Party) -> pd.Series:
    supplies = world.industry.supplies
    if party.company is not None:
        return supplies["buyer_name"].eq(party.company)
    if party.initiative is not None:
        members = world.industry.affiliations.query("initiative == @party.initiative")["company_name"]
        return supplies["buyer_name"].isin(members)
    return supplies["buyer_name"].notna()


def _joined(world: World, party: Party, base: pd.DataFrame, table: str) -> pd.DataFrame:
    """The rows with what a further plain emit needs; rows for which there is nothing are left out."""
    if table == "complaints" and "complaint_month" not in base:
        cases = world.cases.drop(columns=["site_index", "scheme", "initiative", "topic"])
        return base.merge(cases, on="true_case_id", how="inner")
    if table == "certificates" and "certificate_status" not in base:
        columns = [name for name in world.certificates if name == "true_event_id" or name not in base]
        return base.merge(world.certificates[columns], on="true_event_id", how="inner")
    if table == "audit_records" and "visit_start" not in base:
        events = party.events
        key = next(name for name in ("true_event_id", "true_case_id", "record") if name in base)
        latest = events[events[key].notna()].drop_duplicates(key, keep="last")
        columns = [name for name in latest if name == key or name not in base]
        return base.merge(latest[columns], on=key, how="inner")
    return base


def _only_sayable(base: pd.DataFrame, feed: Feed, emit: Emit) -> pd.DataFrame:
    """Rows of which the feed's constants are true, and whose status it can tell."""
    constants = {**feed.constants, **emit.constants}
    kept = pd.Series(True, index=base.index)
    for name, value in constants.items():
        if (
            name in TRUTHFUL
            and name in base
            and PERIOD not in value
            and name not in ("buyer_name", "commissioner_type")
        ):
            options = [kind for kind, near in NEAR_KINDS.items() if value in near] if name == "audit_kind" else []
            kept &= base[name].isin([value, *options]) | (base[name].isna() & (name != "scheme"))
    columns = [*feed.columns.values(), *(targets for other in feed.emit for targets in other.columns.values())]
    delivers = [*constants, *(target for targets in columns for target in _listed(targets))]
    if "audit_status" in base and "audit_status" not in delivers:
        kept &= base["audit_status"].eq("done")
    return base[kept].reset_index(drop=True)


def _listed(targets: str | list[str]) -> list[str]:
    return [targets] if isinstance(targets, str) else targets


# --- what a row tells besides ------------------------------------------------------------------------------------


def _with_site(party: Party, base: pd.DataFrame, grain: str) -> pd.DataFrame:
    """The rows with the site fields as the party writes them."""
    own = [name for name in party.listing if name == "record" or name not in base]
    joined = base.merge(party.listing[own], on="record", how="left")
    if "worker_count" not in joined:
        joined["worker_count"] = joined["site_worker_count"]
    if "site_level" in joined:
        joined["site_level"] = joined["site_level"].fillna("site")
    return joined


def _buyers(world: World, party: Party, base: pd.DataFrame) -> pd.Series:
    """One buyer per row: the brand itself, else whoever ordered the audit, else one who buys at the site."""
    if party.company is not None:
        return pd.Series(party.company, index=base.index)
    first = (
        world.industry.supplies[_own_supplies(world, party)]
        .drop_duplicates("site_index")
        .set_index("site_index")["buyer_name"]
    )
    of_site = base["site_index"].map(first) if "site_index" in base else pd.Series(None, index=base.index)
    if "commissioner" not in base:
        return of_site
    return base["commissioner"].where(base["commissioner_type"].eq("brand"), of_site)


def _fill(world: World, party: Party, feed: Feed, rows: FeedRows, number: int, emit: Emit) -> None:
    base = rows.base
    if emit.explode is not None and emit.table == "site_buyers":
        rows.slots[number] = _buyer_lists(world, party, base)
    elif emit.explode is not None and emit.table not in ("complaints", "findings"):
        rows.left_out[number] = "several values of a cell are simulated for buyers, complaints and findings alone"
    elif emit.table == "audit_records":
        _fill_audits(party, feed, rows, number, emit)
    elif emit.table == "certificates" and "certificate_status" not in base:
        wanted = emit.constants.get("scheme", feed.constants.get("scheme"))
        found = world.certificates[world.certificates["scheme"].eq(wanted or "")]
        rows.slots[number] = _latest(base, found, "site_index", 0)
    elif emit.table in ("complaints", "findings"):
        found = world.cases if emit.table == "complaints" else world.findings
        own = "true_event_id" if emit.table == "findings" else "true_case_id"
        key = own if own in base else "site_index"
        found = found[_of_initiative(found, party)] if "initiative" in found else found
        rows.slots[number] = _latest(base, found, key, 0)
    else:
        chosen = party.rng.random(len(base)) < (_BUYER_SHARE if emit.when and emit.table == "site_buyers" else 1.0)
        rows.slots[number] = Slot(base, base.index[chosen])


def _buyer_lists(world: World, party: Party, base: pd.DataFrame) -> Slot:
    """Every buyer of the row's site, as of some month of the two years before."""
    supplies = world.industry.supplies[["site_index", "buyer_name"]]
    lists = (
        base[["site_index", "as_of_date"]].reset_index(names="row").merge(supplies, on="site_index").set_index("row")
    )
    months = pd.to_datetime(lists["as_of_date"]).dt.to_period("M") - party.rng.integers(1, 24, len(lists))
    lists["as_of_date"] = pd.Series(months).dt.to_timestamp("s")
    return Slot(lists, lists.index.unique())


def _fill_audits(party: Party, feed: Feed, rows: FeedRows, number: int, emit: Emit) -> None:
    """An audit beside the row's own: a relayed one, or the latest that no earlier emit of the row has taken."""
    base = rows.base
    if "true_finding_id" in base:  # the audit in which the finding was made
        rows.slots[number] = Slot(base, base.index)
        return
    shared = [
        other
        for other, slot in rows.slots.items()
        if set(feed.emit[other].columns) & set(emit.columns) and feed.emit[other].table == "audit_records"
    ]
    if shared:
        rows.left_out[number] = f"shares its columns with emit {shared[0] + 1}, which is simulated instead"
        return
    if "relayed_event_id" in base and emit.constants.get("commissioner_type") == "platform":
        rows.slots[number] = _relayed(base)
        return
    taken = sum(
        1
        for other in rows.slots
        if feed.emit[other].constants == emit.constants and feed.emit[other].table == emit.table
    )
    events = _only_sayable(party.events, feed, emit)
    rows.slots[number] = _latest(base, events, "record", taken)


def _relayed(base: pd.DataFrame) -> Slot:
    """The audit that surfaces again in this row, dated by the day of sharing."""
    values = base.copy()
    values["true_event_id"], values["uploaded_date"] = base["relayed_event_id"], base["self_assessed_date"]
    return Slot(values, base.index[base["relayed_event_id"].notna()])


def _latest(base: pd.DataFrame, found: pd.DataFrame, key: str, place: int) -> Slot:
    """The latest of ``found`` for each row, or the one ``place`` before it."""
    dates = [name for name in ("visit_start", "uploaded_date", "issued_date", "complaint_month") if name in found]
    ordered = found.sort_values([key, *dates[:1]], ascending=[True, *[False] * len(dates[:1])], kind="stable")
    ordered = ordered[ordered.groupby(key).cumcount() == place]
    columns = [name for name in ordered if name not in ("record", "site_index", "true_site_id") or name == key]
    values = base[[key]].reset_index(names="row").merge(ordered[columns], on=key, how="left").set_index("row")
    true_id = next(
        name for name in ("true_finding_id", "true_certificate_id", "true_event_id", "true_case_id") if name in ordered
    )
    return Slot(values, values.index[values[true_id].notna()])
