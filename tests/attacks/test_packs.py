"""What a member could work out from a pack of the samples: nothing that its policy withholds.

Each attack was tried on the version before, in which one warehouse went to everybody, and succeeded there: names of
other brands stood in every mart, two BSCI dates printed the grade (9 of 9), a missing row of audit_pairs meant a
complaint (75 of 75), planned visits named their planner and day.
"""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from conjoin.packs.build_pack import build_pack
from conjoin.packs.pack import MANIFEST, WAREHOUSE, WORKBOOK, make_pack
from conjoin.packs.reader import Reader, reader_of
from conjoin.packs.visible import reader_secret, replaced_id
from conjoin.schemas.policy import parties
from conjoin.schemas.tables import tables
from conjoin.settings import Settings
from support.consortia import DAY, Consortium
from support.kept_consortia import samples_consortium
from support.once import made_once

pytestmark = pytest.mark.slow
OWN_OR_PUBLIC = "(source_name = 'northwind' or visibility = 'public')"


@dataclass(frozen=True)
class Packed:
    """A pack and the pooling that it was made of."""

    folder: Path
    reader: Reader
    pooled: Consortium

    def cells(self, kind: str = "VARCHAR") -> list[tuple[str, str, str]]:
        """Every distinct cell of that type: table, column, value as text."""
        with duckdb.connect(str(self.folder / WAREHOUSE), read_only=True) as con:
            columns = con.execute(
                "select schema_name || '.' || table_name, column_name from duckdb_columns() "
                "where not internal and data_type = $1 and schema_name in ('marts', 'released', 'intermediate')",
                [kind],
            ).fetchall()
            return [
                (table, column, value)
                for table, column in columns
                for (value,) in con.execute(
                    f'select distinct "{column}"::varchar from {table} where "{column}" is not null'
                ).fetchall()
            ]

    def ask(self, select: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.folder / WAREHOUSE), read_only=True) as con:
            return con.execute(select).fetchall()

    def pages(self, without: str = "") -> str:
        """All that stands beside the warehouse, as one text."""
        texts = []
        for path in sorted(self.folder.iterdir()):
            if path.name == without:
                continue
            if path.name == WORKBOOK:
                with zipfile.ZipFile(path) as book:
                    texts += [book.read(name).decode("utf-8", "replace") for name in book.namelist()]
            elif path.name != WAREHOUSE:
                texts.append(path.read_text(encoding="utf-8"))
        return "\n".join(texts)


def packed(name: str, factory: pytest.TempPathFactory) -> Packed:
    """The pack of a party from the samples, made once."""
    reader = reader_of(name, DAY)

    def make(folder: Path) -> None:
        settings = Settings(data=folder / "data", threads=2)
        state = samples_consortium(factory, settings).state(folder / "state")
        if name == "northwind":
            make_pack(settings, state, reader, folder / "pack")
        else:  # its pages are those of any other
            (folder / "pack").mkdir()
            build_pack(settings, state, reader, folder / "pack" / WAREHOUSE)

    folder = made_once(factory, f"pack-{name}", make)
    return Packed(folder / "pack", reader, samples_consortium(factory, Settings(data=folder / "data")))


@pytest.fixture(scope="session")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """What a member gets."""
    return packed("northwind", tmp_path_factory)


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """What anybody gets."""
    return packed("public", tmp_path_factory)


@pytest.fixture(scope="session")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """What the coordinator gets: everything but cases, nothing withheld."""
    return packed("coordinator", tmp_path_factory)


