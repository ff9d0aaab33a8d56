"""Two records beside each other: what differs in words, and how far apart they are."""

import time

import pytest

from conjoin.briefings.reviewing.side_by_side import told_difference, told_distance


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ("Alder Loom", "Alder Loom", ""),
        ("Alder Loom Ltd.", "Alder Loom, Unit 2", "name: only left Ltd, only right Unit 2"),
        ("Alder Loom", "Alder Loom Loom", "name: only right Loom"),
        ("Işıklar A.Ş.", "ISIKLAR A.S.", "name: the same words in other letters or marks"),
        ("Loom Alder", "Alder Loom", "name: the same words in another order"),
        ("Sarma??k Iplik", "Sarmaşık İplik", "name: the same words, but for letters that are lost"),
        ("Alder", "", "name: told left alone"),
        ("", "Alder", "name: told right alone"),
        ("东莞云帆", "东莞云海", "name: only left 东莞云帆, only right 东莞云海"),
        ("Alder\x1b[2J", "Birch", "name: only left Alder 2J, only right Birch"),
    ],
)
def test_differences_are_words_that_one_side_alone_has(left: str, right: str, told: str) -> None:
    assert told_difference("name", left, right) == told


def test_what_need_not_be_there_is_not_missed() -> None:
    assert told_difference("own script", "东莞", "", is_needed=False) == ""


def test_a_name_made_to_be_slow_is_not() -> None:
    started = time.process_time()
    told_difference("name", "??a" * 200, "a" * 600)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ((41.0, 29.0), (41.0, 29.0), "the same point"),
        ((41.0, 29.0), (41.003, 29.0), "330 m"),
        ((41.0, 29.0), (41.0, 29.0119), "1.0 km"),
        ((0.0, 0.0), (0.0, 90.0), "10,008 km"),
        ((0.0, 179.99), (0.0, -179.99), "2.2 km"),
        (None, (41.0, 29.0), ""),
    ],
)
def test_a_distance_reads_as_people_say_it(
    left: tuple[float, float] | None, right: tuple[float, float] | None, told: str
) -> None:
    assert told_distance(left, right) == told
