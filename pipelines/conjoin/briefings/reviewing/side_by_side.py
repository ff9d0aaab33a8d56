"""Two site records beside each other, as whoever judges them needs them: what differs, how far apart, other names."""

import math
import re
from dataclasses import dataclass
from typing import Any

import duckdb

from conjoin.matching.text.ascii import fold_texts
from conjoin.plain import visible

_WORD = re.compile(r"[\w?\ufffd]+")
_LOST = re.compile(r"(?:\\\?)+")
#: Of a word that has lost more letters than that, nothing can be told.
_MOST_LOST = 6
_LISTED = 6
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Side:
    """One of the two records.

    Attributes:
        record_id: Its id.
        site_id: The site at which matching puts it.
        source_title: Who delivered it.
        name: Name, in Latin letters where there are any.
        native_name: Name in its own script; empty if none was delivered.
        address: Street address.
        city: Town, region and postal code, as far as they are told.
        country_code: ISO code; empty if unknown.
        other_names: Names that other records of its site have.
        point: Latitude and longitude; None if unknown.
    """

    record_id: str
    site_id: str
    source_title: str
    name: str
    native_name: str
    address: str
    city: str
    country_code: str
    other_names: tuple[str, ...]
    point: tuple[float, float] | None


@dataclass(frozen=True)
class ReviewPair:
    """One open question: two records, and what a judgement on them decides.

    Attributes:
        left: The record whose id comes first.
        right: The other one.
        question: What is asked (vocabulary review_question).
        reason: What speaks for and against, in words.
        if_same: What the judgement that they are one site would change.
        if_different: What the judgement that they are two would change.
        match_probability: What the model holds of it.
        priority: How much a judgement would change.
        is_random: Whether chance chose the pair.
        visibility: Who may see both records.
    """

    left: Side
    right: Side
    question: str
    reason: str
    if_same: str
    if_different: str
    match_probability: float
    priority: float
    is_random: bool
    visibility: str

    @property
    def pair(self) -> tuple[str, str]:
        """The two record ids, in order."""
        return self.left.record_id, self.right.record_id

    @property
    def distance(self) -> str:
        """How far apart the two points are, in words; empty where one is unknown."""
        return told_distance(self.left.point, self.right.point)

    @property
    def differences(self) -> str:
        """What is said differently, in words; what one of them leaves out, too."""
        parts = [
            told_difference("name", self.left.name, self.right.name),
            told_difference("own script", self.left.native_name, self.right.native_name, is_needed=False),
            told_difference("address", self.left.address, self.right.address),
            told_difference("place", self.left.city, self.right.city),
            told_difference("country", self.left.country_code, self.right.country_code),
        ]
        return ". ".join(part for part in parts if part)


def review_pairs(con: duckdb.DuckDBPyConnection) -> list[ReviewPair]:
    """Every open question of a published warehouse, those that change most first, those drawn at random last."""
    rows = con.execute(_PAIRS).fetchall()
    size = len(_SIDE)
    return [ReviewPair(_side(row[:size]), _side(row[size : 2 * size]), *row[2 * size :]) for row in rows]


def told_difference(what: str, left: str, right: str, is_needed: bool = True) -> str:
    """How two texts differ: words that only one of them has, another order or spelling, or that one is missing.

    Args:
        what: What the texts are.
        left: One text.
        right: The other.
        is_needed: Whether it is worth telling that one is missing.
    """
    if left == right:
        return ""
    if not left or not right:
        return f"{what}: told {'left' if left else 'right'} alone" if is_needed else ""
    only_left, only_right = _words_only_in(left, right), _words_only_in(right, left)
    if only_left or only_right:
        told = [f"{side} {' '.join(words)}" for side, words in (("left", only_left), ("right", only_right)) if words]
        return f"{what}: only {', only '.join(told)}"
    if any("?" in word for word in _folded(_WORD.findall(f"{left} {right}"))):
        return f"{what}: the same words, but for letters that are lost"
    is_same_order = _folded(_WORD.findall(left)) == _folded(_WORD.findall(right))
    return f"{what}: the same words {'in other letters or marks' if is_same_order else 'in another order'}"


def told_distance(left: tuple[float, float] | None, right: tuple[float, float] | None) -> str:
    """The way between two points over the ground, as people say it; empty where one is unknown."""
    if left is None or right is None:
        return ""
    (north_a, east_a), (north_b, east_b) = (tuple(map(math.radians, point)) for point in (left, right))
    chord = (
        math.sin((north_b - north_a) / 2) ** 2
        + math.cos(north_a) * math.cos(north_b) * math.sin((east_b - east_a) / 2) ** 2
    )
    metres = 2_000 * _EARTH_KM * math.asin(min(1.0, math.sqrt(chord)))
    if metres < 1:
        return "the same point"
    if metres < 995:
        return f"{max(10, round(metres, -1)):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 99_950 else f"{metres / 1000:,.0f} km"


