from dataclasses import replace

import duckdb
import pandas as pd
import pytest

from conjoin.errors import ModelMismatch
from conjoin.matching.inputs import load_input
from conjoin.matching.pairs.model import parse_model, shipped_model
from conjoin.matching.run import MatchOptions, match_records
from conjoin.matching.text.ascii import NORMALISATION_VERSION

ADDRESS = "No. 12 Harbour Road, Seaview Industrial Area"


def _sites(records: list[dict[str, object]], **more: object) -> dict[str, str]:
    """Site of each record; more: identifiers, judgements, options."""
    with duckdb.connect() as con:
        identifiers, judgements = more.get("identifiers"), more.get("judgements")
        load_input(
            con,
            pd.DataFrame(records),
            pd.DataFrame(identifiers) if identifiers else None,
            pd.DataFrame(judgements) if judgements else None,
        )
        options = more.get("options", MatchOptions())
        assert isinstance(options, MatchOptions)
        summary = match_records(con, options)
        rows = con.execute("select record_id, site_id from matching.site_memberships").fetchall()
        left = con.execute("select count(*) from duckdb_tables() where starts_with(table_name, 'm_')").fetchall()
        assert left == [(0,)], "no working table stays behind"
        assert summary.record_count == len(rows) == len(records)
        return dict(rows)


def _methods(records: list[dict[str, object]], judgements: list[dict[str, object]] | None = None) -> dict[str, str]:
    """How each record came to its site."""
    with duckdb.connect() as con:
        load_input(con, pd.DataFrame(records), judgements=pd.DataFrame(judgements) if judgements else None)
        match_records(con, MatchOptions())
        return dict(con.execute("select record_id, method from matching.site_memberships").fetchall())


def _row(record_id: str, name: str | None, address: str | None = ADDRESS, **more: object) -> dict[str, object]:
    source = record_id.split(":")[0]
    return {
        "record_id": record_id,
        "source_name": source,
        "site_name": name,
        "site_address": address,
        "country_code": "BD",
        **more,
    }


def test_memberships_tell_the_units_that_names_tell() -> None:
    records = [
        _row("a:1", "Zephyrine Garments Ltd. Factory No. III"),
        _row("b:1", "Zephyrine Garments Unit 1 & 2"),
        _row("c:1", "Zephyrine Garments", "Unit 4, Harbour Road"),
    ]
    with duckdb.connect() as con:
        load_input(con, pd.DataFrame(records))
        match_records(con, MatchOptions())
        units = con.execute("select record_id, site_units from matching.site_memberships order by record_id").fetchall()
    assert units == [("a:1", ["3"]), ("b:1", ["1", "2"]), ("c:1", None)]


def test_spellings_of_one_factory_are_one_site_and_units_are_two() -> None:
    sites = _sites(
        [
            _row("a:1", "Zephyrine Garments Ltd. Unit-1"),
            _row("b:1", "ZEPHYRINE GARMENTS LIMITED (UNIT 1)", "12, Harbour Rd., Seaview Ind. Area"),
            _row("a:2", "Zephyrine Garments Ltd. (Unit-2)"),
            _row("b:2", "Zephyrine Garments Unit II"),
            _row("c:1", "Quillon Fashions", "Plot 7, Hill Street, Otherton"),
        ]
    )
    assert sites["a:1"] == sites["b:1"]
    assert sites["a:2"] == sites["b:2"]
    assert len(set(sites.values())) == 3


def test_a_registered_office_links_nothing() -> None:
    sites = _sites([_row("a:1", "Zephyrine Ltd"), _row("b:1", "Zephyrine Ltd", site_level="office")])
    assert sites["a:1"] != sites["b:1"]


def test_two_rows_that_say_the_same_of_a_building_are_one_by_what_they_say() -> None:
    records = [_row(record, "Zephyrine Garments", site_level="building") for record in ("a:1", "b:1")]
    assert _methods(records) == {"a:1": "same content", "b:1": "same content"}


def test_records_without_country_are_matched() -> None:
    sites = _sites([_row("a:1", "Zephyrine Garments"), _row("b:1", "Zephyrine Garments", country_code=None)])
    assert len(set(sites.values())) == 1


