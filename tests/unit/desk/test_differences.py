"""Two texts beside each other: what is marked is what the other lacks, and nothing of a text is lost or run."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st

from conjoin.desk.review.differences import marked
from conjoin.plain import visible

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=40) | st.text(alphabet="abİIıi<>&\" '", max_size=12)


def test_what_the_other_lacks_is_marked() -> None:
    assert marked("Elm Garments", "Elm Garment Ltd") == (
        "Elm Garment<mark>s</mark>",
        "Elm Garment<mark> Ltd</mark>",
    )


def test_case_and_the_turkish_i_make_no_difference() -> None:
    assert marked("IŞIKLAR KONFEKSİYON", "Işıklar Konfeksiyon") == ("IŞIKLAR KONFEKSİYON", "Işıklar Konfeksiyon")


def test_a_name_runs_nothing() -> None:
    left, right = marked("<img src=x onerror=alert(1)>", "<b>Elm</b>")
    assert "<img" not in left
    assert "<b>" not in right


@given(TEXTS, TEXTS)
def test_without_its_marks_a_text_is_what_was_delivered(left: str, right: str) -> None:
    for text, told in zip((left, right), marked(left, right), strict=True):
        plain = unescape(re.sub("</?mark>", "", told))
        assert plain == visible(text)


@given(TEXTS)
def test_a_text_beside_itself_has_no_mark(text: str) -> None:
    assert "<mark>" not in "".join(marked(text, text))
