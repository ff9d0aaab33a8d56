"""The repository is what it says: its licence, its dependencies, and nothing that belongs to one machine."""

import importlib.metadata
import os
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import conjoin
from support.guide import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PYPROJECT["dependency-groups"]["dev"]]
LOCKED = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
#: Addresses of package registries, and paths that only one machine has. Written so that this file does not match.
_FOREIGN = re.compile(
    rb"pypi\.(?:org|python)|pythonhosted\.|index-ur[l]\b|/simpl[e]/|(?<![\w.])/(?:home|Users|root)/\w|(?<![\w.])/wor[k]/|/tmp/w[t]\b"
)


def repository_files() -> list[str]:
    """Every file of the checkout that .gitignore does not leave out; git itself need not be installed."""
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split() if line[0] != "#"]
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not any(fnmatch(name, pattern) for pattern in [".git", *ignored])]
        found += [Path(folder, name) for name in files if not any(fnmatch(name, pattern) for pattern in ignored)]
    return sorted(path.relative_to(ROOT).as_posix() for path in found if path.name != ".git")


def test_the_licence_is_mit_everywhere() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License")
    assert "Permission is hereby granted, free of charge" in text
    assert PYPROJECT["project"]["license"] == "MIT"
    assert "Licence: MIT" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_constraints_are_names_and_versions_in_order() -> None:
    assert [line for line in LOCKED if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line)] == []
    names = [canonicalize_name(line.split("==")[0]) for line in LOCKED]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("requirement", [*RUNTIME, *DEVELOPMENT], ids=lambda requirement: requirement.name)
def test_what_pyproject_asks_for_is_locked_to_a_version_that_it_allows(requirement: Requirement) -> None:
    locked = {canonicalize_name(name): Version(version) for name, version in (line.split("==") for line in LOCKED)}
    assert canonicalize_name(requirement.name) in locked
    assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)], prereleases=True)


@pytest.mark.parametrize("requirement", RUNTIME, ids=lambda requirement: requirement.name)
def test_every_dependency_has_its_reason_among_the_decisions(requirement: Requirement) -> None:
    decisions = (ROOT / "DECISIONS.md").read_text(encoding="utf-8").lower()
    spoken = requirement.name.removeprefix("python-").replace("-", " ")
    assert requirement.name in decisions or spoken in decisions


def test_the_version_is_the_same_in_both_places() -> None:
    assert PYPROJECT["project"]["version"] == conjoin.__version__
    installed = importlib.metadata.version("conjoin")
    assert installed == conjoin.__version__, "install the checkout again: make setup"


def test_no_address_of_a_registry_and_no_path_of_a_machine_is_in_any_file() -> None:
    found = {}
    for name in repository_files():
        match = _FOREIGN.search((ROOT / name).read_bytes())
        if match:
            found[name] = match[0]
    assert found == {}


def test_no_file_is_large() -> None:
    assert [name for name in repository_files() if (ROOT / name).stat().st_size > 500_000] == []
