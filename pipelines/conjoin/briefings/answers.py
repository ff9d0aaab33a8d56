"""Answers as files: CSV, JSON or a workbook."""

from pathlib import Path

import pandas as pd

from conjoin.errors import ConjoinError
from conjoin.sheets import csv_text, write_workbook

FORMATS = ("table", "csv", "json", "xlsx")


def write_answer(frame: pd.DataFrame, output_format: str, out: Path | None) -> str:
    """Write a frame to ``out`` and return a word about it, or return it as text when ``out`` is None.

    Raises:
        ConjoinError: The format is unknown, or a workbook was asked for without a file to write it to.
    """
    if output_format not in FORMATS:
        raise ConjoinError(f"--format {output_format}: choose one of {', '.join(FORMATS)}")
    if output_format == "xlsx":
        if out is None:
            raise ConjoinError("--format xlsx needs a file: add --out answer.xlsx")
        write_workbook(frame, out)
        return f"Wrote {len(frame)} rows to {out}\n"
    if output_format == "table":
        text = frame.to_string(index=False) + "\n"
    elif output_format == "json":
        text = frame.to_json(orient="records", date_format="iso", indent=1, force_ascii=False) + "\n"
    else:
        text = csv_text(frame, date_format="%Y-%m-%d")
    if out is None:
        return text
    out.write_text(text, encoding="utf-8")
    return f"Wrote {len(frame)} rows to {out}\n"
