"""Quoting of names and values for composed SQL."""


def quote_identifier(name: str) -> str:
    """``name`` as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: str) -> str:
    """``value`` as a SQL text literal."""
    return "'" + value.replace("'", "''") + "'"