def test_an_identifier_joins_only_if_it_passes_its_check_and_never_two_countries() -> None:
    records = [_row("a:1", "Zephyrine"), _row("b:1", "Zephyrine", "Elsewhere")]
    abroad = [_row("a:1", "Zephyrine"), _row("b:1", "Zephyrine", "Elsewhere", country_code="IN")]
    good = [{"site_record_id": r, "id_scheme": "os_id", "id_value": "VN2019085E83MZ9"} for r in ("a:1", "b:1")]
    bad = [{"site_record_id": r, "id_scheme": "os_id", "id_value": "VN2019085E83MZ8"} for r in ("a:1", "b:1")]
    assert len(set(_sites(records, identifiers=good).values())) == 1
    assert len(set(_sites(records, identifiers=bad).values())) == 2
    assert len(set(_sites(abroad, identifiers=good).values())) == 2


def test_an_identifier_of_one_digit_over_and_over_is_nobodys() -> None:
    records = [_row("a:1", "Zephyrine"), _row("b:1", "Other wording", "Elsewhere", country_code="IN")]
    filled = [{"site_record_id": r, "id_scheme": "gln", "id_value": "0000000000000"} for r in ("a:1", "b:1")]
    assert len(set(_sites(records, identifiers=filled).values())) == 2


def _judged(verdict: str, when: str = "2026-01-01", right: str = "b:1") -> dict[str, object]:
    return {"record_id_left": "a:1", "record_id_right": right, "judgement": verdict, "decided_at": when}


def test_judgements_hold_even_between_rows_of_equal_content() -> None:
    records = [_row("a:1", "Zephyrine"), _row("b:1", "Zephyrine")]
    assert len(set(_sites(records).values())) == 1
    assert len(set(_sites(records, judgements=[_judged("NEGATIVE")]).values())) == 2


def test_the_latest_judgement_counts_and_unknown_records_do_no_harm() -> None:
    records = [_row("a:1", "Zephyrine"), _row("b:1", "Zephyrine")]
    changed = [_judged("NEGATIVE"), _judged("POSITIVE", "2026-02-01"), _judged("NEGATIVE", right="gone:9")]
    assert len(set(_sites(records, judgements=changed).values())) == 1


def test_of_two_judgements_at_one_instant_the_one_that_keeps_apart_counts() -> None:
    records = [_row("a:1", "Zephyrine"), _row("b:1", "Zephyrine")]
    both = [_judged("POSITIVE"), _judged("NEGATIVE")]
    assert len(set(_sites(records, judgements=both).values())) == 2
    assert len(set(_sites(records, judgements=both[::-1]).values())) == 2


@pytest.mark.parametrize(("first", "second", "together"), [("01", "02", "bc"), ("02", "01", "ab")])
def test_of_judgements_that_cannot_all_hold_the_latest_same_is_applied(first: str, second: str, together: str) -> None:
    records = [_row("a:1", "Zephyrine"), _row("b:1", "Quillon"), _row("c:1", "Orlovane")]
    chain = [
        _judged("POSITIVE", f"2026-01-{first}"),
        {**_judged("POSITIVE", f"2026-01-{second}", right="c:1"), "record_id_left": "b:1"},
        _judged("NEGATIVE", right="c:1"),
    ]
    sites = _sites(records, judgements=chain)
    assert len(set(sites.values())) == 2
    assert len({sites[f"{source}:1"] for source in together}) == 1


def test_who_could_not_decide_did_not_bring_records_together() -> None:
    records = [_row("a:1", "Zephyrine Garments Ltd"), _row("b:1", "Zephyrine Garments")]
    assert _methods(records, [_judged("UNSURE")]) == {"a:1": "comparison", "b:1": "comparison"}
    assert _methods(records, [_judged("POSITIVE")]) == {"a:1": "judgement", "b:1": "judgement"}


