"""``conjoin link`` on the real open lists: every row once, whatever the order, the file and the format."""

import csv
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from conjoin.errors import SourceError
from conjoin.settings import Settings
from conjoin.tools.link_files import LinkResult, link_files
from support.once import made_once

REAL = Path(__file__).parents[1] / "data" / "real"
LISTS = REAL / "oar_lists.csv"
CONTRIBUTORS = 14


@pytest.fixture(scope="module")
def records() -> pd.DataFrame:
    """The rows as they stand in the file."""
    return pd.read_csv(LISTS, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder with sites.csv and pairs.csv of a run as a process, and what the run printed."""

    def make(folder: Path) -> None:
        done = conjoin_link(LISTS, "--out", folder / "sites.csv", "--pairs", folder / "pairs.csv")
        assert done.returncode == 0, done.stderr
        (folder / "printed.txt").write_text(done.stdout, encoding="utf-8")

    folder = made_once(tmp_path_factory, "linked", make)
    return folder, (folder / "printed.txt").read_text(encoding="utf-8")


def conjoin_link(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "conjoin", "link", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "500"}  # messages in one line
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def sites(path: Path) -> dict[str, str]:
    """Record to site."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["record_id"]: row["site_id"] for row in csv.DictReader(file)}


def link(settings: Settings, *files: Path, **options: Any) -> tuple[LinkResult, dict[str, str]]:
    """Link in this process."""
    out = files[0].parent / "result.csv"
    result = link_files(settings, list(files), out, **options)
    return result, sites(out)


def sources_of_sites(records: pd.DataFrame, found: dict[str, str]) -> dict[str, list[str]]:
    """Site to the sources of its records, with repeats."""
    grouped = defaultdict(list)
    for record_id, source in zip(records["record_id"], records["source"], strict=True):
        grouped[found[record_id]].append(source)
    return grouped


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_file_is_the_contributors_lists(records: pd.DataFrame) -> None:
    assert len(records) == 932
    assert records["source"].nunique() == CONTRIBUTORS
    for source, rows in records.groupby("source"):
        original = pd.read_csv(
            REAL / "oar_lists" / f"geocoded_{int(str(source)[-2:])}.csv", dtype=str, keep_default_na=False
        )
        kept = rows.rename(columns={"lon": "lng"})[list(original.columns)].reset_index(drop=True)
        pd.testing.assert_frame_equal(kept, original, obj=str(source))


def test_every_record_stands_in_the_result_once_with_a_probability(
    linked: tuple[Path, str], records: pd.DataFrame
) -> None:
    result = pd.read_csv(linked[0] / "sites.csv")
    assert list(result.columns) == ["record_id", "site_id", "probability"]
    assert Counter(result["record_id"]) == Counter(records["record_id"])
    assert result["site_id"].notna().all()
    assert result["probability"].between(0, 1).all()


def test_pairs_are_of_different_records_and_accepted_pairs_are_one_site(linked: tuple[Path, str]) -> None:
    found, pairs = sites(linked[0] / "sites.csv"), pd.read_csv(linked[0] / "pairs.csv")
    assert (pairs["record_id_left"] < pairs["record_id_right"]).all()
    assert not pairs.duplicated(["record_id_left", "record_id_right"]).any()
    assert pairs["probability"].between(0, 1).all()
    assert pairs["explanation"].str.len().gt(10).all()
    accepted = pairs[pairs["is_accepted"]]
    assert len(accepted) > 0
    assert accepted["record_id_left"].map(found).tolist() == accepted["record_id_right"].map(found).tolist()


def test_it_tells_how_many_facilities_several_contributors_list(
    linked: tuple[Path, str], records: pd.DataFrame
) -> None:
    grouped = sources_of_sites(records, sites(linked[0] / "sites.csv"))
    shared = sum(len(set(sources)) > 1 for sources in grouped.values())
    # 14 names recur in several lists after folding case and punctuation: linking finds at least as many facilities.
    assert shared >= 14
    assert (
        f"{len(records)} records are {len(grouped)} sites; {shared} of them stand in more than one source" in linked[1]
    )


def test_the_order_of_rows_and_files_does_not_matter(
    linked: tuple[Path, str], records: pd.DataFrame, settings: Settings, tmp_path: Path
) -> None:
    parts = []
    for source, rows in records.sample(frac=1, random_state=5).groupby("source"):
        parts.append(tmp_path / f"{source}.csv")
        rows.to_csv(parts[-1], index=False)
    _, found = link(settings, *reversed(parts))
    assert found == sites(linked[0] / "sites.csv")


def test_text_with_semicolons_and_workbooks_give_the_same_as_csv(
    linked: tuple[Path, str], records: pd.DataFrame, settings: Settings, tmp_path: Path
) -> None:
    half = len(records) // 2
    first, second = tmp_path / "first.txt", tmp_path / "second.xlsx"
    records[:half].to_csv(first, index=False, sep=";")
    records[half:].to_excel(second, index=False)
    _, found = link(settings, first, second)
    assert found == sites(linked[0] / "sites.csv")


@pytest.mark.parametrize("unique_within", ["all", "oar_list_02,oar_list_15"])
def test_a_source_that_lists_every_site_once_has_two_records_in_one_only_where_rows_repeat(
    unique_within: str, linked: tuple[Path, str], records: pd.DataFrame, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "lists.csv"
    path.write_bytes(LISTS.read_bytes())
    result, found = link(settings, path, unique_within=unique_within)
    named = set(records["source"]) if unique_within == "all" else set(unique_within.split(","))

    said = records.drop(columns="record_id")

    def doubled(sites_found: dict[str, str]) -> pd.DataFrame:
        """Records that share a site with another of a named source."""
        held = records.assign(site_id=records["record_id"].map(sites_found))
        held = held[held["source"].isin(named)]
        return held[held.duplicated(["source", "site_id"], keep=False)]

    without, with_option = doubled(sites(linked[0] / "sites.csv")), doubled(found)
    assert len(without) >= len(with_option)
    repeats = said.loc[with_option.index].groupby([with_option["source"], with_option["site_id"]]).nunique()
    assert (repeats == 1).all(axis=None), "only rows that are equal in every field may be one site"
    told = "\n".join(result.notices)
    assert [source for source in with_option["source"].unique() if f"{source}: said to hold every" not in told] == []


def test_every_declared_column_and_other_identifiers_are_accepted(settings: Settings, tmp_path: Path) -> None:
    header = "record_id,source,name,address,city,region,postal_code,country,lat,lon,os_id,lei,amfori_site"
    first = "a,one,Alder Loom Works,12 Mill Road,Izmir,Aegean,35100,Türkiye,38.42,27.14,,,12345-6"
    second = "b,two,Alder Loom Ltd,4 Harbour Street,Mersin,,33010,TR,,,,,12345-6"
    result, found = link(settings, written(tmp_path, f"{header}\n{first}\n{second}\n"))
    assert result.notices == []
    assert found["a"] == found["b"], "a shared site identifier joins records"


def test_one_identifier_on_rows_that_agree_in_nothing_is_asked_and_joins_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [
        "a,one,Alder Loom Works,12 Mill Road Izmir,TR,12345-6",
        "b,two,Birch Garments,4 Quay Street Mersin,TR,12345-6",
    ]
    text = "\n".join(["record_id,source,name,address,country,amfori_site", *rows]) + "\n"
    result, found = link(settings, written(tmp_path, text))
    assert found["a"] != found["b"]
    assert result.summary.review_count >= 1


def test_rows_that_name_nobody_are_told_and_join_nothing(settings: Settings, tmp_path: Path) -> None:
    rows = ["a,one,Confidential,Confidential,Dhaka,BD", "b,two,Confidential,Confidential,Dhaka,BD"]
    rows += ["c,one,Tarvana Exports,,,IN", "d,two,Tarvana Exports,,,IN"]
    result, found = link(settings, written(tmp_path, "\n".join(["record_id,source,name,address,city,country", *rows])))
    assert len(set(found.values())) == 4
    told = "\n".join(result.notices)
    assert "2 rows name nobody and no street" in told
    assert "The first: list.csv, line 2, 'Confidential'" in told
    assert "2 rows say too little of their place" in told


def test_telephone_numbers_and_mail_addresses_make_no_other_address(settings: Settings, tmp_path: Path) -> None:
    plain = 'a,one,Tarvano Works Ltd,"12 Mill Road, Savar",BD'
    phoned = 'b,two,Tarvano Works Ltd,"12 Mill Road, Savar, Tel: +880 2 7745123, info@tarvano.example",BD'
    source = written(tmp_path, f"record_id,source,name,address,country\n{plain}\n{phoned}\n")
    link_files(settings, [source], tmp_path / "sites.csv", tmp_path / "pairs.csv")
    (pair,) = pd.read_csv(tmp_path / "pairs.csv").to_dict("records")
    assert pair["is_accepted"]
    assert pair["explanation"] == "The two rows say the same in every field."


def test_a_list_that_looks_free_of_repeats_is_told_with_the_flag(settings: Settings, tmp_path: Path) -> None:
    names = [f"{''.join(chr(97 + number // 26**place % 26) for place in range(3))}vorel" for number in range(600, 660)]
    rows = [f'r{n},one,{name} Works Ltd,"{n + 1} {name} Road, Savar",BD' for n, name in enumerate(names)]
    rows.append(f'r99,one,{names[0]} Works Ltd,"1 {names[0]} Road, Savar",BD')
    source = written(tmp_path, "\n".join(["record_id,source,name,address,country", *rows]) + "\n")
    result, _ = link(settings, source)
    assert [notice for notice in result.notices if "1 of its 61 rows" in notice and "--unique-within" in notice]
    assert not [
        notice for notice in link(settings, source, unique_within="one")[0].notices if "--unique-within" in notice
    ]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("{address},{name}", "names look like addresses"),
        ("{both},", "name and address seem to stand in one cell"),
        ("{name},{address}", ""),
    ],
    ids=["swapped", "one cell", "as it should be"],
)
def test_columns_that_hold_something_else_are_told(cells: str, told: str, settings: Settings, tmp_path: Path) -> None:
    lines = ["record_id,source,name,address,country"]
    for number in range(8):
        name, address = f"Tarvan{'abcdefgh'[number]}o Works Ltd", f'"{number + 2} Mill Road, Savar"'
        cell = cells.format(name=name, address=address, both=f'"{name}, {number + 2} Mill Road, Savar"')
        lines.append(f"r{number},one,{cell},BD")
    result, _ = link(settings, written(tmp_path, "\n".join(lines) + "\n"))
    assert any(told in notice for notice in result.notices) if told else result.notices == []