def _words_only_in(text: str, other: str) -> list[str]:
    """Words of a text that the other lacks, as they are written; a letter that an export has lost may be any."""
    words = _WORD.findall(text)
    left = _folded(_WORD.findall(other))
    missing = []
    for word, folded in zip(words, _folded(words), strict=True):
        found = next((there for there in left if _may_be_one(folded, there)), None)
        if found is None:
            missing.append(visible(word))
        else:
            left.remove(found)
    return missing


def _may_be_one(word: str, other: str) -> bool:
    """Whether two folded words are one; a letter of which two bytes are lost is one letter all the same."""
    return word == other or any(
        0 < lost.count("?") <= _MOST_LOST
        and re.fullmatch(_LOST.sub(lambda run: f".{{1,{len(run[0])}}}", re.escape(lost)), whole) is not None
        for lost, whole in ((word, other), (other, word))
    )


def _folded(words: list[str]) -> list[str]:
    return [word.lower() for word in fold_texts(words)]


def _side(cells: tuple[Any, ...]) -> Side:
    told = dict(zip(_SIDE, cells, strict=True))
    where = [str(told[name]) for name in ("city_name", "region_name", "postal_code") if told[name]]
    latitude, longitude = told["latitude"], told["longitude"]
    names = [str(name) for name in told["other_names"] or []]
    listed = (*names[:_LISTED], *([f"and {len(names) - _LISTED} more"] if len(names) > _LISTED else []))
    return Side(
        record_id=str(told["record_id"]),
        site_id=str(told["site_id"]),
        source_title=str(told["source_title"]),
        name=str(told["site_name"] or ""),
        native_name=str(told["site_name_native"] or ""),
        address=str(told["site_address"] or ""),
        city=", ".join(where),
        country_code=str(told["country_code"] or ""),
        other_names=listed,
        point=(float(latitude), float(longitude)) if latitude is not None and longitude is not None else None,
    )


_SIDE = (
    "record_id", "site_id", "source_title", "site_name", "site_name_native", "site_address", "city_name", "region_name",
    "postal_code", "country_code", "latitude", "longitude", "other_names",
)  # fmt: skip


def _told_side(side: str) -> str:
    """SQL: the columns of ``_SIDE`` for one side."""
    special = {
        "source_title": f"coalesce({side}_source.source_title, {side}_side.source_name)",
        "other_names": f"{side}_names.other_names",
    }
    return ", ".join(special.get(name, f"{side}_side.{name}") for name in _SIDE)


def _joins(side: str) -> str:
    """SQL: the record of one side, who delivered it, and what else its site is called."""
    return f"""
    inner join marts.site_records_at_sites as {side}_side on queue.record_id_{side} = {side}_side.record_id
    left join titles as {side}_source on {side}_side.source_name = {side}_source.source_name
    left join other_names as {side}_names
        on queue.record_id_left = {side}_names.record_id_left and queue.record_id_right = {side}_names.record_id_right
            and {side}_names.side = '{side}'
    """


_PAIRS = f"""
with titles as (
    select source_name, any_value(source_title) as source_title from marts.data_coverage group by source_name
), asked as (
    select record_id_left, record_id_right, 'left' as side, site_id_left as site_id from marts.match_review_queue
    union all
    select record_id_left, record_id_right, 'right', site_id_right from marts.match_review_queue
), named as (
    select asked.record_id_left, asked.record_id_right, asked.side,
        unnest([records.site_name, records.site_name_native]) as name
    from asked
    inner join marts.site_records_at_sites as records on asked.site_id = records.site_id
    where records.record_id not in (asked.record_id_left, asked.record_id_right)
), other_names as (
    select record_id_left, record_id_right, side, list(distinct name order by name) as other_names
    from named where name is not null group by record_id_left, record_id_right, side
)
select {_told_side("left")}, {_told_side("right")}, queue.question, coalesce(queue.reason, ''),
    coalesce(queue.if_same, ''), coalesce(queue.if_different, ''), queue.match_probability, queue.priority,
    queue.is_random, queue.visibility
from marts.match_review_queue as queue
{_joins("left")} {_joins("right")}
order by queue.is_random, queue.priority desc, queue.record_id_left, queue.record_id_right
"""
