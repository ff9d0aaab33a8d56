"""The home of files: archive, landing, DuckDB databases; the SQL itself stands in ``warehouse/``."""