def test_pairs_say_what_decided_them_and_whether_a_person_is_asked(settings: Settings, tmp_path: Path) -> None:
    rows = [
        'a,one,Sharvani Knitwear Ltd,"Building 3, 5 Mirpur Road, Dhaka",BD',
        'b,two,Sharvani Knitwear Ltd,"Building 4, 5 Mirpur Road, Dhaka",BD',
        'c,one,Alder Loom Works,"12 Mill Road, Savar",BD',
        'd,two,Alder Loom Works Ltd,"12 Mill Road, Savar",BD',
    ]
    source = written(tmp_path, "\n".join(["record_id,source,name,address,country", *rows]) + "\n")
    link_files(settings, [source], tmp_path / "sites.csv", tmp_path / "pairs.csv")
    pairs = pd.read_csv(tmp_path / "pairs.csv").set_index(["record_id_left", "record_id_right"])
    apart, joined = pairs.loc[("a", "b")], pairs.loc[("c", "d")]
    assert (bool(apart["is_accepted"]), apart["decided_by"], bool(apart["is_asked"])) == (False, "designator", True)
    assert apart["explanation"].endswith("Kept apart: different unit, plot, building or floor: building 3 against 4.")
    assert (bool(joined["is_accepted"]), joined["decided_by"], bool(joined["is_asked"])) == (True, "score", False)


