"""The stages of a night, each a plain function: ingest, match, build, publish, brief. They know no Prefect."""
