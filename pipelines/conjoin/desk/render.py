"""From values to pages: Jinja templates that escape everything, and how numbers, days and codes are written."""

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from conjoin import __version__
from conjoin.briefings.words import MISSING, is_missing, reason_in_words, titled
from conjoin.desk.entry import Session
from conjoin.plain import visible

_HERE = Path(__file__).parent
STATIC = _HERE / "static"


def said(value: object) -> str:
    """A value as people read it: counts with separators, days as days, what is missing as a dash."""
    if is_missing(value):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    if isinstance(value, float | np.floating):
        value = float(value)
        return f"{value:,.0f}" if value.is_integer() or abs(value) >= 100 else f"{value:,.2f}".rstrip("0")
    if isinstance(value, datetime | pd.Timestamp):
        moment = pd.Timestamp(value)
        return f"{moment:%Y-%m-%d}" if moment == moment.normalize() else f"{moment:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(said(one) for one in value) or MISSING
    return visible(str(value)) or MISSING


def percent(value: object) -> str:
    """A share as whole percent."""
    return MISSING if is_missing(value) else f"{float(str(value)):.0%}"


def counted(count: object, one: str, many: str = "") -> str:
    """A count with its noun."""
    return f"{said(count)} {one if count == 1 else many or one + 's'}"


def _shown(value: object) -> object:
    """What a template prints: no text of a file reaches a page with control or direction characters in it."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return "\n".join(map(visible, value.split("\n")))
    return value


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(said=said, share=percent, titled=titled, reason_title=reason_in_words)
    environment.globals.update(counted=counted, version=__version__)
    return environment


def fragment(template: str, **values: Any) -> str:
    """A part of a page."""
    return _environment().get_template(template).render(**values)


def page(request: Request, template: str, session: Session | None, status: int = 200, **values: Any) -> HTMLResponse:
    """A whole page: which room it is in the address says, what the file is the request's application."""
    state = request.app.state
    rooms = [("", "Overview"), ("sites", "Sites"), ("review", "Review"), ("questions", "Questions")]
    rooms += [("reference", "Reference tables")] if state.desk.may_write else []
    here = request.url.path.strip("/").split("/")[0]
    shell = {"rooms": rooms, "here": here, "session": session, "desk": state.desk}
    return HTMLResponse(fragment(template, **shell, **values), status)
