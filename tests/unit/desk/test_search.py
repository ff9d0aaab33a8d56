"""The search finds a site by any of its names, spellings, addresses and ids, also mistyped; an oracle says which."""

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.desk.search import SiteIndex, build_index, words_of

NAMES = {
    "CJ1": ("Işıklar Konfeksiyon A.Ş.", "Battalgazi Sanayi Sitesi 3. Blok", "Malatya"),
    "CJ2": ("Akpınar Örme", "OSB 4. Cadde", "Çerkezköy"),
    "CJ3": ("广州服装有限公司", "中山路 12", "广州"),
    "CJ4": ("Elm & Oak Garments Ltd", "12 Mill Road", "Dhaka"),
    "CJ5": ("Elm Dyeing", "14 Mill Road", "Dhaka"),
}
SLIPS = {"konfeksyon": "CJ1", "akpinar": "CJ2", "garmnets": "CJ4", "guang": "CJ3", "battalgaz": "CJ1", "dyieng": "CJ5"}


def _warehouse(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        """
        create schema marts;
        create table marts.sites (site_id varchar, site_name varchar, site_name_native varchar, site_address varchar,
            city_name varchar, region_name varchar, postal_code varchar);
        create table marts.site_records_at_sites (site_id varchar, record_id varchar, site_id_source varchar,
            site_name varchar, site_name_native varchar, site_address varchar, city_name varchar, region_name varchar,
            postal_code varchar);
        create table marts.site_identifiers_at_sites (site_id varchar, id_value varchar)
        """
    )
    for place, (site, (name, address, city)) in enumerate(NAMES.items()):
        con.execute("insert into marts.sites values (?, ?, null, ?, ?, null, null)", [site, name, address, city])
        con.execute(
            "insert into marts.site_records_at_sites values (?, ?, ?, ?, null, ?, ?, null, null)",
            [site, f"alder:{place:016x}", f"V{place}", name, address, city],
        )
        con.execute("insert into marts.site_identifiers_at_sites values (?, ?)", [site, f"5493{place:016d}"])


@pytest.fixture(scope="module")
def index() -> Iterator[SiteIndex]:
    with duckdb.connect() as con:
        _warehouse(con)
        yield build_index(con)


@pytest.mark.parametrize("site", NAMES)
def test_every_word_of_a_name_and_an_address_finds_its_site(site: str, index: SiteIndex) -> None:
    for text in NAMES[site]:
        assert site in index.find(text)
        for word in words_of(text):
            assert site in index.find(word)


@pytest.mark.parametrize(("slip", "site"), SLIPS.items())
def test_a_mistyped_or_unfinished_word_finds_it(slip: str, site: str, index: SiteIndex) -> None:
    assert index.find(slip)[0] == site


@pytest.mark.parametrize("asked", ["CJ4", "cj4", "V3", "alder:0000000000000003", "54930000000000000003", " CJ4 "])
def test_an_id_finds_its_site_alone(asked: str, index: SiteIndex) -> None:
    assert index.find(asked) == ["CJ4"]


def test_a_name_counts_for_more_than_an_address(index: SiteIndex) -> None:
    assert index.find("mill garments")[0] == "CJ4"


@pytest.mark.parametrize("asked", ["", "   ", "'; drop table words", "%", "\x00", "xyzzyplugh"])
def test_what_names_nobody_finds_nobody(asked: str, index: SiteIndex) -> None:
    assert index.find(asked) == []


def _slips(one: str, other: str) -> int:
    """Letters to insert, delete, change or exchange with their neighbour: the plain way (optimal string alignment)."""
    rows = [list(range(len(other) + 1))]
    for i, left in enumerate(one, 1):
        rows.append([i])
        for j, right in enumerate(other, 1):
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i].append(best)
    return rows[-1][-1]


WORDS = sorted({word for texts in NAMES.values() for text in texts for word in words_of(text)})


@given(st.sampled_from(WORDS), st.data())
def test_one_slip_in_a_word_still_finds_its_sites(index: SiteIndex, word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("abcdefgh"))
    slipped = word[:place] + letter + word[place + 1 :]
    expected = {site for site, texts in NAMES.items() if word in {told for text in texts for told in words_of(text)}}
    found = {site for site, _ in index.scores(slipped)}
    if len(slipped) >= 4:
        assert expected <= found
    for site in found:  # and whoever is found has a word that is near, or begins so
        told = {told for text in NAMES[site] for told in words_of(text)}
        assert any(other.startswith(slipped) or _slips(other, slipped) <= 2 for other in told)
