"""A word to people when something is wrong, through Apprise: e-mail, Teams, Slack, a webhook. Its only importer.

Sent for a delivery that was refused, is late or shrank, for a damaged original or a broken declaration, and for a run
that failed; nothing else. What was told is told once, and again only when it comes back after it was settled.
"""

import json
import logging
import os
from collections.abc import Sequence

from conjoin.errors import SettingsError
from conjoin.keeping.folders import write_private
from conjoin.settings import Settings
from conjoin.watch.status import Status
from conjoin.watch.status_text import status_text, trouble_lines
from conjoin.watch.troubles import Trouble

log = logging.getLogger(__name__)


def notify(settings: Settings, status: Status, failure: str = "") -> bool:
    """Tell what is new; whether anything was sent.

    Args:
        settings: To whom.
        status: How things stand.
        failure: Why the run failed; empty when it did not.

    Raises:
        SettingsError: An address cannot be used, or a message could not be delivered.
    """
    if not settings.notify.to:
        return False
    told = _told(settings)
    current = {_key(trouble): trouble for trouble in status.troubles}
    fresh = [trouble for key, trouble in current.items() if key not in told]
    if fresh or failure:
        _send(settings, _title(fresh, failure), _body(fresh, failure, status))
    _remember(settings, sorted(current))
    return bool(fresh or failure)


def _title(fresh: Sequence[Trouble], failure: str) -> str:
    if failure:
        return "Conjoin: the run failed"
    kinds = ", ".join(dict.fromkeys(f"{trouble.source_name} {trouble.kind}" for trouble in fresh))
    return f"Conjoin: {kinds}"


def _body(fresh: list[Trouble], failure: str, status: Status) -> str:
    lines = [f"**The run failed**: {failure}", ""] if failure else []
    return "\n".join([*lines, *trouble_lines(fresh), "", "---", "", status_text(status)])


def _send(settings: Settings, title: str, body: str) -> None:
    from apprise import Apprise, NotifyFormat, NotifyType

    post = Apprise()
    for number, address in enumerate(settings.notify.to, start=1):
        if not post.add(_address(address, number)):
            raise SettingsError(f"conjoin.toml, [notify] to: address {number} is none that Apprise understands")
    if not post.notify(body=body, title=title, notify_type=NotifyType.WARNING, body_format=NotifyFormat.MARKDOWN):
        raise SettingsError(
            "conjoin.toml, [notify] to: a message could not be delivered to all; `conjoin status` shows what it said"
        )


def _address(text: str, number: int) -> str:
    if not text.startswith("$"):
        return text
    found = os.environ.get(text[1:])
    if not found:
        raise SettingsError(f"conjoin.toml, [notify] to: address {number} names {text}, which the environment lacks")
    return found


def _key(trouble: Trouble) -> str:
    what = "" if trouble.kind == "failed" else trouble.what  # an error of a notebook may quote what is erased one day
    return f"{trouble.kind} {trouble.source_name} {trouble.since} {what}"


def _told(settings: Settings) -> set[str]:
    try:
        return set(json.loads(settings.told.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return set()


def _remember(settings: Settings, keys: list[str]) -> None:
    write_private(settings.told, json.dumps(keys, indent=1, ensure_ascii=False))
