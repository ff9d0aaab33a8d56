"""Backup and restore say how far they are: archives of years take minutes."""

from pathlib import Path

from conjoin.keeping.backup import restore_backup, write_backup
from conjoin.settings import Settings
from support import quillhaven
from support.files import as_csv
from support.listener import recorded
from support.projects import Project


def test_backup_and_restore_tell_their_stages(project: Project, tmp_path: Path) -> None:
    project.deliver(quillhaven.FILES["log"], as_csv(quillhaven.rows(3)))
    project.ingest()
    copy = tmp_path / "copy.tar"
    with recorded("Looking at originals", "Copying files"):
        count = write_backup(project.settings, copy)
    with recorded("Putting files back"):
        assert restore_backup(Settings(data=tmp_path / "elsewhere"), copy) == count
