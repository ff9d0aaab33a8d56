"""A simulated world is read whole by the declarations that it was made from, and its truth joins to what was read."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from conjoin.errors import SettingsError
from conjoin.schemas.tables import tables as landed_tables
from conjoin.simulate.world import build_world, write_world
from conjoin.simulate.writing.deliver import deliver
from conjoin.simulate.writing.rows import TRUE_ID
from conjoin.sources import mapping, registry
from conjoin.sources.descriptor import Source
from conjoin.sources.emits import Delivery
from conjoin.sources.patterns import match_feed
from support.once import made_once

_TRUTH_FILES = {"certificates": "certificate_records"}

# Invented declarations, each with another grain: any declaration can be turned round.
_HEAD = """title = "Invented"
summary = "An invented source"
owner = "data@conjoin.example"
schedule = "0 5 1 1,4,7,10 *"
visibility = "consortium_site"
terms = "invented"
"""

_APPEALS = """
[feed.appeals]
grain = "one case"
pattern = "appeals_{period}.jsonl"
format = "json_lines"
emits = ["complaints", "site_records"]
constants = { initiative = "ccc", case_kind = "urgent_appeal" }
dates = { formats = ["%B %Y"] }
visibility = { complaints = "restricted_case" }
key = { complaints = ["case.no"], site_records = ["site.name", "site.country"] }
ignore = { "case.text" = "free text of a complaint", "contact.*" = "personal data" }

[feed.appeals.columns]
"site.name" = "site_name"
"site.country" = "country_code"
"case.month" = "complaint_month"
"case.about" = "topic"
"case.state" = "case_status"

[feed.appeals.values.topic]
"Pay" = "wages"
"Hours" = "working_hours"
"Safety" = "osh"
"Union" = "foa_cb"
"""

_CHARTS = """
[feed.charts]
grain = "one finding of an assessment, as filed under one company"
pattern = "charts_{period}.xlsx"
format = "workbook"
emits = ["findings", "audit_records", "site_records", "site_buyers"]
reader = { sheet = "Chart*", header_rows = 2, skip_rows = 1, fill_down = ["Factory / Code"], stop_at = "End" }
dates = { formats = ["%d-%b-%Y"] }

[feed.charts.constants]
scheme = "fla"
initiative = "fla"
auditor_party = "3"
commissioner_type = "initiative"
as_of_date = "{period}"

[feed.charts.key]
findings = ["Factory / Code", "Factory / Company", "Visit / First day", "Finding / Benchmark"]
audit_records = ["Factory / Code", "Factory / Company", "Visit / First day"]
site_records = ["Factory / Code"]
site_buyers = ["Factory / Code", "Factory / Company"]

[feed.charts.columns]
"Factory / Code" = "site_id_source"
"Factory / Name" = "site_name"
"Factory / Country" = "country_code"
"Factory / Company" = "buyer_name"
"Visit / First day" = "visit_start"
"Visit / Last day" = "visit_end"
"Visit / Kind" = "audit_kind"
"Visit / By" = "audit_firm"
"Finding / Benchmark" = "clause"
"Finding / Element" = "topic"
"Finding / Kind" = "finding_kind"

[feed.charts.ignore]
"Contact / *" = "personal data"
"""

_REGISTER = """
[feed.register]
grain = "an audit, a complaint or a certificate, as the first column says"
pattern = "register_*.csv"
format = "csv"
reader = { encoding = "cp1254", delimiter = ";" }
dates = { formats = ["%d.%m.%Y"] }
numbers = { decimal = ",", thousands = "." }
constants = { initiative = "fair_wear" }
visibility = { complaints = "restricted_case" }
key = { site_records = ["Place"] }
join = { site_address = { columns = ["Street", "Quarter"] } }
extract = { "Point" = '^(?P<lat>[^/]+)/(?P<lng>.+)$' }
ignore = { "(column 3)" = "a spacer", "Phone" = "personal data" }

