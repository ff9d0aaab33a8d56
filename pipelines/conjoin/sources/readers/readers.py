"""From a delivered file to a table of text cells: one table ``raw`` with every cell as it stands in the file.

Blanks at the ends of cells are gone, empty cells are null. Besides the file's own columns the table has ``#line``
(line of the file, row of the sheet or number of the JSON record, from 1) and ``#sheet``. Nothing is converted here. A
file that is not what its declaration says is refused as a whole, with the place where reading failed.
"""

from pathlib import Path

import duckdb

from conjoin.errors import UnreadableFile
from conjoin.sources.descriptor import FileFormat, Reader
from conjoin.sources.readers.cells import OWN_COLUMNS, trimmed
from conjoin.sources.readers.read_csv import CsvFile
from conjoin.sources.readers.read_json import read_json
from conjoin.sources.readers.workbook_worker import read_workbook_apart
from conjoin.sql import quote_identifier

RAW = "raw"


class DeliveredFile:
    """One file, opened as its feed says: first its header, then, once the header is accepted, its rows.

    ``notices`` tells what of it is hidden or left out.
    """

    def __init__(
        self, path: Path, name: str, file_format: FileFormat, reader: Reader, workspace: Path | None = None
    ) -> None:
        """Reads the header, or all of it where the format gives no header apart.

        Args:
            path: Where the file is; its name there does not matter.
            name: The name under which it was delivered, for messages.
            file_format: What kind of file its declaration says it is.
            reader: How it is laid out.
            workspace: A private folder for copies of it; that of the system if None.

        Raises:
            UnreadableFile: It is empty, damaged, protected, in another encoding or in another format.
        """
        if path.stat().st_size == 0:
            raise UnreadableFile(f"{name}: the file is empty (0 bytes); deliver it again")
        self._name = name
        self.notices: list[str] = []
        if file_format == "csv":
            self._csv: CsvFile | None = CsvFile(path, name, reader, workspace)
            self.header = self._csv.header
        else:
            self._csv = None
            if file_format == "workbook":
                self._cells, self.notices = read_workbook_apart(path, name, reader, workspace=workspace)
            else:
                self._cells = read_json(path, name, reader, by_line=file_format == "json_lines")
            self.header = [column for column in self._cells.column_names if column not in OWN_COLUMNS]
        if not self.header:
            raise UnreadableFile(f"{name}: nothing was found in it, not even a header; deliver it again{_hint(reader)}")

    def load(self, con: duckdb.DuckDBPyConnection) -> int:
        """Fill the temporary table ``raw`` and return how many rows it has; rows with no cell at all are dropped.

        Raises:
            UnreadableFile: The rows cannot be read to the end.
        """
        if self._csv is not None:
            self._csv.load(con, RAW)
        else:
            con.register("delivered_cells", self._cells)
            cells = ", ".join(f"{trimmed(column)} as {quote_identifier(column)}" for column in self.header)
            con.execute(
                f'create or replace temp table {RAW} as select "#row", "#line", "#sheet", {cells} from delivered_cells'
            )
            con.unregister("delivered_cells")
        return int(con.execute(f"select count(*) from {RAW}").fetchall()[0][0])


def _hint(reader: Reader) -> str:
    if reader.skip_rows:
        return f", or correct reader.skip_rows ({reader.skip_rows} lines are skipped)"
    return f", or correct reader.records ({' > '.join(reader.records)})" if reader.records else ""