def test_contradictions_and_unknown_records_are_reported() -> None:
    with duckdb.connect() as con:
        records = pd.DataFrame([_row("a:1", "Zephyrine"), _row("b:1", "Zephyrine"), _row("c:1", "Zephyrine")])
        chain = [
            _judged("POSITIVE"),
            {**_judged("POSITIVE"), "record_id_left": "b:1", "record_id_right": "c:1"},
            _judged("NEGATIVE", right="c:1"),
            _judged("POSITIVE", right="gone:9"),
        ]
        load_input(con, records, judgements=pd.DataFrame(chain))
        match_records(con, MatchOptions())
        kinds = con.execute("select kind from matching.conflicts order by kind").fetchall()
        sites = dict(con.execute("select record_id, site_id from matching.site_memberships").fetchall())
    assert [kind for (kind,) in kinds] == [
        "judgement_on_unknown_record",
        "judgements_contradict",
        "positive_not_applied",
    ]
    assert sites["a:1"] != sites["c:1"]


def test_duplicate_free_lists_keep_rows_apart_but_merge_repeats_of_one_row() -> None:
    records = [_row("a:1", "Zephyrine Ltd"), _row("a:2", "Zephyrine"), _row("a:3", "Zephyrine")]
    sites = _sites(records, options=MatchOptions(unique_sources=frozenset({"a"})))
    assert sites["a:1"] != sites["a:2"] == sites["a:3"]


@pytest.mark.parametrize(
    "name", [None, "", "   ", "😀", "\u202eשלום", "x" * 5_000, "a\x00b\x07", "(blank)", "Ltd", "7"]
)
def test_awkward_names_are_carried_through(name: str | None) -> None:
    records = [_row("a:1", name), _row("b:1", name, "Elsewhere 9"), _row("c:1", name, None), _row("d:1", None, None)]
    assert len(_sites(records)) == 4


def test_records_with_neither_name_nor_address_stay_alone() -> None:
    assert len(set(_sites([_row(f"a:{i}", None, None) for i in range(5)]).values())) == 5


def test_no_records_and_one_record() -> None:
    assert len(_sites([_row("a:1", "Zephyrine")])) == 1
    with duckdb.connect() as con:
        load_input(con, pd.DataFrame())
        assert match_records(con, MatchOptions()).site_count == 0


def test_links_are_explained() -> None:
    with duckdb.connect() as con:
        load_input(con, pd.DataFrame([_row("a:1", "Zephyrine Garments Ltd"), _row("b:1", "Zephyrine Garments")]))
        match_records(con, MatchOptions())
        links = con.execute(
            "select record_id_left, record_id_right, is_accepted, match_probability, explanation "
            "from matching.site_links"
        ).fetchall()
    left, right, is_accepted, probability, explanation = links[0]
    assert (left, right, is_accepted) == ("a:1", "b:1", True)
    assert 0.5 < probability <= 1
    assert explanation.startswith("For one site: ")


def _explanation(records: list[dict[str, object]]) -> str:
    """Why the first two records are one site or not."""
    with duckdb.connect() as con:
        load_input(con, pd.DataFrame(records))
        match_records(con, MatchOptions())
        pair = [str(row["record_id"]) for row in records[:2]]
        sql = "select explanation from matching.site_links where record_id_left = $1 and record_id_right = $2"
        return str(con.execute(sql, pair).fetchall()[0][0])


def test_a_list_that_says_the_same_site_twice_is_no_list_even_without_numbers() -> None:
    twice = [_row(f"a:{n}", name, "Harbour Road, Seaview") for n, name in enumerate(["Zephyrine Ltd", "Zephyrine"])]
    words = [chr(97 + n) * 5 for n in range(20)]
    others = [_row(f"a:{n}", f"{word} Mills", f"{word} Street") for n, word in enumerate(words, start=2)]
    against = "two rows of one list"
    assert against not in _explanation(twice)
    assert against in _explanation([*twice, *others])


def test_a_model_of_another_version_is_refused() -> None:
    model = shipped_model()
    raw = {"normalisation": "0", "weights": model.weights}
    with pytest.raises(ModelMismatch, match="made for normalisation '0'"):
        parse_model(raw, "model.toml")
    with pytest.raises(ModelMismatch, match="levels of distance"):
        parse_model(
            {"normalisation": NORMALISATION_VERSION, "weights": {**model.weights, "distance": (1,)}}, "model.toml"
        )
    assert replace(model, version="x").version == "x"