[feed.register.columns]
"Place" = "site_id_source"
"Name" = "site_name"
"Country" = "country_code"
"Workers" = "worker_count"

[[feed.register.emit]]
table = "audit_records"
key = ["Number"]
when = { "What" = ["Audit"] }
constants = { scheme = "fair_wear", commissioner_type = "initiative", auditor_party = "3" }
columns = { "Day" = "visit_start", "Kind" = "audit_kind" }

[[feed.register.emit]]
table = "complaints"
key = ["Number"]
when = { "What" = ["Complaint"] }
constants = { case_kind = "helpline_complaint" }
columns = { "Day" = "complaint_month", "State" = "case_status" }

[[feed.register.emit]]
table = "site_records"
columns = { "Point.lat" = "latitude", "Point.lng" = "longitude" }
"""

_MEMBERS = """
[feed.members]
grain = "a membership"
pattern = "members.csv"
format = "csv"
emits = ["affiliations"]
constants = { initiative = "fla" }
key = { affiliations = ["Company", "Since"] }
columns = { "Company" = "company_name", "Since" = "affiliated_from", "Until" = "affiliated_to" }
"""

_INVENTED = {"appeals": _APPEALS, "charts": _CHARTS, "register": _REGISTER, "members": _MEMBERS}


Files = list[tuple[str, mapping.Reading, dict[str, pd.DataFrame]]]


def _read(con: duckdb.DuckDBPyConnection, source: Source, folder: Path) -> Files:
    """Every file of the folder: its name, what became of it, and the rows of its tables."""
    mapping.prepare(con)
    found = []
    for path in sorted(folder.iterdir()):
        matched = match_feed(source, path.name)
        assert matched is not None, path.name
        delivery = Delivery(source, matched[0], "load", path.name, date(2026, 11, 1), matched[1])
        reading = mapping.read_delivery(con, path, delivery)
        found.append((path.name, reading, {t: con.execute(f"from {view}").df() for t, view in reading.tables.items()}))
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deliveries and the truth of 300 sites, invented once for all processes."""
    return made_once(tmp_path_factory, "simulated", lambda folder: write_world(folder / "world", 300, 7)) / "world"


@pytest.fixture(scope="module")
def read(world: Path) -> Iterator[dict[str, Files]]:
    """Every delivered file of every source, read."""
    with duckdb.connect() as con:
        yield {name: _read(con, source, world / "inbox" / name) for name, source in registry.sources().items()}


def _records(read: dict[str, Files], table: str) -> pd.DataFrame:
    rows = [tables[table] for files in read.values() for _, _, tables in files if table in tables]
    return pd.concat(rows, ignore_index=True).drop_duplicates("record_id", keep="last")


def test_every_source_delivers_every_feed(read):
    for name, source in registry.sources().items():
        delivered = {match_feed(source, file_name)[0] for file_name, _, _ in read[name]}
        assert delivered == set(source.feed), name


def test_every_delivered_row_is_accepted(read):
    refused = {file: reading.rows_refused for files in read.values() for file, reading, _ in files}
    accepted = {file: reading.rows_accepted for files in read.values() for file, reading, _ in files}

    assert set(refused.values()) == {0}, refused
    assert min(accepted.values()) >= 1


def test_columns_are_as_full_as_declared(read):
    for name, files in read.items():
        source = registry.sources()[name]
        for file_name, _, tables in files:
            feed = source.feed[match_feed(source, file_name)[0]]
            grain = tables[feed.all_emits()[0].table]
            for column, rate in feed.expect.min.fill_rate.items():
                assert grain[column].notna().mean() >= rate, (file_name, column)


@pytest.mark.parametrize("table", list(TRUE_ID))
def test_truth_joins_to_every_record(world, read, table):
    truth = pd.read_csv(world / "truth" / f"{_TRUTH_FILES.get(table, table)}.csv")

    assert truth["record_id"].is_unique
    assert set(_records(read, table)["record_id"]) <= set(truth["record_id"])