def test_columns_and_cells_without_meaning_are_told_and_no_record_is_lost(settings: Settings, tmp_path: Path) -> None:
    text = (
        "record_id,source,name,country,lat,lon,colour\n1,a,Alder,TR,91,27.1,red\n2,a,Birch,Utopia,38.4,nan,\n3,a,,,,,\n"
    )
    result, found = link(settings, written(tmp_path, text))
    assert set(found) == {"1", "2", "3"}
    told = "\n".join(result.notices)
    for part in ("colour", "lat are not understood, the first in line 2: '91'", "lon are", "'Utopia'"):
        assert part in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("record_id,name\n1,Alder\n", "list.csv: the header lacks source"),
        (
            "record_id,source,name\n1,a,Alder\n1,b,Birch\n",
            "list.csv, line 2: record_id '1' stands also in list.csv, line 3",
        ),
        ("record_id,source,name\n,a,Alder\n", "list.csv, line 2: no record_id"),
        ("record_id,source,name\n1,,Alder\n", "list.csv, line 2: no source"),
        ("record_id,source,name\n", "list.csv: a header and no record"),
        ("", r"list.csv: the file is empty \(0 bytes\)"),
        ("record_id,source,name\n1,a,Alder,extra\n", "list.csv, line 2: 4 cells, but the header has 3"),
    ],
    ids=["column", "doubled", "no id", "no source", "header only", "empty", "cells"],
)
def test_bad_input_is_refused_with_its_place(text: str, told: str, settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=told):
        link(settings, written(tmp_path, text))


def test_other_formats_unknown_sources_and_missing_folders_are_refused(settings: Settings, tmp_path: Path) -> None:
    good = written(tmp_path, "record_id,source,name\n1,a,Alder\n")
    parquet = tmp_path / "list.parquet"
    duckdb.sql("select 'x' as record_id").write_parquet(str(parquet))
    with pytest.raises(SourceError, match=r"'\.parquet' are not read; save it as CSV or as a workbook"):
        link(settings, parquet)
    with pytest.raises(SourceError, match="no record has the source elsewhere; there are a"):
        link(settings, good, unique_within="elsewhere")
    with pytest.raises(SourceError, match="there is no folder"):
        link_files(settings, [good], tmp_path / "nowhere" / "out.csv")


def test_the_process_ends_with_an_error_and_in_plain_words(tmp_path: Path) -> None:
    missing = conjoin_link(tmp_path / "missing.csv", "--out", tmp_path / "out.csv")
    refused = conjoin_link(written(tmp_path, "name\nAlder\n"), "--out", tmp_path / "out.csv")
    assert (missing.returncode, refused.returncode) == (2, 1)
    assert "missing.csv' does not exist" in missing.stderr
    assert "the header lacks record_id, source" in refused.stderr
    assert "Traceback" not in missing.stderr + refused.stderr
    assert not (tmp_path / "out.csv").exists()
