"""Where data lives and how a run behaves: read once from the environment and the project's conjoin.toml."""

import os
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from conjoin import content
from conjoin.declared import mistakes
from conjoin.errors import SettingsError

#: Sections beside [run], and the setting that each fills.
_SECTIONS = {"notify": "notify", "briefings": "declared_briefings", "answers": "declared_answers"}
_LISTED = re.compile(r"^declared_(\w+?)(?:\.(\d+)(\.?)|(?=:))")


def _file_mode(text: str) -> str:
    if len(text) != 3 or set(text) - set("0467") or text[0] not in "46":
        raise ValueError(
            "write who may read what is published as three digits: 600 owner, 640 group too, 644 everybody"
        )
    return text


class Notify(BaseModel):
    """``[notify]``: to whom a word goes when something is wrong, and where it comes from. Off while ``to`` is empty.

    Addresses are Apprise's: mailto://, mailtos://, msteams://, slack://, json:// (a webhook) and a hundred more. What
    begins with ``$`` is read from the environment, so that a password need not stand in the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    to: list[str] = []


class DeclaredBriefing(BaseModel):
    """``[[briefings]]``: a notebook of which each night makes a page; further keys are what the notebook is given.

    Which notebooks and parameters there are is not known here: ``steps.pages.declared`` judges it.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    notebook: str


class DeclaredAnswer(BaseModel):
    """``[[answers]]``: a saved question that each night answers into a file beside the pages.

    Attributes:
        question: Its name.
        format: ``xlsx`` or ``csv``.
        country: ISO code; None for all.
        from_date: First day, ``from`` in the file.
        to_date: Last day, ``to`` in the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    format: Literal["xlsx", "csv"] = "xlsx"
    country: str | None = None
    from_date: date | None = Field(None, alias="from")
    to_date: date | None = Field(None, alias="to")


class Settings(BaseModel):
    """One run's settings. Every folder below ``data`` but ``inbox`` and ``archive`` can be deleted and rebuilt."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    data: Path  # holds everything that Conjoin writes
    settle_seconds: float = 10.0  # a file changed more recently is taken to be still being written
    memory_limit: str = "4GB"  # of DuckDB; beyond it spills to <data>/tmp
    threads: int | None = None  # of DuckDB; None means one per core
    dask: str = ""  # where pairs are compared: "" here, "local" a cluster on this machine, else a scheduler's address
    pairs_per_shard: int = Field(default=500_000, ge=1)  # of one task on Dask
    published_mode: Annotated[str, AfterValidator(_file_mode)] = "640"  # who may read what is published
    kept_versions: int = Field(default=5, ge=1)  # published warehouses kept, to go back to
    query_seconds: float = Field(default=60.0, gt=0)  # after which `conjoin ask` and `conjoin sql` give a question up
    pdf: bool = True  # print pages as PDF too, where something on the machine can
    notify: Notify = Notify()
    declared_briefings: list[DeclaredBriefing] | None = None  # pages of a night; None means those that ship
    declared_answers: list[DeclaredAnswer] | None = None  # answers of a night; None means those that ship

    @property
    def inbox(self) -> Path:
        """Delivered files wait here, in one folder per source."""
        return self.data / "inbox"

    @property
    def archive(self) -> Path:
        """Originals by content hash, and the ledger of deliveries."""
        return self.data / "archive"

    @property
    def landing(self) -> Path:
        """Canonical tables as Parquet, one folder per load."""
        return self.data / "landing"

    @property
    def matching(self) -> Path:
        """What matching concluded, as Parquet."""
        return self.data / "matching"

    @property
    def warehouse(self) -> Path:
        """The published DuckDB file."""
        return self.data / "warehouse" / "conjoin.duckdb"

    @property
    def reader_mode(self) -> int:
        """The mode of published files."""
        return int(self.published_mode, 8)

    @property
    def run_journal(self) -> Path:
        """What each run did, a line per run."""
        return self.data / "runs.jsonl"

    @property
    def told(self) -> Path:
        """What people were told by a notification and is not settled yet."""
        return self.data / "told.json"

    @property
    def checks(self) -> Path:
        """Pages on the checks of current loads and of the published warehouse."""
        return self.data / "warehouse" / "checks"

    @property
    def briefings(self) -> Path:
        """Rendered briefings, their index, and the answers of a night: for readers."""
        return self.data / "briefings"

    @property
    def page_notes(self) -> Path:
        """What is remembered of each page: of which day it is, and whether it failed since."""
        return self.data / "pages"

    @property
    def temporary(self) -> Path:
        """Scratch space on the same disk as everything else, so that renames are atomic."""
        return self.data / "tmp"


def load_settings() -> Settings:
    """Settings from ``CONJOIN_DATA``, then the project's conjoin.toml, then defaults.

    Raises:
        SettingsError: conjoin.toml cannot be read or has an unknown key.
    """
    project = content.project_root()
    declared: dict[str, Any] = {}
    if project:
        marker = project / content.PROJECT_MARKER
        try:
            sections = tomllib.loads(marker.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{marker}: not valid TOML: {error}") from error
        if unknown := sections.keys() - {"run", *_SECTIONS}:
            raise SettingsError(
                f"{marker}: no section is called {sorted(unknown)[0]!r}; there are [run], [notify], [[briefings]] and "
                "[[answers]]"
            )
        declared = {
            **sections.get("run", {}),
            **{_SECTIONS[name]: told for name, told in sections.items() if name != "run"},
        }
    base = project or Path.cwd()
    in_project = declared.pop("data", None)
    data = os.environ.get("CONJOIN_DATA") or in_project or ".data"
    try:
        return Settings(data=(base / Path(data).expanduser()).resolve(), **declared)
    except ValidationError as error:
        told = "; ".join(_LISTED.sub(_in_place, line) for line in mistakes(error))
        raise SettingsError(f"{content.PROJECT_MARKER}: {told}") from error


def _in_place(found: re.Match[str]) -> str:
    """The place in a list of tables, as people count."""
    section, number, key = found.groups()
    return f"[[{section}]] number {int(number) + 1}{', ' if key else ''}" if number else f"[[{section}]]"
