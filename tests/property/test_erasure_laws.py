"""Whatever is erased, in whatever order: read again, the rest is what a withdrawal would have left, to the byte."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjoin.keeping.archive import Archive, now
from conjoin.keeping.erasure import erased_hashes
from conjoin.keeping.landing import in_force
from conjoin.settings import Settings
from conjoin.steps.deliveries import withdraw
from conjoin.steps.erase import kept_deliveries, withdraw_and_erase
from conjoin.steps.ingest import ingest_source
from conjoin.steps.landed import landed_state
from conjoin.tools.project import make_project
from support import quillhaven
from support.files import as_csv
from support.laws import law
from support.projects import standing_in, tree

FIRST = as_csv(quillhaven.rows(3))
#: Deliveries in their order: corrections, the same bytes under two names, and a refused file among them.
STORY = [
    ("visits_2026-01.csv", FIRST),
    ("visits_2026-02.csv", as_csv(quillhaven.rows(5))),
    ("visits_2026-01.csv", FIRST.replace(b"Izmir", b"Bursa")),
    ("visits_2026-03.csv", as_csv(quillhaven.rows(5))),
    ("visits_2026-04.csv", b"not,what,was,agreed\n1,2,3,4\n"),
]
NAMES = sorted({name for name, _ in STORY})


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Settings]:
    """A project in which the story has been told."""
    folder = tmp_path_factory.mktemp("told")
    root = make_project(folder / "project")
    quillhaven.write_declaration(root)
    settings = Settings(data=folder / "data", settle_seconds=0, threads=1)
    with standing_in(root):
        for name, content in STORY:
            inbox = settings.inbox / quillhaven.NAME
            shutil.rmtree(inbox, ignore_errors=True)
            inbox.mkdir(parents=True)
            (inbox / name).write_bytes(content)
            ingest_source(settings, quillhaven.NAME)
    shutil.rmtree(settings.inbox)
    return root, settings


def _copied(settings: Settings, folder: Path) -> Settings:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(settings.data, folder)
    return settings.model_copy(update={"data": folder})


def _read_again(settings: Settings) -> dict[str, bytes]:
    """What a rebuild lands."""
    shutil.rmtree(settings.landing)
    settings.landing.mkdir()
    ingest_source(settings, quillhaven.NAME)
    return tree(settings.landing)


@law(12)
@given(st.permutations(NAMES), st.integers(1, len(NAMES)), st.booleans())
def test_erasing_any_files_in_any_order_leaves_what_withdrawing_them_leaves(
    told: tuple[Path, Settings], order: list[str], count: int, is_withdrawn_before: bool
) -> None:
    root, settings = told
    with standing_in(root):
        erased, withdrawn = (_copied(settings, settings.data.with_name(name)) for name in ("erased", "withdrawn"))
        for name in order[:count]:
            if is_withdrawn_before:
                withdraw(erased, quillhaven.NAME, name, "asked")
            withdraw_and_erase(erased, quillhaven.NAME, name, "asked")
        for name in sorted(order[:count]):
            withdraw(withdrawn, quillhaven.NAME, name, "asked")
        assert landed_state(erased, now().date()).unread_sources == frozenset()  # what is gone is not waited for
        left = tree(erased.landing)
        entries = Archive(erased.archive).entries()
        force = in_force(entries, quillhaven.NAME)
        assert force == in_force(Archive(withdrawn.archive).entries(), quillhaven.NAME)
        kept = {entry.content_hash for entry in kept_deliveries(entries)}
        objects = {path.name for path in (erased.archive / "objects").rglob("*") if path.is_file()}
        assert objects == kept - erased_hashes(entries)
        assert objects == {entry.content_hash for entry in force}
        assert _read_again(erased) == _read_again(withdrawn) == left
