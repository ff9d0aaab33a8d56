"""Schedules: cron expressions of five fields, UTC."""

from datetime import UTC, datetime

from cronsim import CronSim, CronSimError

EXAMPLE = "30 2 * * *"


def check_schedule(text: str) -> str:
    """The schedule itself.

    Raises:
        ValueError: It is no cron expression.
    """
    try:
        CronSim(text, datetime.now(UTC))
    except CronSimError as error:
        raise ValueError(f"{text!r} is no cron expression; write five fields, as in {EXAMPLE!r}") from error
    return text
