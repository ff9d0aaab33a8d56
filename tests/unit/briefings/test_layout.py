"""What fits a screen: whole words and whole numbers, the most telling columns first."""

from hypothesis import given
from hypothesis import strategies as st

from conjoin.briefings.answering.layout import GAP, Wanted, fitting, shown_width
from support.laws import law

NAME = Wanted("name", "Site", ["Alder Loom Works and Dyeing", "Birch"], is_number=False)
COUNT = Wanted("count", "Audits", ["1,234,567", "2"], is_number=True)
IDS = Wanted("id", "Audit id", ["northwind:0123456789abcdef"], is_number=False)


def width_of(widths: dict[str, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def test_all_columns_at_their_full_width_where_there_is_room() -> None:
    assert fitting([NAME, COUNT, IDS], [], 80) == {"name": 27, "count": 9, "id": 26}


def test_texts_break_between_words_before_a_column_is_left_out() -> None:
    widths = fitting([NAME, COUNT], [], 27)
    assert widths == {"name": 16, "count": 9}


def test_what_goes_first_stays_in_its_place() -> None:
    assert list(fitting([IDS, NAME, COUNT], ["name", "count"], 40)) == ["name", "count"]
    assert list(fitting([IDS, NAME, COUNT], [], 40)) == ["id", "count"]


def test_texts_get_narrower_to_let_in_what_goes_first() -> None:
    columns = [Wanted(name, "Of", ["one two three four five"] * 3, is_number=False) for name in "abc"]
    assert list(fitting(columns, ["a", "b"], 35)) == ["a", "b"]
    assert list(fitting(columns, ["a", "b", "c"], 35)) == ["a", "b", "c"]


def test_letters_take_the_places_that_a_screen_gives_them() -> None:
    assert [shown_width(text) for text in ("abc", "东莞", "e\u0301")] == [3, 4, 1]


WORDS = st.lists(st.text("abc", min_size=1, max_size=12), min_size=1, max_size=6).map(" ".join)


@law(100)
@given(
    st.lists(st.tuples(WORDS, st.lists(WORDS, max_size=3), st.booleans()), min_size=1, max_size=8), st.integers(20, 120)
)
def test_nothing_is_wider_than_the_screen_and_no_word_breaks(
    drawn: list[tuple[str, list[str], bool]], width: int
) -> None:
    columns = [Wanted(str(n), heading, cells, is_number) for n, (heading, cells, is_number) in enumerate(drawn)]
    widths = fitting(columns, [], width)
    assert width_of(widths) <= width
    for column in columns:
        if column.name in widths:
            cells = column.cells if column.is_number else [word for cell in column.cells for word in cell.split()]
            assert all(len(part) <= widths[column.name] for part in (*cells, *column.heading.split()))