def test_audits_say_what_truly_happened(world, read):
    truth = pd.read_csv(world / "truth" / "audit_records.csv")
    events = pd.read_csv(world / "truth" / "events.csv", parse_dates=["visit_start"])
    told = _records(read, "audit_records").merge(truth[["record_id", "true_event_id", "true_site_id"]], on="record_id")
    told = told.merge(events, on="true_event_id", suffixes=("", "_true"))
    relayed = told["scheme"].ne(told["scheme_true"])
    dated = told["visit_start"].notna() & told["audit_status"].eq("done")

    assert (told["true_site_id"] == told["true_site_id_true"]).all()
    assert set(zip(told.loc[relayed, "scheme"], told.loc[relayed, "scheme_true"], strict=True)) <= {
        ("slcp", "better_work")
    }
    off_days = (told.loc[dated, "visit_start"] - told.loc[dated, "visit_start_true"]).dt.days.abs()
    assert off_days.max() <= 1
    assert off_days.mean() < 0.1
    assert told["audit_status"].eq(told["audit_status_true"])[~relayed].all()
    firms = told["audit_firm"].notna()
    assert told.loc[firms, "audit_firm"].eq(told.loc[firms, "audit_firm_true"]).mean() > 0.9  # some are misspelt


@pytest.mark.parametrize("table", [name for name, t in landed_tables().items() if t.references])
def test_records_refer_to_what_their_source_delivers(read, table):
    for column, target in landed_tables()[table].references.items():
        told, known = _records(read, table), set(_records(read, target)["record_id"])
        shares = (~told[column].isin(known)).groupby(told["source_name"]).mean()

        # A list of sites forgets a few; most of what a source tells must lead somewhere.
        assert shares[shares > 0.05].to_dict() == {}, column


def test_several_parties_tell_of_one_event_and_of_one_site(world):
    audits = pd.read_csv(world / "truth" / "audit_records.csv")
    sites = pd.read_csv(world / "truth" / "site_records.csv")

    assert audits.groupby("true_event_id")["source_name"].nunique().max() >= 3
    assert sites.groupby("true_site_id")["source_name"].nunique().median() >= 3


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    written = []
    for name in ("one", "two"):
        write_world(tmp_path / name, sites=40, seed=7)
        files = (path for path in (tmp_path / name).rglob("*") if path.is_file())
        written.append({path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in files})

    assert written[0].keys() == written[1].keys()
    assert [name for name in written[0] if written[0][name] != written[1][name]] == []


def test_another_seed_gives_another_world(world, tmp_path):
    write_world(tmp_path / "other", sites=10, seed=8)

    name = Path("truth") / "sites.csv"
    assert (tmp_path / "other" / name).read_text().splitlines()[1] != (world / name).read_text().splitlines()[1]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(SettingsError, match="not empty"):
        write_world(tmp_path, sites=1, seed=7)


@pytest.mark.parametrize("name", list(_INVENTED))
def test_a_source_declared_tomorrow_is_simulated_without_code(con, tmp_path, name):
    folder = tmp_path / "sources" / "initiatives" / name
    (tmp_path / "inbox").mkdir()
    folder.mkdir(parents=True)
    (folder / "source.toml").write_text(_HEAD + _INVENTED[name], encoding="utf-8")
    source = registry.read_source(folder / "source.toml")
    invented = build_world(300, 7, [*registry.sources().values(), source])

    delivered = deliver(invented, source, folder, tmp_path / "inbox")

    files = _read(con, source, tmp_path / "inbox")
    emitted = {emit.table for emit in source.feed[name].all_emits()}
    assert files
    assert sum(reading.rows_refused for _, reading, _ in files) == 0
    assert {table for _, _, tables in files for table, rows in tables.items() if len(rows)} == emitted
    assert {emit.table for _, emit, _, _ in delivered.truth} == emitted & set(TRUE_ID)
