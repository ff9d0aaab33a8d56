"""Reference tables are what people edit: what cannot be meant is refused, telling where it stands."""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from conjoin import content
from conjoin.errors import BadReference
from conjoin.plain import is_harmful
from conjoin.settings import Settings
from conjoin.tools.project import make_project
from conjoin.warehouse.reference import copy_to_edit, load_reference, reference_tables
from conjoin.watch.doctor import examine
from support import projects

ALIASES = "alias_name,party_name,source\n"
POLICIES = (
    "buyer_name,scheme,scheme_version,max_age_months,notice_required,min_grade,auditor_requirement,"
    "valid_from_date,valid_to_date,source\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The reference folder of a project folder."""
    root = make_project(tmp_path / "project")
    (root / "schemas" / "reference").mkdir(parents=True)
    with projects.standing_in(root):
        yield root / "schemas" / "reference"


def loaded(con: duckdb.DuckDBPyConnection, table: str) -> list[tuple[object, ...]]:
    """Rows of a reference table after loading."""
    con.execute("create schema if not exists reference")
    load_reference(con)
    return con.execute(f"from reference.{table}").fetchall()


def test_every_packaged_table_is_declared_and_keeps_every_row(con: duckdb.DuckDBPyConnection) -> None:
    """Loading neither drops nor reorders rows of the packaged tables."""
    loaded(con, "relays")
    paths = dict(content.files("schemas/reference", "*.csv"))
    assert {path.stem for path in paths.values()} == set(reference_tables())
    for path in paths.values():
        read = f"read_csv('{path}', header = true, all_varchar = true)"
        first = next(iter(reference_tables()[path.stem].columns))
        wanted = con.execute(f"select trim({first}) from {read}").fetchall()
        assert con.execute(f"select {first}::varchar from reference.{path.stem}").fetchall() == wanted


def test_declared_classes_and_reasons_are_those_of_the_rules() -> None:
    """What a reviewer may decide is what the rules may say."""
    overrides = reference_tables()["pair_overrides"].columns
    for name, key, column, word in (
        ("classes", "class", "pair_class", "name"),
        ("reasons", "reason", "reason", "reason"),
    ):
        told = tomllib.loads(content.find(f"warehouse/rules/{name}.toml").read_text(encoding="utf-8"))
        assert overrides[column].codes == list(dict.fromkeys(entry[word] for entry in told[key]))


def test_a_table_of_the_project_replaces_the_packaged_one(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Cells are trimmed, a byte order mark is no letter, and an empty cell is null."""
    (folder / "acceptance_policies.csv").write_text(
        "\ufeff" + POLICIES + " Northwind Outfitters ,bsci,2.0,12,,,,2025-01-01,,by mail\n", encoding="utf-8"
    )
    (row,) = loaded(con, "acceptance_policies")
    assert row[:6] == ("Northwind Outfitters", "bsci", "2.0", 12, None, None)
    assert str(row[7]) == "2025-01-01"


@pytest.mark.parametrize(
    ("table", "text", "told"),
    [
        (
            "acceptance_policies",
            POLICIES + "A,bsci,,12,,,,,,x\nB,bsci,,twelve,,,,,,x\n",
            "row 3, column max_age_months: 'twelve' is no whole number",
        ),
        ("acceptance_policies", POLICIES + "A,bsci,,12.5,,,,,,x\n", "column max_age_months: '12.5' is no whole number"),
        ("acceptance_policies", POLICIES + "A,bsci,,-1,,,,,,x\n", "column max_age_months: '-1' is less than 0"),
        ("acceptance_policies", POLICIES + "A,BSCI 2.0,,12,,,,,,x\n", "column scheme: 'BSCI 2.0' is no code of"),
        ("acceptance_policies", POLICIES + "A,bsci,,12,secret,,,,,x\n", "is none of announced, semi_announced,"),
        (
            "acceptance_policies",
            POLICIES + "A,bsci,,12,,,,31.12.2025,,x\n",
            "column valid_from_date: '31.12.2025' is no day like 2025-12-31",
        ),
        ("acceptance_policies", POLICIES + "A,bsci,,12,,,,2025-02-30,,x\n", "'2025-02-30' is no day"),
        ("acceptance_policies", POLICIES + ",bsci,,12,,,,,,x\n", "row 2, column buyer_name: may not be empty"),
        ("party_aliases", "alias,party_name,source\nA,B,x\n", "found 'alias', 'party_name', 'source'"),
        ("party_aliases", "alias_name;party_name;source\nA;B;x\n", "CSV UTF-8"),
        ("party_aliases", "", "CSV UTF-8"),
        ("party_aliases", ALIASES + "A,B,x\nC,D\n", "all rows as long as the first"),
        ("party_aliases", ALIASES + '"A,B,x\n', "all rows as long as the first"),
        ("party_aliase", ALIASES, "there is no reference table of this name"),
        ("party_aliases", ALIASES + ",,\n" * 9, "row 3, column party_name: may not be empty; and more"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_file_row_and_column(
    con: duckdb.DuckDBPyConnection, folder: Path, settings: Settings, table: str, text: str, told: str
) -> None:
    """The message names the file and the place, and `conjoin doctor` says the same before any build."""
    path = folder / f"{table}.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BadReference) as caught:
        loaded(con, table)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)
    (finding,) = [finding for finding in examine(settings) if finding.what == "Reference tables"]
    assert finding.is_wrong
    assert told in finding.advice


def test_letters_of_another_encoding_are_refused(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """A spreadsheet program's own encoding would change names without a word."""
    (folder / "party_aliases.csv").write_bytes((ALIASES + "Mağaza,Örnek,x\n").encode("cp1254"))
    with pytest.raises(BadReference, match="UTF-8"):
        loaded(con, "party_aliases")


def test_a_packaged_table_is_copied_once_and_never_over_an_edited_one(
    con: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    """What somebody wrote into the copy stays, and is what counts."""
    path, is_new = copy_to_edit("party_aliases", folder.parents[1])
    assert (path, is_new) == (folder / "party_aliases.csv", True)
    row = "BSG,Bluestem Stores Group,,2024-06-30,a letter\n"
    path.write_text(path.read_text(encoding="utf-8") + row, encoding="utf-8")
    assert copy_to_edit("party_aliases", folder.parents[1]) == (path, False)
    assert loaded(con, "party_aliases") == [("BSG", "Bluestem Stores Group", None, date(2024, 6, 30), "a letter")]
    with pytest.raises(BadReference, match="acceptance_policies"):
        copy_to_edit("policies", folder.parents[1])


def test_a_copy_made_before_a_column_was_added_still_counts(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    (folder / "party_aliases.csv").write_text(ALIASES + "BSG,Bluestem Stores Group,x\n", encoding="utf-8")
    assert loaded(con, "party_aliases") == [("BSG", "Bluestem Stores Group", None, None, "x")]


def test_a_row_that_begins_like_a_comment_is_a_row(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """DuckDB guesses comments by their sign, and would leave the row out in silence."""
    (folder / "party_aliases.csv").write_text(ALIASES + "#1 Knits,Number One Knits,x\nA,B,x\n", encoding="utf-8")
    assert sorted(row[0] for row in loaded(con, "party_aliases")) == ["#1 Knits", "A"]


def test_a_cell_that_would_harm_a_screen_is_refused_and_told_harmlessly(
    con: duckdb.DuckDBPyConnection, folder: Path
) -> None:
    (folder / "party_aliases.csv").write_text(ALIASES + "Al\u202eder\x1b[2J,B,x\n", encoding="utf-8")
    with pytest.raises(BadReference, match=r"row 2, column alias_name: .* holds a control character") as caught:
        loaded(con, "party_aliases")
    assert not is_harmful(str(caught.value))
