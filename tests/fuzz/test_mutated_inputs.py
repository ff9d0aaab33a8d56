"""Tens of thousands of damaged files, in `make fuzz` only: each is read whole, or refused in words.

``CONJOIN_FUZZ`` says how many, ``CONJOIN_FUZZ_SEED`` from which random number they are made (any, unless it is given).
"""

import os
import secrets
import sys
from pathlib import Path

import pytest

from support.attack.report import attacked

COUNT = int(os.environ.get("CONJOIN_FUZZ") or 20_000)


@pytest.mark.fuzz
@pytest.mark.timeout(0)
@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory as Linux keeps them")
def test_no_damaged_file_does_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = int(os.environ.get("CONJOIN_FUZZ_SEED") or secrets.randbelow(1_000_000))
    with capsys.disabled():
        sys.stdout.write(f"\n{COUNT:,} inputs, CONJOIN_FUZZ_SEED={number}\n")
        report = attacked(COUNT, number, tmp_path / "attack")
        sys.stdout.write(report.summary())
    told = report.told()
    assert not told, "\n".join(told)
