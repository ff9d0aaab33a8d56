"""The environment in which Prefect and Great Expectations run: nothing calls home, state stays in the data folder."""

import os
from pathlib import Path

_OFF = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
}
_DEFAULTS = {
    # A line per step, and what went wrong: that is the progress people see.
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO",
    "PREFECT_LOGGING_FORMATTERS_STANDARD_DATEFMT": "%H:%M:%S",
    "PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT": "%(asctime)s  %(message)s",
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "CRITICAL",  # the flow tells what failed, in words
    # The first start of the embedded server makes its database: the default of 20 s is too short for a busy machine.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}
_OWN_SERVER = ("PREFECT_HOME", "PREFECT_API_URL", "PREFECT_PROFILE")


def prepare_environment(prefect_home: Path) -> None:
    """Switch product telemetry off, whatever was set; must run before Prefect or Great Expectations is imported.

    Args:
        prefect_home: Where the embedded server keeps its database, unless the user named a server or a home.
    """
    os.environ.update(_OFF)
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    if not any(name in os.environ for name in _OWN_SERVER):
        os.environ["PREFECT_HOME"] = str(prefect_home)
