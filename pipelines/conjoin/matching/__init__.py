"""Which site records speak of one site. Works on an open DuckDB connection and never opens a file."""
