"""The statement as a page of its own: nothing is loaded, nothing runs, and every text of the data is escaped."""

import base64
import hashlib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conjoin import __version__
from conjoin.briefings.subjects.lookups import Row
from conjoin.briefings.words import counted, listed, month
from conjoin.packs.statement.facts import UNNAMED, Facts
from conjoin.plain import visible
from conjoin.schemas.vocabularies import vocabulary

_TEMPLATES = Path(__file__).parent / "templates"
#: So many audits and certificates stand on the page; what is older is counted.
MOST_AUDITS = 10
_MOST_CERTIFICATES = 5
_MOST_WORDS = 8  # of the factory: the latest
_FEW_TOPICS = 4
#: Words of the factory that stand beside the name and the address instead of in the list.
_IN_HEAD = ("site_name", "site_address")


def statement_page(facts: Facts) -> str:
    """The page of a site."""
    style = (_TEMPLATES / "statement.css").read_text(encoding="utf-8")
    shown, older = facts.audits[:MOST_AUDITS], facts.audits[MOST_AUDITS:]
    text = (
        _environment()
        .get_template("statement.html")
        .render(
            facts=facts,
            site=facts.site,
            place=_place(facts.site),
            has_unnamed=any(UNNAMED in audit["ordered_by"] for audit in shown),
            audits=shown,
            older=older,
            holding=[audit for audit in facts.audits if audit["is_in_force"]],
            taken=[audit for audit in facts.audits if audit["accepted_by"]],
            coverage=_coverage(facts.audits),
            certificates=facts.certificates[:_MOST_CERTIFICATES],
            more_certificates=max(len(facts.certificates) - _MOST_CERTIFICATES, 0),
            to_serve=_to_serve(facts),
            naming=_naming(facts.buyers),
            in_force=[one for one in facts.certificates if one["is_in_force"]],
            said_of={name: _latest(facts.said, name) for name in _IN_HEAD},
            said=[row for row in facts.said if row["stated_about"] not in _IN_HEAD][:_MOST_WORDS],
            style=style,
            style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii"),
        )
    )
    return text.strip() + "\n"


def _coverage(audits: list[Row]) -> list[Row]:
    """Audits with the topics that none looked at later; last, with no audit, the topics that none looked at."""
    titles = vocabulary("topic").titles
    left = dict(titles)
    found: list[Row] = []
    for audit in audits:  # the newest first
        topics = [left.pop(topic) for topic in titles if topic in left and topic in (audit["topics"] or [])]
        if topics:
            found.append({"audit": audit, "topics": topics})
    return [*found, {"audit": None, "topics": list(left.values())}] if left else found


def _to_serve(facts: Facts) -> Row | None:
    """The scheme of a new audit that most of the buyers would take whom no audit serves; None if all are served.

    Of equals, the one that the factory went through last. Where a certificate is in force no new audit is needed.
    """
    waiting = {buyer["buyer_name"] for buyer in facts.buyers if not buyer["audits"]}
    held = {one["scheme_title"] for one in facts.certificates if one["is_in_force"]}
    known = [audit["scheme_title"] for audit in facts.audits]
    named = _named(facts.buyers)
    useful = sorted(title for title in named if title not in held and waiting.intersection(named[title]))

    def use(title: str) -> tuple[int, int, int]:
        return (
            len(waiting.intersection(named[title])),
            len(named[title]),
            -known.index(title) if title in known else -99,
        )

    best = max(useful, key=use, default=None)
    return {"title": best, "waiting": sorted(waiting), "buyers": named[best]} if best is not None else None


def _named(buyers: list[Row]) -> dict[str, list[str]]:
    """Scheme to the buyers whose policies name it."""
    named: dict[str, list[str]] = {}
    for buyer in buyers:
        for title in buyer["scheme_titles"]:
            named.setdefault(title, []).append(buyer["buyer_name"])
    return named


def _naming(buyers: list[Row]) -> Callable[[Row], str]:
    """Says, as the end of a sentence, whose policies name the scheme of a certificate; the rules judge audits alone."""
    named = _named(buyers)

    def naming(certificate: Row) -> str:
        names = named.get(certificate["scheme_title"], [])
        return f"; {certificate['scheme_title']} is named in the policies of {listed(names)}" if names else ""

    return naming


def _place(site: Row) -> str:
    """The address on one line; what the street line says already is not said again."""
    parts = [site["site_address"] or ""]
    for name in ("city_name", "region_name", "postal_code"):
        if site[name] and site[name].casefold() not in " ".join(parts).casefold():
            parts.append(site[name])
    parts.append(vocabulary("country").titles.get(site["country_code"], ""))
    return ", ".join(part for part in parts if part)


def _scope(audit: Row) -> str:
    """On which topics, as a part of a sentence."""
    titles = vocabulary("topic").titles
    topics = audit["topics"] or []
    if not topics:
        return ""
    if audit["is_whole_code"]:
        return f"; all {len(topics)} topics" if len(topics) > 1 else f"; {titles[topics[0]].lower()}"
    if len(topics) <= _FEW_TOPICS:
        return f"; {', '.join(titles[topic].lower() for topic in topics)}"
    return f"; {len(topics)} of {len(titles)} topics, see below"


def _latest(said: list[Row], about: str) -> Row | None:
    """The factory's last word on a matter."""
    return next((row for row in said if row["stated_about"] == about and row["stated_text"]), None)


def _day(value: date | None) -> str:
    """A day as people write it, kept on one line."""
    return f"{value.day}\u00a0{value:%b}\u00a0{value.year}" if value else "not told"


def _long_day(value: date) -> str:
    """A day as a letter has it."""
    return f"{value.day} {value:%B %Y}"


def _visit(audit: Row) -> str:
    """The days of a visit, or what its day is instead."""
    start, end = audit["visit_start"], audit["visit_end"]
    if audit["date_kind"] != "visit":
        return f"report of {_day(start)}"
    if not end or end == start:
        return _day(start)
    if (end.year, end.month) == (start.year, start.month):
        return f"{start.day}–{_day(end)}"
    return f"{_day(start)} – {_day(end)}"


def _shown(value: object) -> object:
    """What the template prints: no control or direction character of a file reaches the page."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=_day, long_day=_long_day, month=month, listed=listed, visit=_visit)
    helpers: dict[str, Any] = {"counted": counted, "version": __version__, "scope": _scope}
    environment.globals.update(helpers)
    return environment
