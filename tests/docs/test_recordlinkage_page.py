"""The page on recordlinkage is a script that runs, and prints what it says."""

import subprocess
import sys
from pathlib import Path

from support.guide import ROOT, blocks


def test_the_script_of_the_page_prints_what_the_page_says(tmp_path: Path) -> None:
    found = blocks((ROOT / "docs" / "RECORDLINKAGE.md").read_text(encoding="utf-8"))
    script = "\n".join(block.text for block in found if block.language == "python")
    (expected,) = (block.text for block in found if block.language == "text")
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, expected), done.stderr
