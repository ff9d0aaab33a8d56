"""Which files a result hangs on."""

from pathlib import Path

from conjoin import content


def test_code_is_found_at_any_depth_by_its_path_inside_the_package(tmp_path: Path) -> None:
    for name in ("sources/deep/er/reader.py", "sources/mapping.py", "sources_of_error.py", "sql.py", "other/sql.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = [relative for relative, _ in content.code("sources", "sql.py", package=tmp_path)]
    assert found == ["sources/deep/er/reader.py", "sources/mapping.py", "sql.py"]
    assert len(list(content.code(package=tmp_path))) == 5


def test_a_reading_hangs_on_the_code_that_reads_and_on_no_other() -> None:
    from conjoin.sources.registry import _READING_CODE

    found = {relative for relative, _ in content.code(*_READING_CODE)}
    assert {"sources/emits.py", "schemas/fields.py", "sql.py"} <= found
    assert not [relative for relative in found if relative.startswith(("matching/", "warehouse/", "flows/"))]
