import numpy as np
import pyarrow as pa
import pytest

from conjoin.matching.text.ascii import MAX_TEXT_LENGTH, fold_column
from conjoin.matching.text.designator_words import LETTERS, designator_words
from conjoin.matching.text.designators import find_designators, join_class_words
from conjoin.matching.text.legal_forms import find_legal_forms, form_kinds
from conjoin.matching.text.names_and_addresses import Address
from conjoin.matching.text.spelling import join_articles, rejoin_letters
from conjoin.matching.text.tokens import cut, cut_texts
from conjoin.matching.text.word_lists import word_lists


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("İSTANBUL ıĞöç", "ISTANBUL iGoc"),
        ("AraslÄ±", "Arasli"),
        ("GÃ¼neÅŸli", "Gunesli"),
        ("Þirketi", "Sirketi"),
        ("a&#65292;b", "a,b"),
        ("Công ty", "Cong ty"),
        ("ＡＢＣ", "ABC"),
        ("line\nbreak", "line\nbreak"),
    ],
)
def test_text_is_folded_to_ascii(text: str, folded: str) -> None:
    assert fold_column(pa.array([text])).to_pylist() == [folded]


def test_text_is_cut_and_null_is_empty() -> None:
    column = fold_column(pa.array(["x" * 20_000, None]))
    assert [len(text) for text in column.to_pylist()] == [MAX_TEXT_LENGTH, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A.S. Tekstil", ("as", "tekstil")),
        ("ltd.sti.", ("ltd", "sti")),
        ("unit14", ("unit", "14")),
        ("Lot 89a", ("lot", "89a")),
        ("2nd floor", ("2", "floor")),
        ("12cortes", ("12", "cortes")),
        ("Tong'an", ("tongan",)),
        ("GAZ?EM?R ?", ("gaz?em?r",)),
        ("12号楼", ("12", "hao", "lou")),
        ("", ()),
        ("\u202e\u200f", ()),
        ("😀", ()),
    ],
)
def test_words(text: str, words: tuple[str, ...]) -> None:
    assert cut_texts([text]) == [words]


def _designators(text: str, *, is_name: bool, country: str = "") -> set[tuple[str, float]]:
    tokens = join_class_words(cut(pa.array([text])))
    legal = find_legal_forms(tokens, np.array([country])).is_form if is_name else None
    found = find_designators(tokens, np.array([country]), is_name, legal)
    names = designator_words().classes
    return {(names[kind - 1], value / LETTERS) for kind, value in zip(found.kind, found.value, strict=True)}


@pytest.mark.parametrize(
    ("name", "units"),
    [
        ("Northwind Exports Pvt Ltd. Unit-41", {41}),
        ("Northwind Limited (Hosiery Division II)", {2}),
        ("Northwind Textile IV", {4}),
        ("Northwind Saigon Two Corporation", {2}),
        ("Northwind (Unit 2, 3, 4)", {2, 3, 4}),
        ("Northwind (Unit 1 & 2)", {1, 2}),
        ("Northwind 2 Limited Seaview", {2}),
        ("Northwind Limited", set()),
    ],
)
def test_units_in_names(name: str, units: set[int]) -> None:
    assert _designators(name, is_name=True) == {("unit", float(unit)) for unit in units}


def test_a_plot_list_is_read_to_its_end() -> None:
    found = _designators("plot 53 54 71 72 sector 28", is_name=False)
    assert {value for kind, value in found if kind == "plot"} == {53, 54, 71, 72}
    assert ("zone", 28) in found


def test_a_house_number_of_five_digits_is_no_postcode_where_addresses_begin_with_it() -> None:
    texts, countries = ["11302 Harbour Rd, Seaview", "11302 Harbour Rd, Seaview 98052", "34522 Harbour Rd"], "US US TR"
    address = Address(cut(pa.array(texts)), cut(pa.array([""] * 3)), np.array(countries.split()))
    assert address.postcode.to_pylist() == ["", "98052", "34522"]
    assert list(address.number_row) == [0, 1]


def test_only_numbers_that_stand_next_to_each_other_are_also_one_number() -> None:
    address = Address(cut(pa.array(["99/101 Mill-14"])), cut(pa.array([""])), np.array(["BD"]))
    assert {number // LETTERS for number in address.number_value} == {99, 101, 99101, 14}


def test_a_postcode_after_a_street_word_is_no_number_of_the_street() -> None:
    assert not {value for _, value in _designators("Hill Road, 400001 Mumbai", is_name=False)} & {400001}


def test_plot_no_is_a_plot() -> None:
    assert _designators("Plot No: 36, Hawassa", is_name=False) == {("plot", 36)}


@pytest.mark.parametrize(
    ("name", "country", "core"),
    [
        ("Northwind San. ve Tic. A.Ş.", "TR", ["northwind", "san", "ve", "tic"]),
        ("PT. Northwind Tbk", "ID", ["northwind"]),
        ("北风有限公司", "CN", ["bei", "feng"]),
        ("Northwind (Pvt.) Ltd", "PK", ["northwind"]),
        ("Northwind AS", "TR", ["northwind"]),
        ("AS Northwind Trading", "US", ["as", "northwind", "trading"]),
        ("Limited", "", ["limited"]),
    ],
)
def test_legal_forms_are_lifted(name: str, country: str, core: list[str]) -> None:
    tokens = cut(pa.array([name]))
    is_form = find_legal_forms(tokens, np.array([country])).is_form
    assert [tokens.words[number] for number in tokens.word[~is_form]] == core


def test_legal_form_has_a_kind() -> None:
    tokens = cut(pa.array(["Northwind Ltd", "Northwind PLC", "Northwind"]))
    kinds = find_legal_forms(tokens, np.array(["GB", "GB", "GB"])).row_kind
    assert [("", *form_kinds())[kind] for kind in kinds] == ["limited", "joint_stock", ""]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("m e r c u r y appar e l", ["mercury", "apparel"]),
        ("z eph yr i ne ( pr i v ate ) ltd", ["zephyrine", "private", "ltd"]),
        ("o r i g i nal appar ae ls", ["original", "apparaels"]),
        ("Northwind Tekstil San ve Tic a. s.", ["northwind", "tekstil", "san", "ve", "tic", "a", "s"]),
        ("Lii Wex Pok Zuo", ["lii", "wex", "pok", "zuo"]),
        ("N and W North and West AB", ["n", "and", "w", "north", "and", "west", "ab"]),
    ],
)
def test_letters_set_apart_are_rejoined(name: str, words: list[str]) -> None:
    tokens = cut(pa.array([name]))
    rejoined = rejoin_letters(tokens, find_legal_forms(tokens, np.array(["TR"])).is_form)
    assert [rejoined.words[word] for word in rejoined.word] == words


@pytest.mark.parametrize(("text", "country"), [("Al Hassan", "JO"), ("El-Hassan", "EG"), ("Alhassan", "JO")])
def test_articles_are_written_to_their_word(text: str, country: str) -> None:
    tokens = join_articles(cut(pa.array([text])), np.array([country]))
    assert [tokens.words[word] for word in tokens.word] == ["alhassan"]


def test_articles_elsewhere_are_words() -> None:
    tokens = join_articles(cut(pa.array(["El Norte"])), np.array(["MX"]))
    assert [tokens.words[word] for word in tokens.word] == ["el", "norte"]


def test_word_lists_are_whole() -> None:
    lists = word_lists()
    assert not set(lists.canonical) & set(lists.canonical.values()), "a spelling must not lead to another spelling"