@pytest.fixture(scope="session")
def case_desk(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """What a case worker gets."""
    return packed("case_desk", tmp_path_factory)


def published_names(pooled: Consortium) -> set[str]:
    """Names of organisations that some public row tells."""
    named = [("audit_records", "commissioner"), ("site_buyers", "buyer_name"), ("audit_uses", "organisation")]
    named += [("affiliations", "company_name"), ("site_records", "parent_name")]
    told = [
        value
        for table, column in named
        for (value,) in pooled.con.execute(
            f"select distinct {column} from held.{table} where visibility = 'public' and {column} is not null"
        ).fetchall()
    ]
    return {part.strip().casefold() for value in told for part in value.split(";")}


def names_told(pack: Packed) -> list[tuple[str, str, str]]:
    """Cells with the name of another member that no public row tells."""
    others = {
        name
        for short, party in parties().items()
        if party.kind == "member" and short != "northwind"
        for name in party.all_names
    }
    hidden = {name for name in others if name.casefold() not in published_names(pack.pooled)}
    assert hidden, "every member is named in some public row: the attack tries nothing"
    return [cell for cell in pack.cells() for name in hidden if name.casefold() in cell[2].casefold()]


def sources_told(pack: Packed) -> list[tuple[str, str, str]]:
    """Cells with the source of another member that publishes nothing, or with an id that begins with any member's."""
    public = {
        source
        for table in tables()
        for (source,) in pack.pooled.con.execute(
            f"select distinct source_name from held.{table} where visibility = 'public'"
        ).fetchall()
    }
    brands = {
        source
        for short, party in parties().items()
        if party.kind == "member" and short != "northwind"
        for source in party.delivers
    }
    assert brands - public, "every brand publishes something: the attack tries nothing"
    return [cell for cell in pack.cells() for brand in brands if f"{brand}:" in cell[2] or cell[2] in brands - public]


def ids_told(pack: Packed) -> list[tuple[str, str, str]]:
    """Cells with our id of another's record, which names the source, or with its own system's number."""
    ids = {
        value
        for name, table in tables().items()
        for column in ("record_id", "audit_id_source", "site_id_source", "certificate_id_source", "finding_id_source")
        if column in table.columns
        for (value,) in pack.pooled.con.execute(
            f"select distinct {column} from held.{name} "
            f"where source_name <> 'northwind' and visibility <> 'public' and length({column}) > 4"
        ).fetchall()
    }
    own = {
        value
        for (value,) in pack.pooled.con.execute(
            f"select audit_id_source from held.audit_records where {OWN_OR_PUBLIC} "
            f"union select site_id_source from held.site_records where {OWN_OR_PUBLIC} "
            "union select id_value from held.site_identifiers where visibility in ('public', 'consortium_site')"
        ).fetchall()
    }
    assert len(ids) > 500
    return [cell for cell in pack.cells() if cell[2] in ids - own]


def days_told(pack: Packed) -> list[tuple[str, str, str]]:
    """Cells with a day on which only an audit of another's was, as far as the reader's own and public rows tell."""
    days = {
        str(value)
        for (value,) in pack.pooled.con.execute(
            "select unnest([visit_start, visit_end, issued_date, uploaded_date]) as day from held.audit_records "
            "where source_name <> 'northwind' and visibility <> 'public'"
        ).fetchall()
        if value is not None and not (value.day == 1 and value.month in (1, 4, 7, 10))
    }
    open_days = {
        str(value)
        for table, columns in {
            "audit_records": "visit_start, visit_end, issued_date, uploaded_date, valid_from, valid_to",
            "certificates": "first_issued_date, issued_date, valid_to, withdrawn_date",
            "site_records": "as_of_date",
            "findings": "correction_due_date, closed_date",
        }.items()
        for (value,) in pack.pooled.con.execute(
            f"select unnest([{columns}]) from held.{table} where {OWN_OR_PUBLIC}"
        ).fetchall()
    }
    assert len(days - open_days) > 100
    computed = ("affiliations", "valid_to", "holds_to", "failing_until")  # of own audits, months after their day
    told = [cell for cell in pack.cells("DATE") if cell[2] in days - open_days]
    return [cell for cell in told if not any(name in f"{cell[0]}.{cell[1]}" for name in computed)]


def grades_told(pack: Packed) -> list[tuple[object, ...]]:
    """BSCI rows of others with a second date or a grade."""
    assert pack.ask("select 1 from marts.audit_event_records where scheme = 'bsci'"), "no BSCI audit to attack"
    return pack.ask(
        "select dated_start, valid_to, grade_raw, severity_band from marts.audit_event_records "
        "where scheme = 'bsci' and source_name <> 'northwind' "
        "and (valid_to is not null or grade_raw is not null or severity_band is not null)"
    )


def test_each_attack_succeeds_where_nothing_is_withheld(coordinator: Packed, case_desk: Packed) -> None:
    """On a warehouse as it was given to everybody before, every one of them finds something."""
    for attack in (names_told, sources_told, ids_told, days_told, grades_told):
        assert attack(coordinator), f"{attack.__name__} finds nothing"
    assert case_desk.ask("select 1 from marts.audit_pairs where pair_class = 'complaint_triggered'")


def test_other_members_are_named_only_where_public(northwind: Packed) -> None:
    assert names_told(northwind) == []


def test_pages_name_no_member_that_publishes_nothing(northwind: Packed) -> None:
    page = northwind.pages(without="who_sees_what.html").casefold()  # who takes part is no secret among members
    known = published_names(northwind.pooled)
    members = [party for short, party in parties().items() if party.kind == "member" and short != "northwind"]
    hidden = [name.casefold() for party in members for name in party.all_names if name.casefold() not in known]
    assert [name for name in hidden if name in page] == []


def test_no_source_of_another_member_is_named(northwind: Packed) -> None:
    assert sources_told(northwind) == []


def test_ids_of_others_are_not_told(northwind: Packed) -> None:
    assert ids_told(northwind) == []


def test_days_of_others_are_not_told(northwind: Packed) -> None:
    """Date linkage: a day seen elsewhere finds no row here that it could name."""
    assert days_told(northwind) == []
    terms = northwind.ask(
        "select valid_from, valid_to from marts.audit_event_records where source_name <> 'northwind' and visibility <> "
        "'public' and (valid_to <> date_trunc('quarter', valid_to) or valid_from <> date_trunc('quarter', valid_from))"
    )
    assert terms == []
    spans = northwind.ask(
        "select gap_days from marts.audit_pairs where gap_days % 91 <> 0 and "
        "(event_id_a like 'record:%' or event_id_b like 'record:%') and "
        "(event_id_a not in (select event_id from marts.audit_events where visibility = 'public'))"
        "and visibility <> 'public'"
    )
    assert spans == [], "a span of days from an own audit tells the day of another"


def test_two_dates_do_not_print_a_grade(northwind: Packed, public: Packed) -> None:
    assert grades_told(northwind) == []
    assert grades_told(public) == []


def test_complaints_leave_no_trace(northwind: Packed, public: Packed) -> None:
    """No case, no class that a case gives, no audit that investigates one, no quarter that is missing something."""
    for pack in (northwind, public):
        assert pack.ask("select count(*) from marts.complaints_at_sites") == [(0,)]
        assert pack.ask("select 1 from marts.audit_pairs where pair_class = 'complaint_triggered'") == []
        assert pack.ask("select 1 from marts.audit_events where audit_kind = 'complaint'") == []
        assert pack.ask("select 1 from marts.event_classes where event_class = 'complaint_triggered'") == []
        assert pack.ask("select 1 from marts.contradicted_audits") == []


def test_a_case_worker_does_see_cases(case_desk: Packed) -> None:
    assert case_desk.ask("select count(*) > 0 from marts.complaints_at_sites") == [(True,)]


def test_plans_of_others_are_not_told(northwind: Packed) -> None:
    planned = northwind.pooled.con.execute(
        "select count(*) from held.audit_records where audit_status = 'planned' and source_name <> 'northwind'"
    ).fetchall()
    assert planned != [(0,)]
    assert northwind.ask("select 1 from marts.planned_overlaps where record_id like 'record:%'") == []


def test_own_rows_are_whole(northwind: Packed) -> None:
    """Whoever delivered it finds every row again, with its day and its findings' days."""
    own = northwind.pooled.con.execute(
        "select record_id, coalesce(visit_start, issued_date, uploaded_date) as day from held.audit_records "
        "where source_name = 'northwind' and audit_status = 'done' and audit_kind <> 'complaint'"
    ).fetchall()
    told = dict(northwind.ask("select record_id, dated_start from marts.audit_event_records"))
    elsewhere = {row[0] for row in northwind.ask("select record_id from marts.records_set_aside")}
    assert len(own) > 20
    assert {record for record, _ in own} <= told.keys() | elsewhere
    days: dict[str, set[object]] = {}
    for record, day in own:  # a record that several files deliver has the day of one of them
        days.setdefault(record, set()).add(day)
    assert [record for record, known in days.items() if record in told and told[record] not in known] == []


def test_numbers_of_other_members_hold_at_one_site_alone(northwind: Packed) -> None:
    """Re-identification: who is recognised at one site is not thereby known at another."""
    settings = northwind.pooled.settings
    shown = replaced_id("record_id", northwind.reader, reader_secret(settings, northwind.reader))
    orderer = dict(
        northwind.pooled.con.execute(
            f"select {shown}, commissioner from held.audit_records where commissioner is not null"
        ).fetchall()
    )
    behind: dict[object, set[str]] = {}
    for record, label in northwind.ask(
        "select record_id, commissioner from marts.audit_event_records where commissioner like 'another member%'"
    ):
        if record in orderer:
            behind.setdefault(label, set()).add(orderer[record])
    assert len(behind["another member 1"]) > 2, "number 1 is one party at every site"


def test_nothing_is_avoidable_that_is_not_for_whoever_sees_all(northwind: Packed, coordinator: Packed) -> None:
    """What is withheld may hide a repeat; it never invents one."""
    avoidable = (
        "select record_id from marts.audit_event_records join marts.audit_events using (event_id) "
        "where is_avoidable and record_id like 'northwind:%'"
    )
    told, known = set(northwind.ask(avoidable)), set(coordinator.ask(avoidable))
    assert told, "no own audit is avoidable: the comparison tries nothing"
    assert told <= known


def test_the_manifest_names_nothing_hidden(northwind: Packed) -> None:
    manifest = json.loads((northwind.folder / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["for"] == "northwind"
    assert set(manifest["rows_delivered"]) == set(tables())
    assert manifest["rows_delivered"]["complaints"] == 0
