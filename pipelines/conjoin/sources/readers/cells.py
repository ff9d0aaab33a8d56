"""Cells as every reader delivers them: without blanks at their ends, and null when nothing is left."""

from conjoin.sql import quote_identifier, quote_literal

#: Cells are trimmed of these, and of nothing else, before anything is read from them (keys included).
BLANKS = " \t\r\n\u00a0\u3000\ufeff"

#: Columns that reading adds to a file's own; a file cannot deliver them.
OWN_COLUMNS = ("#row", "#line", "#sheet")


def trimmed(column: str) -> str:
    """SQL of a column's cell without blanks at its ends; looks first, since most cells have none."""
    cell, blanks = quote_identifier(column), quote_literal(BLANKS)
    return (
        f"case when contains({blanks}, {cell}[1]) or contains({blanks}, {cell}[-1]) "
        f"then nullif(trim({cell}, {blanks}), '') else {cell} end"
    )
