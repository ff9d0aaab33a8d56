"""The order in which things happen: the only place that knows Prefect.

Importing this package prepares the environment, because Prefect reads its settings when it is first imported.
"""

from conjoin.flows.telemetry import prepare_environment
from conjoin.settings import load_settings

prepare_environment(load_settings().data / "prefect")
