"""Notebooks of one's own, small enough to be run in a second."""

from pathlib import Path

import nbformat

#: How many site records are published, said as people would say it.
COUNTING = """
import duckdb
con = duckdb.connect(warehouse, read_only=True)
count = con.execute("select count(*) from marts.site_records_at_sites").fetchall()[0][0]
print(f"{count} records after {months} months")
"""


def write_notebook(
    project: Path, name: str, code: str = COUNTING, parameters: str = "warehouse = None\nmonths = 12", title: str = ""
) -> Path:
    """Put a notebook of one cell with parameters and one with code into a project's ``notebooks/``."""
    cells = [
        nbformat.v4.new_markdown_cell(f"# {title or name}", id="title"),
        nbformat.v4.new_code_cell(parameters, id="given", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(code, id="told"),
    ]
    path = project / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path
