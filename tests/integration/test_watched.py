"""The tests' own watch over processes: without it, a test that finds no call to another machine finds nothing."""

from pathlib import Path

import pytest

from support.processes import office

CALL = """
import urllib.request
try:
    urllib.request.urlopen("http://example.org")
except OSError as error:
    print(error)
"""


@pytest.mark.slow
def test_a_call_to_another_machine_is_noted_however_the_process_began(tmp_path: Path) -> None:
    place = office(tmp_path)
    assert "no way out: example.org" in place.run(code=CALL)[1]
    assert place.calls.read_text() == "example.org\n"
    place.calls.unlink()
    started = place.start(code=CALL)
    assert "no way out: example.org" in started.communicate(timeout=60)[0]
    assert place.calls.read_text() == "example.org\n"
