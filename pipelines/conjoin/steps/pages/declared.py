"""The pages and answers of a night, as conjoin.toml declares them."""

from collections.abc import Sequence

from conjoin import content
from conjoin.briefings.emptiness import Narrowed
from conjoin.briefings.queries import BRIEFING, find_question, questions
from conjoin.errors import ConjoinError, SettingsError
from conjoin.settings import DeclaredAnswer, DeclaredBriefing, Settings
from conjoin.steps.pages.requests import AnswerRequest, PageRequest, country_code, page_request

#: Where nothing is declared.
SHIPPED_BRIEFINGS = tuple(
    DeclaredBriefing(notebook=name) for name in ("overlap_briefing", "source_coverage", "match_quality")
)
SHIPPED_ANSWERS = tuple(
    DeclaredAnswer(question=name)
    for name in ("planned_visits_already_covered", "certificates_about_to_expire", "busiest_sites")
)


def declared_pages(settings: Settings, countries: Sequence[str] = ("",)) -> list[PageRequest]:
    """The pages of a night.

    Args:
        settings: What is declared.
        countries: A declaration that could name a country and names none is made for each of these; an empty text
            means all countries. No page at all is made for none of them.

    Raises:
        SettingsError: A declaration cannot be meant.
    """
    told: dict[str, PageRequest] = {}
    declared = SHIPPED_BRIEFINGS if settings.declared_briefings is None else settings.declared_briefings
    for number, one in enumerate(declared, start=1):
        place = f"{content.PROJECT_MARKER}: [[briefings]] number {number}, "
        given = dict(one.model_extra or {})
        as_declared = page_request(one.notebook, given, place)
        takes_any = "country" in as_declared.notebook.takes and "country" not in as_declared.given
        for country in countries if takes_any else countries[:1]:
            request = as_declared
            if takes_any and country:
                request = page_request(one.notebook, {**given, "country": country}, "", "--{0} {1}")
            told.setdefault(request.file_name, request)
    return list(told.values())


def declared_answers(settings: Settings) -> list[AnswerRequest]:
    """The answers of a night.

    Raises:
        SettingsError: A declaration cannot be meant.
    """
    declared = SHIPPED_ANSWERS if settings.declared_answers is None else settings.declared_answers
    found = []
    for number, one in enumerate(declared, start=1):
        place = f"{content.PROJECT_MARKER}: [[answers]] number {number}, "
        try:
            question = find_question(one.question)
        except ConjoinError as error:
            known = ", ".join(known.name for known in questions() if known.asked_by != BRIEFING)
            raise SettingsError(
                f"{place}question = {one.question!r}: there is no such question; there are {known}"
            ) from error
        country = one.country and country_code(one.country, f"{place}country = {one.country!r}")
        narrowed = Narrowed(country, one.from_date, one.to_date)
        for name, value in (("country", one.country), ("from_date", one.from_date), ("to_date", one.to_date)):
            if value is not None and f"${name}" not in question.sql:
                raise SettingsError(
                    f"{place}{name.removesuffix('_date')} = {str(value)!r}: {question.name} looks at no such limit; "
                    "take it out"
                )
        found.append(AnswerRequest(question, narrowed, one.format))
    return found
