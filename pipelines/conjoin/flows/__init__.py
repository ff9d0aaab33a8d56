"""The order in which things happen: the only place that knows Prefect."""
