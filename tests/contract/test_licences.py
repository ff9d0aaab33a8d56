"""Every locked dependency may be used: its licence is known, allowed, and stands on the page."""

import importlib.metadata
from email.message import Message

import pytest

from support.licences import EXCEPTIONS, PAGE, Row, locked, page, rows, said_licence, written

ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_dependency_has_a_known_licence_that_is_allowed(row: Row) -> None:
    assert row.verdict == ""


def test_the_page_is_fresh_and_names_all_that_is_locked() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(ROWS), "run `make docs`"
    assert {name: row.version for name, row in written().items()} == locked()


def test_every_exception_is_still_needed() -> None:
    for name, (licence, why) in EXCEPTIONS.items():
        assert why
        try:
            said = said_licence(importlib.metadata.metadata(name))
        except importlib.metadata.PackageNotFoundError:  # fetched by the target that needs it
            assert Row(name, "1", licence).verdict == ""
            continue
        assert said != licence
        assert said == "unknown" or Row("another", "1", licence).verdict


FORBIDDEN = ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND SSPL-1.0", "MIT OR Commercial", "unknown", "Proprietary"]


@pytest.mark.parametrize("licence", FORBIDDEN)
def test_what_is_not_allowed_or_not_known_is_named(licence: str) -> None:
    assert "somebody 1.0: " in Row("somebody", "1.0", licence).verdict


SAID = [
    ({"License-Expression": "MIT AND (Apache-2.0 OR BSD-2-Clause)"}, "MIT AND (Apache-2.0 OR BSD-2-Clause)"),
    ({"Classifier": "License :: OSI Approved :: Apache Software License"}, "Apache-2.0"),
    ({"Classifier": "License :: OSI Approved", "License": "BSD"}, "BSD"),
    ({"License": "MIT License\n\nCopyright (c) ..."}, "MIT"),
    ({"License": "Use it kindly"}, "Use it kindly"),
    ({}, "unknown"),
]


@pytest.mark.parametrize(("fields", "licence"), SAID)
def test_what_a_package_says_of_itself(fields: dict[str, str], licence: str) -> None:
    metadata = Message()
    for name, value in fields.items():
        metadata[name] = value
    assert said_licence(metadata) == licence  # type: ignore[arg-type] # a message is what metadata are made of
