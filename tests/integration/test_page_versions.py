"""Of which warehouse a page is remembered to be, where another one is published while it is made."""

import shutil
from pathlib import Path

import pytest

from conjoin.steps.brief import current_page, make_page
from conjoin.steps.pages.kept import known_page
from conjoin.steps.pages.notebooks import Notebook
from conjoin.steps.pages.requests import PageRequest
from conjoin.warehouse.versions import publish_version
from support.notebooks import write_notebook
from support.published import published_warehouse

pytestmark = pytest.mark.slow

#: What a run does that ends while a person's notebook is at work.
PUBLISHING = """
import shutil
from pathlib import Path
from conjoin.settings import Settings
from conjoin.warehouse.versions import publish_version
built = Path(data) / "next.duckdb"
shutil.copy(warehouse, built)
print(publish_version(Settings(data=data), built, "second", {}).number)
"""


def test_a_page_is_of_the_warehouse_from_which_it_was_made(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Else it would pass for one of the next warehouse, and no night would make it anew."""
    before = published_warehouse(tmp_path_factory)
    settings = before.model_copy(update={"data": tmp_path / "data", "pdf": False})
    settings.warehouse.parent.mkdir(parents=True)
    built = shutil.copy(before.warehouse, tmp_path / "built.duckdb")
    publish_version(settings, built, "first", {})
    notebook = write_notebook(tmp_path, "ours", PUBLISHING, "warehouse = None\ndata = None")
    request = PageRequest(Notebook("ours", notebook, {"warehouse": False, "data": False}), {"data": str(settings.data)})
    made = make_page(settings, request)
    assert made.page.is_file()
    known = known_page(settings, request.file_name)
    assert known is not None
    assert known.version == 1
    assert current_page(settings, request) is None
